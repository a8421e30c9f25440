"""ONVIF's events, however they came (pull-point, metadata stream, MQTT), as ours.

    OnvifEvents(site_id, names, camera_id, scope).events(OnvifMessage(...), received_at=...) -> list[Event]

Topics and items are those of ONVIF's Door Control, Access Control, Imaging, Device IO and Analytics specifications.
A property is told when it changes: what a device says again after every subscription is no new event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from custos.adapters.devices.mapping import Misread, id_of
from custos.adapters.devices.outlet import content_id, heard_data
from custos.model.event import Event, Json, source_of
from custos.model.event_shape import DEVICE, SEEN_BY

AHEAD = timedelta(days=1)
NO_SHIFT = timedelta()
DELETED = "Deleted"
STATES_KEPT = 10_000
_ON = frozenset({"true", "1", "active", "on", "tamperdetected", "faultdetected"})


@dataclass(frozen=True, slots=True)
class OnvifMessage:
    """One notification.

    Args:
        topic: without its namespace prefixes: "Door/State/DoorPhysicalState".
        at: the message's UtcTime. operation: "Initialized", "Changed", "Deleted", or "" for what is no property.
        source, key, data: the simple items by name.
    """

    topic: str
    at: datetime
    operation: str
    source: Mapping[str, str]
    key: Mapping[str, str]
    data: Mapping[str, str]


def bare_topic(topic: str) -> str:
    """`topic` without prefixes: "tns1:Door/State/tns1:DoorMode" is "Door/State/DoorMode"."""
    return "/".join(part.rpartition(":")[2] for part in topic.strip().strip("/").split("/") if part)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a message says, before it is an event. `owner`: the kind of its source, "doors"."""

    type: str
    owner: str
    own_id: str
    data: dict[str, Json]
    state: str | None = None  # of a property: told only when it changes
    quiet: bool = False  # a first state that is the usual one is not worth telling
    tamper: bool | None = None  # of a camera: begins (True) or ends (False)


