"""MQTT 3.1.1 and 5: messages of a broker as events, by templates of the site file, and ONVIF's own topics as they are.

A message is acknowledged to the broker only when it is stored. The session outlives the connection, so what is
published with QoS 1 while this side is away comes when it is back.

A camera that falls silent, or whose broker is gone, says nothing of who has left its picture: after `QUIET_S` without a
scene description, and when the connection ends, everybody leaves where last seen. What is owed so is kept until it is
stored; where this side ends, it is told once more.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from custos.adapters.devices.mapping import FIELD, Mapper, Misread, flat
from custos.adapters.devices.onvif_events import DELETED, OnvifEvents, OnvifMessage, bare_topic, known_topic
from custos.adapters.devices.onvif_metadata import SceneWalk, frames_of_json, instant
from custos.adapters.devices.outlet import Outlet
from custos.model.devices import MqttBroker, OnvifPublisher, Topic
from custos.model.errors import CustosError
from custos.model.event import Event, Json
from custos.model.site import Site

SESSION = timedelta(days=1)
"""How long a broker keeps what comes while this side is away."""
KEEPALIVE_S = 30
MOST_BYTES = 1 << 20
LULL_S = 1.0
"""After so much without a scene description those that wait to be put in order are taken as they are."""
QUIET_S = 60.0
"""Even an empty scene has its heartbeats."""
TEND_S = 0.5
EVENTS, SCENES = "onvif-ej", "onvif-mj"

Understand = Callable[[str, bytes, datetime], list[Event]]
"""Of topic, payload and when it came: the events, or Misread."""


class MqttAdapter:
    """Listens to the topics of one broker.

    Args:
        steady: seconds of a clock that nobody sets.
    """

    def __init__(
        self, device: MqttBroker, outlet: Outlet, site: Site, *, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._device = device
        self._outlet = outlet
        self._turn = asyncio.Lock()
        self._publishers: list[OnvifTopics] = []
        self._routes: list[tuple[str, Understand, bool, str]] = []
        """What listens, what understands it, whether it tells times, and whose clock that is."""
        for topic in device.topics:
            reader = TopicReader(topic, outlet)
            self._routes.append((reader.filter, reader.events, topic.mapping.tells_time, reader.filter))
        for publisher in device.onvif:
            reader_of_onvif = OnvifTopics(publisher, outlet, site, steady=steady)
            self._publishers.append(reader_of_onvif)
            for word in (EVENTS, SCENES):
                self._routes.append((f"{publisher.prefix}/{word}/#", reader_of_onvif.events, True, publisher.prefix))

    async def run(self) -> None:
        """Listen until cancelled. CustosError when the broker cannot be reached, refuses, or hangs up."""
        device = self._device
        self._outlet.connecting()
        is_5 = device.version == "5"
        properties = Properties(PacketTypes.CONNECT) if is_5 else None  # type: ignore[no-untyped-call]
        if properties is not None:
            properties.SessionExpiryInterval = int(SESSION.total_seconds())
        client = aiomqtt.Client(
            device.host,
            device.port,
            identifier=device.client_id or f"custos-{self._outlet.site_id}-{device.id}",
            username=device.username,
            password=device.password,
            protocol=aiomqtt.ProtocolVersion.V5 if is_5 else aiomqtt.ProtocolVersion.V311,
            clean_session=None if is_5 else False,
            clean_start=False if is_5 else 3,
            properties=properties,
            tls_context=ssl.create_default_context(cafile=device.ca) if device.tls else None,
            keepalive=KEEPALIVE_S,
            timeout=15,
        )
        # aiomqtt acknowledges on arrival; paho, on which it stands, can leave that to us.
        client._client.manual_ack_set(True)
        try:
            try:
                await self._listen(client)
            except Exception:  # of whatever kind: the connection is over
                await self._leave(lull_s=0.0, quiet_s=0.0)
                raise
        except asyncio.CancelledError:
            owing = [(of, scene) for of in self._publishers for scene in of.quiet(lull_s=0.0, quiet_s=0.0)]
            await self._outlet.tell_at_last([event for of, scene in owing for event in self._ours(of, scene)])
            raise
        except aiomqtt.MqttError as error:
            raise CustosError(f"{device.host}:{device.port}: {_reason(error)}.") from error
        except (OSError, ssl.SSLError) as error:
            raise CustosError(f"{device.host}:{device.port}: {error.strerror or error}.") from error

    async def _listen(self, client: aiomqtt.Client) -> None:
        """Take messages in, and tend the cameras beside; what ends either ends both."""
        try:
            async with client, asyncio.TaskGroup() as tasks:
                for filter_, *_ in self._routes:
                    await client.subscribe(filter_, qos=1)
                await self._outlet.connected()
                tasks.create_task(self._tend())
                async for message in client.messages:
                    async with self._turn:
                        await self._take(message)
                    client._client.ack(message.mid, message.qos)
        except ExceptionGroup as group:  # the first of them is why
            raise group.exceptions[0] from group

    async def _tend(self) -> None:
        """See to the cameras that have fallen silent."""
        while True:
            await asyncio.sleep(TEND_S)
            async with self._turn:
                await self._leave(lull_s=LULL_S, quiet_s=QUIET_S)

    async def _leave(self, *, lull_s: float, quiet_s: float) -> None:
        for publisher in self._publishers:
            for scene in publisher.quiet(lull_s=lull_s, quiet_s=quiet_s):
                await self._outlet.tell_surely(self._ours(publisher, scene))
                scene.owed.clear()

    def _ours(self, publisher: OnvifTopics, scene: _Scene) -> list[Event]:
        return self._outlet.in_our_time(scene.owed, scene.heard_at, part=publisher.prefix)

    async def _take(self, message: aiomqtt.Message) -> None:
        topic, now = str(message.topic), self._outlet.clock()
        payload = message.payload if isinstance(message.payload, bytes) else str(message.payload or "").encode()
        for filter_, understand, tells_time, part in self._routes:
            if not message.topic.matches(filter_):
                continue
            if message.retain and not tells_time:
                return  # the last state, told again at every connection, without saying since when
            try:
                if len(payload) > MOST_BYTES:
                    raise Misread(f"a message has at most {MOST_BYTES} bytes, got {len(payload)}")
                events = understand(topic, payload, now)
            except Misread as error:
                self._outlet.misunderstood(f"{topic[:120]}: {error}")
                return
            if not tells_time:
                await self._outlet.tell_surely(events)
                return
            await self._outlet.tell_surely(self._outlet.in_our_time(events, now, part=part))
            if events and payload and not message.retain:  # what is deleted says no time
                await self._outlet.heard_clock(events[-1].at, now, part=part)
            return


def _reason(error: aiomqtt.MqttError) -> str:
    """In words, without what was sent."""
    return str(error).strip() or type(error).__name__


class TopicReader:
    """Messages of a topic of the site file, as records: the payload's fields, and those that the topic names."""

    def __init__(self, topic: Topic, outlet: Outlet) -> None:
        self._levels = topic.filter.split("/")
        self.filter = "/".join("+" if FIELD.search(level) else level for level in self._levels)
        self._mapper = Mapper(topic.mapping, site_id=outlet.site_id, scope=outlet.device.id)

    def events(self, topic: str, payload: bytes, received_at: datetime) -> list[Event]:
        """Misread when the message makes none; an empty one only takes a retained message back."""
        if not payload:
            return []
        return self._mapper.events({**_record(payload), **self._named(topic)}, received_at=received_at)

    def _named(self, topic: str) -> dict[str, str]:
        named = {"topic": topic}
        for level, text in zip(self._levels, topic.split("/"), strict=False):
            found = FIELD.fullmatch(level)
            if found:
                named[found[1]] = text
        return named