class OnvifEvents:
    """One device's events.

    Args:
        names: what tokens of the device are called in the site file: {"Door1": "dock"}.
        camera_id: whose events those about pictures are; None where there is no such camera.
        scope: goes into the ids, so that two devices with the same tokens are told apart.
        since: by property, when what is done to the camera began, in our time; kept from one connection to the next, it
            lets the next tell the end. All else that a device says of its states at a connection is told again.
    """

    def __init__(
        self,
        *,
        site_id: str,
        names: Mapping[str, str],
        camera_id: str | None,
        scope: str,
        since: dict[tuple[str, str], datetime] | None = None,
    ) -> None:
        self._site_id = site_id
        self._names = names
        self._camera_id = camera_id
        self._scope = scope
        self._states: dict[tuple[str, str], str] = {}
        self._since = since if since is not None else {}

    def events(self, message: OnvifMessage, *, received_at: datetime, shift: timedelta = NO_SHIFT) -> list[Event]:
        """The events of a message; [] for a state that is known. Misread for what is not understood.

        Args:
            shift: what makes the device's time ours; ids are made of the device's own.
        """
        reader = _reader(message.topic)
        if reader is None:
            raise Misread(f"topic {message.topic[:120]!r} is not known")
        at = message.at + shift
        if at - received_at > AHEAD:
            raise Misread(f"the time of {message.topic!r} lies more than a day ahead")
        told = reader(self, message)
        if told is None:
            return []
        key = (message.topic, "|".join(f"{k}={v}" for k, v in sorted((*message.source.items(), *message.key.items()))))
        if told.state is not None and not self._is_news(key, told, message.operation):
            return []
        parts = (*key, message.at.isoformat(), told.type, *(f"{k}={v}" for k, v in sorted(message.data.items())))
        if told.tamper is not None:
            told = self._tampering(key, told, at)
        source = source_of(self._site_id, told.owner, told.own_id)
        data = told.data | heard_data(at, received_at)
        return [Event(content_id(self._scope, *parts), told.type, at, source, None, data)]

    def _is_news(self, key: tuple[str, str], told: _Told, operation: str) -> bool:
        before = self._states.get(key)
        if before is None and key in self._since:
            before = str(True)  # told before the connection was made anew
        if operation == DELETED:
            self._states.pop(key, None)
        elif told.state is not None:
            if len(self._states) >= STATES_KEPT and key not in self._states:
                oldest = next(iter(self._states))
                del self._states[oldest]
                self._since.pop(oldest, None)
            self._states[key] = told.state
        if before is None:
            return not told.quiet and operation != DELETED
        return before != told.state

    # --- doors ---

    def _door(self, message: OnvifMessage, type_: str, state: str, **more: Json) -> _Told:
        door_id = self._name(message, "DoorToken")
        quiet = more.get("active") is False or type_ == "door.mode_changed"
        return _Told(type_, "doors", door_id, {"door_id": door_id, **more}, state, quiet)

    def _physical(self, message: OnvifMessage) -> _Told | None:
        return self._of_state(message, {"Open": "door.opened", "Closed": "door.closed"})

    def _lock(self, message: OnvifMessage) -> _Told | None:
        return self._of_state(message, {"Locked": "door.locked", "Unlocked": "door.unlocked"})

    def _of_state(self, message: OnvifMessage, types: Mapping[str, str]) -> _Told | None:
        state = _item(message, "State")
        return self._door(message, types[state], state) if state in types else None  # Unknown and Fault say nothing

    def _mode(self, message: OnvifMessage) -> _Told:
        state = _item(message, "State")
        return self._door(message, "door.mode_changed", state, mode=state)

    def _alarm(self, message: OnvifMessage) -> _Told:
        state = _item(message, "State")
        return self._door(message, "door.alarmed", state, alarm=state)

    def _tamper(self, message: OnvifMessage) -> _Told:
        return self._flagged(message, "door.tampered")

    def _fault(self, message: OnvifMessage) -> _Told:
        return self._flagged(message, "door.faulted")

    def _flagged(self, message: OnvifMessage, type_: str) -> _Told:
        active = _is_on(_item(message, "State")) and message.operation != DELETED
        reason = message.data.get("Reason", "")
        more: dict[str, Json] = {"detail": reason} if reason else {}
        return self._door(message, type_, str(active), active=active, **more)

    # --- access ---

    def _access(self, message: OnvifMessage, type_: str) -> _Told:
        reader_id = self._name(message, "AccessPointToken")
        door_id = self._names.get(f"door of {message.source['AccessPointToken']}", reader_id)
        data: dict[str, Json] = {"door_id": door_id, "reader_id": reader_id}
        credential = message.data.get("CredentialToken") or message.data.get("Card")
        if credential and type_ != "exit.requested":
            data["credential"] = credential[:200]
        if type_ == "access.denied":
            unknown = "CredentialNotFound" if "CredentialNotFound" in message.topic else "Other"
            data["reason"] = message.data.get("Reason") or unknown
        return _Told(type_, "doors", door_id, data)

    def _reader_tampered(self, message: OnvifMessage) -> _Told:
        told = self._access(message, "reader.tampered")
        active = _is_on(message.data.get("Active", message.data.get("State", ""))) and message.operation != DELETED
        return _Told(
            "reader.tampered", told.owner, told.own_id, {**told.data, "active": active}, str(active), not active
        )

    # --- pictures and contacts ---

    def _motion(self, message: OnvifMessage) -> _Told | None:
        active = _is_on(message.data.get("State", message.data.get("IsMotion", ""))) and message.operation != DELETED
        named = self._picture_name(message)
        type_ = "motion.started" if active else "motion.ended"
        return self._of_camera(type_, {"source": named} if named else {}, active)

    def _camera_alarm(self, message: OnvifMessage) -> _Told | None:
        values = [text for text in message.data.values() if text.lower() in ("true", "false", "1", "0")]
        is_property = bool(message.operation)
        active = (_is_on(values[0]) if values else True) and message.operation != DELETED
        named = self._picture_name(message)
        data: dict[str, Json] = {"topic": "tns1:" + message.topic, "active": active}
        data |= {"source": named} if named else {}
        detail = ", ".join(f"{name} {text}" for name, text in (*message.key.items(), *message.data.items()))
        data |= {"detail": detail[:500]} if detail else {}
        told = self._of_camera("camera.alarmed", data, active)
        return (
            told if told is None or (is_property and values) else _Told(told.type, told.owner, told.own_id, told.data)
        )

    def _tamper_alarm(self, message: OnvifMessage, type_: str, words: str, **more: Json) -> _Told | None:
        """Something was done to the camera, or is over. What is no property, or says no state, has no end."""
        alarm = self._camera_alarm(message)
        if alarm is None or (alarm.state is None and not alarm.data["active"]):
            return None
        data: dict[str, Json] = {"words": words, "onvif_topic": alarm.data["topic"], SEEN_BY: DEVICE, **more}
        data |= {name: alarm.data[name] for name in ("source", "detail") if name in alarm.data}
        return replace(alarm, type=type_, data=data, tamper=alarm.data["active"] is True)

    def _tampering(self, key: tuple[str, str], told: _Told, at: datetime) -> _Told:
        """With since when, and as `camera.restored` where it is over."""
        if told.tamper:
            if told.state is not None:
                self._since[key] = at
                if len(self._since) > STATES_KEPT:
                    del self._since[next(iter(self._since))]
            return replace(told, data={"since": _text(at), **told.data})
        since = self._since.pop(key, at)
        over = {name: told.data[name] for name in ("onvif_topic", SEEN_BY, "source", "detail") if name in told.data}
        lasted_s = round(max(0.0, (at - since).total_seconds()), 1)
        data: dict[str, Json] = {"was": told.type, "since": _text(since), "duration_s": lasted_s, **over}
        return replace(told, type="camera.restored", data=data)

    def _of_camera(self, type_: str, data: dict[str, Json], active: bool) -> _Told | None:
        if self._camera_id is None:
            return None
        return _Told(type_, "cameras", self._camera_id, data, str(active), not active)

    def _picture_name(self, message: OnvifMessage) -> str:
        return next((message.source[name] for name in ("Rule", *message.source) if message.source.get(name)), "")[:200]

    def _contact(self, message: OnvifMessage) -> _Told:
        token = next(iter(message.source.values()), "")
        sensor_id = self._names.get(token) or id_of(f"{self._scope}-{token}")
        active = (
            _is_on(message.data.get("LogicalState", message.data.get("State", ""))) and message.operation != DELETED
        )
        quantity = "relay" if message.topic.endswith("Relay") else "contact"
        data: dict[str, Json] = {"sensor_id": sensor_id, "quantity": quantity}
        type_ = "sensor.triggered" if active else "sensor.cleared"
        return _Told(type_, "sensors", sensor_id, data, str(active), not active)

    def _name(self, message: OnvifMessage, item: str) -> str:
        token = message.source.get(item)
        if not token:
            raise Misread(f"{message.topic} names no {item}")
        return self._names.get(token) or id_of(token)


def _item(message: OnvifMessage, name: str) -> str:
    value = message.data.get(name)
    if not value:
        raise Misread(f"{message.topic} says no {name}")
    return value


def _is_on(text: str) -> bool:
    return text.strip().lower() in _ON


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Reader = Callable[[OnvifEvents, OnvifMessage], _Told | None]


def _passage(type_: str) -> _Reader:
    return lambda events, message: events._access(message, type_)


def _tampered(type_: str, words: str, **more: Json) -> _Reader:
    return lambda events, message: events._tamper_alarm(message, type_, words, **more)


_AT_IT = _tampered("camera.tampered", "The camera says that somebody is at it: its view has changed at once.")


def _nothing(events: OnvifEvents, message: OnvifMessage) -> None:
    """Understood, and of no interest."""


_READERS: tuple[tuple[str, _Reader], ...] = (
    ("Door/State/DoorPhysicalState", OnvifEvents._physical),
    ("Door/State/LockPhysicalState", OnvifEvents._lock),
    ("Door/State/DoorMode", OnvifEvents._mode),
    ("Door/State/DoorAlarm", OnvifEvents._alarm),
    ("Door/State/DoorTamper", OnvifEvents._tamper),
    ("Door/State/DoorFault", OnvifEvents._fault),
    ("Door/State", _nothing),
    ("AccessControl/AccessGranted", _passage("access.granted")),
    ("AccessControl/AccessTaken", _passage("access.taken")),
    ("AccessControl/AccessNotTaken", _passage("access.not_taken")),
    ("AccessControl/Denied", _passage("access.denied")),
    ("AccessControl/Duress", _passage("access.coerced")),
    ("AccessControl/Request/Anonymous", _passage("exit.requested")),
    ("AccessControl/Request", _nothing),
    ("AccessPoint/State/Tampering", OnvifEvents._reader_tampered),
    ("AccessPoint/State", _nothing),
    ("Device/Trigger/DigitalInput", OnvifEvents._contact),
    ("Device/Trigger/Relay", OnvifEvents._contact),
    ("VideoSource/MotionAlarm", OnvifEvents._motion),
    ("RuleEngine/CellMotionDetector/Motion", OnvifEvents._motion),
    ("RuleEngine/MotionRegionDetector/Motion", OnvifEvents._motion),
    ("VideoSource/GlobalSceneChange", _AT_IT),
    ("VideoSource/Tampering", _AT_IT),
    ("RuleEngine/TamperDetector", _AT_IT),
    (
        "VideoSource/ImageTooDark",
        _tampered("camera.blinded", "The camera says that its picture is too dark.", cause="dark"),
    ),
    (
        "VideoSource/ImageTooBright",
        _tampered("camera.blinded", "The camera says that its picture is too bright.", cause="bright"),
    ),
    ("VideoSource/ImageTooBlurry", _tampered("camera.defocused", "The camera says that its picture is blurred.")),
    ("VideoSource/SignalLoss", _tampered("camera.signal_lost", "The device says that the camera's picture is gone.")),
    ("VideoSource", OnvifEvents._camera_alarm),
    ("RuleEngine", OnvifEvents._camera_alarm),
    ("Monitoring", _nothing),
    ("Configuration", _nothing),
    ("Media", _nothing),
    ("Device", _nothing),
    ("RecordingConfig", _nothing),
    ("RecordingHistory", _nothing),
    ("PTZController", _nothing),
    ("UserAlarm", _nothing),
    ("LightControl", _nothing),
)


def _reader(topic: str) -> _Reader | None:
    """Of the first entry that `topic` begins with."""
    return next((reader for known, reader in _READERS if topic == known or topic.startswith(known + "/")), None)


def known_topic(topic: str) -> str:
    """The part of an MQTT topic that is an event's: what follows are the values of its source."""
    parts = topic.split("/")
    ends = [i for i, part in enumerate(parts) if part.startswith("&")]
    return "/".join(parts[: ends[0]]) if ends else topic