def _record(payload: bytes) -> dict[str, str]:
    """The fields of a JSON object; of anything else the field `payload`."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Misread("the payload is not UTF-8 text") from error
    try:
        told: Json = json.loads(text)
    except (ValueError, RecursionError):
        told = text
    if isinstance(told, dict):
        return flat(told)
    return flat({"payload": told})


@dataclass(slots=True)
class _Scene:
    """What one analytics module publishes.

    Args:
        steady_s: when it was last heard, of a clock that nobody sets.
        owed: what its silence says, until that is stored.
    """

    walk: SceneWalk
    heard_at: datetime
    steady_s: float
    is_flushed: bool = False
    is_ended: bool = False
    owed: list[Event] = field(default_factory=list)


class OnvifTopics:
    """A device that publishes by ONVIF: `PREFIX/onvif-ej/<topic>/...` and `PREFIX/onvif-mj/VideoAnalytics/...`.

    Args:
        steady: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        publisher: OnvifPublisher,
        outlet: Outlet,
        site: Site,
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.prefix = publisher.prefix
        self._steady = steady
        self._outlet = outlet
        camera = site.camera(publisher.camera_id) if publisher.camera_id else None
        self._camera = camera
        self._scenes: dict[str, _Scene] = {}
        self._known: dict[str, OnvifMessage] = {}
        """The last message of each topic: a property that is deleted is told by its topic alone."""
        self._events = OnvifEvents(
            site_id=outlet.site_id,
            names=dict(publisher.names),
            camera_id=camera.id if camera else None,
            scope=f"{outlet.device.id}/{publisher.prefix}",
            since=outlet.attacks_of(publisher.prefix),
        )

    def events(self, topic: str, payload: bytes, received_at: datetime) -> list[Event]:
        """Misread when the message makes none."""
        word, _, rest = topic.removeprefix(f"{self.prefix}/").partition("/")
        return self._scene(rest, payload, received_at) if word == SCENES else self._event(rest, payload, received_at)

    def quiet(self, *, lull_s: float, quiet_s: float) -> list[_Scene]:
        """Modules that owe what their silence says, now or since before; whoever stores it clears `owed`.

        Args:
            lull_s: after so much silence what waits to be put in order is taken. quiet_s: everybody leaves.
        """
        for scene in self._scenes.values():
            quiet_for_s = self._steady() - scene.steady_s
            if quiet_for_s >= quiet_s and not scene.is_ended:
                scene.is_flushed = scene.is_ended = True
                scene.owed += scene.walk.end()
            elif quiet_for_s >= lull_s and not scene.is_flushed:
                scene.is_flushed = True
                scene.owed += scene.walk.flush()
        return [scene for scene in self._scenes.values() if scene.owed]

    def _scene(self, topic: str, payload: bytes, received_at: datetime) -> list[Event]:
        if not topic.startswith("VideoAnalytics") or self._camera is None or not payload:
            return []
        scene = self._scenes.get(topic)
        if scene is None:
            if len(self._scenes) >= 16:
                raise Misread("more than 16 analytics modules publish under one prefix")
            walk = SceneWalk(self._camera, site_id=self._outlet.site_id, session=self._outlet.new_walk())
            scene = self._scenes[topic] = _Scene(walk, received_at, self._steady())
        frames, late = frames_of_json(payload), scene.walk.late
        scene.heard_at, scene.steady_s = received_at, self._steady()
        scene.is_flushed = scene.is_ended = False
        events = [event for frame in frames for event in scene.walk.update(frame)]
        if scene.walk.late > late:
            self._outlet.left_out(scene.walk.late - late, part=self.prefix)
        return events

    def _event(self, topic: str, payload: bytes, received_at: datetime) -> list[Event]:
        name = bare_topic(known_topic(topic))
        if not payload:
            return self._deleted(topic, received_at)
        try:
            told = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise Misread("the event is not JSON") from error
        if not isinstance(told, dict):
            raise Misread("the event is not a JSON object")
        message = OnvifMessage(
            topic=name,
            at=instant(str(told.get("UtcTime", ""))),
            operation=str(told.get("PropertyOperation", "")),
            source=_items(told.get("Source")),
            key=_items(told.get("Key")),
            data=_items(told.get("Data")),
        )
        self._known[topic] = message
        if len(self._known) > 10_000:
            del self._known[next(iter(self._known))]
        return self._events.events(message, received_at=received_at)

    def _deleted(self, topic: str, received_at: datetime) -> list[Event]:
        """A zero-byte payload: the property is no more (ONVIF Core, JSON over MQTT)."""
        before = self._known.pop(topic, None)
        if before is None:
            return []
        return self._events.events(replace(before, at=received_at, operation=DELETED), received_at=received_at)


def _items(told: object) -> Mapping[str, str]:
    """Simple items in either form: {"State": true}, or {"SimpleItem": [{"Name": "State", "Value": "true"}]}."""
    if not isinstance(told, dict):
        return {}
    listed = told.get("SimpleItem")
    if isinstance(listed, dict):
        listed = [listed]
    if isinstance(listed, list):
        pairs = [(one.get("Name", one.get("@Name")), one.get("Value", one.get("@Value"))) for one in listed
                 if isinstance(one, dict)]  # fmt: skip
    else:
        pairs = list(told.items())
    return {str(name): _text(value) for name, value in pairs if name is not None and not isinstance(value, dict | list)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)[:1000]
