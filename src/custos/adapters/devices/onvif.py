"""An ONVIF device over SOAP: what it is, where its streams are, and its events from a pull-point.

The subscription is renewed when half its time is over, because devices forget subscriptions early, and made anew when
the device does not know it any more. What a device says of its states after that is no news (see onvif_events).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx

from custos.adapters.devices.mapping import Misread
from custos.adapters.devices.onvif_events import OnvifEvents, OnvifMessage, bare_topic
from custos.adapters.devices.onvif_metadata import SceneWalk, frames_of_xml, instant
from custos.adapters.devices.onvif_soap import DEVICE, OnvifClient, OnvifFault, children, first, text_of
from custos.adapters.devices.outlet import Outlet
from custos.adapters.devices.rtsp_metadata import metadata_documents
from custos.adapters.sources.redaction import redact
from custos.model.devices import OnvifDevice
from custos.model.errors import CustosError
from custos.model.event import Event
from custos.model.site import Site

MEDIA = "http://www.onvif.org/ver10/media/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
MANAGER = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager"
SCHEMA = "http://www.onvif.org/ver10/schema"
LIFE_S = 60.0
RENEW_PART = 0.5
CLOCK_EVERY_S = 300.0
MESSAGES = 100
STREAMS = 8
LEAST_WAIT_S = 0.2
FIRST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Subscription:
    address: str
    headers: str
    renew_at: float


class OnvifAdapter:
    """Listens to one device."""

    def __init__(self, device: OnvifDevice, outlet: Outlet, site: Site) -> None:
        self._device = device
        self._outlet = outlet
        camera = site.camera(device.camera_id) if device.camera_id else None
        self._camera = camera
        self._streams_of: dict[str, str] = {}
        """Stream addresses by profile, without credentials."""
        self._with_metadata = ""
        self._events = OnvifEvents(
            site_id=outlet.site_id,
            names=dict(device.names),
            camera_id=camera.id if camera else None,
            scope=device.id,
            since=outlet.attacks_of(),
        )

    async def run(self) -> None:
        """Listen until cancelled. CustosError when the device cannot be reached or refuses."""
        self._outlet.connecting()
        verify: ssl.SSLContext | bool = True
        if self._device.ca is not None:
            try:
                verify = ssl.create_default_context(cafile=self._device.ca)
            except (OSError, ssl.SSLError) as error:
                raise CustosError(f"the authority's file cannot be read: {error}.", where=self._device.ca) from error
        async with httpx.AsyncClient(verify=verify, trust_env=False) as http:
            client = OnvifClient(
                self._device.url,
                username=self._device.username,
                password=self._device.password,
                http=http,
                clock=self._outlet.clock,
            )
            await self._outlet.measured_clock(round(await client.measure(), 3))
            services = await self._introduce(client)
            address = services.get(EVENTS)
            if address is None:
                raise CustosError("the device has no event service.", where=self._device.url)
            try:
                async with asyncio.TaskGroup() as both:
                    watching = both.create_task(self._watch()) if self._device.metadata else None
                    try:
                        await self._listen(client, address)
                    finally:
                        if watching is not None:
                            watching.cancel()
            except BaseExceptionGroup as group:  # so that the reason is told, and not that there is one
                raise group.exceptions[0] from None

    async def _introduce(self, client: OnvifClient) -> Mapping[str, str]:
        """Ask what the device is and where its services and streams are."""
        body = f'<GetDeviceInformation xmlns="{DEVICE}"/>'
        answer = await client.call(client.url, f"{DEVICE}/GetDeviceInformation", body)
        told = {name: text_of(answer, name)[:200] for name in _INFORMATION}
        self._outlet.describe({_INFORMATION[name]: text for name, text in told.items() if text})
        services = await self._services(client)
        if MEDIA in services:
            with contextlib.suppress(OnvifFault):  # a door controller may have the service and no profile
                self._outlet.describe(await self._streams(client, services[MEDIA]))
        return services

    async def _services(self, client: OnvifClient) -> dict[str, str]:
        """Addresses by namespace; older devices tell them as capabilities."""
        body = f'<GetServices xmlns="{DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
        try:
            answer = await client.call(client.url, f"{DEVICE}/GetServices", body)
            services = list(children(answer, "Service"))
            found = {text_of(one, "Namespace"): client.here(text_of(one, "XAddr")) for one in services}
        except OnvifFault:
            found = {}
        if EVENTS in found:
            return found
        body = f'<GetCapabilities xmlns="{DEVICE}"><Category>All</Category></GetCapabilities>'
        answer = await client.call(client.url, f"{DEVICE}/GetCapabilities", body)
        for name, namespace in (("Events", EVENTS), ("Media", MEDIA)):
            address = text_of(first(answer, name), "XAddr")
            if address:
                found[namespace] = client.here(address)
        return found

    async def _streams(self, client: OnvifClient, address: str) -> dict[str, str]:
        """Stream addresses by profile, without credentials."""
        answer = await client.call(address, f"{MEDIA}/GetProfiles", f'<GetProfiles xmlns="{MEDIA}"/>')
        streams: dict[str, str] = {}
        for profile in list(children(answer, "Profiles"))[:STREAMS]:
            token = profile.get("token", "")
            if not self._with_metadata and first(profile, "MetadataConfiguration") is not None:
                self._with_metadata = token
            body = (
                f'<GetStreamUri xmlns="{MEDIA}" xmlns:t="{SCHEMA}"><StreamSetup><t:Stream>RTP-Unicast</t:Stream>'
                "<t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport></StreamSetup>"
                f"<ProfileToken>{_escaped(token)}</ProfileToken></GetStreamUri>"
            )
            uri = text_of(await client.call(address, f"{MEDIA}/GetStreamUri", body), "Uri")
            parts = urlsplit(uri)
            if parts.scheme:
                bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
                self._streams_of[token] = bare
                streams[f"stream {token}"[:80]] = redact(bare)[:500]
        return streams

    async def _listen(self, client: OnvifClient, address: str) -> None:
        loop = asyncio.get_running_loop()
        subscription = await self._subscribe(client, address)
        await self._outlet.connected()
        measured_at = loop.time()
        answered = True
        try:
            while True:
                asked_at = loop.time()
                try:
                    if asked_at >= subscription.renew_at:
                        subscription = await self._renew(client, subscription)
                    answer = await self._pull(client, subscription)
                except OnvifFault:  # forgotten, by a restart of the device or before its time
                    if not answered:
                        raise
                    answered = False
                    subscription = await self._subscribe(client, address)
                    continue
                answered = True
                notifications = list(children(answer, "NotificationMessage"))
                for notification in notifications:
                    await self._outlet.tell_surely(self._understood(notification))
                if not notifications and loop.time() - asked_at < LEAST_WAIT_S:  # it does not wait, so we must
                    await asyncio.sleep(LEAST_WAIT_S)
                if loop.time() - measured_at >= CLOCK_EVERY_S:
                    measured_at = loop.time()
                    await self._outlet.measured_clock(round(await client.measure(), 3))
        finally:
            with contextlib.suppress(CustosError, asyncio.CancelledError):
                await client.call(
                    subscription.address,
                    f"{MANAGER}/UnsubscribeRequest",
                    f'<n:Unsubscribe xmlns:n="{NOTIFICATION}"/>',
                    headers=subscription.headers,
                    wait_s=2,
                )

    async def _watch(self) -> None:
        """The camera's own analytics through its zones and lines; begun again when the stream breaks off."""
        assert self._camera is not None
        pause_s = FIRST_PAUSE_S
        while True:
            walk = SceneWalk(self._camera, site_id=self._outlet.site_id, session=self._outlet.new_walk())
            began_at = asyncio.get_running_loop().time()
            owed: list[Event] = []
            try:
                try:
                    await self._follow(walk)
                except CustosError as error:
                    self._outlet.describe({"metadata": redact(str(error))[:200]})
                owed = walk.end()
                await self._outlet.tell_surely(owed)
            except BaseException:  # mostly that it is cancelled: the store may refuse for ever
                await self._outlet.tell_at_last([*owed, *walk.end()])
                raise
            pause_s = FIRST_PAUSE_S if asyncio.get_running_loop().time() - began_at > 60 else min(2 * pause_s, 60)
            await asyncio.sleep(pause_s)

    async def _follow(self, walk: SceneWalk) -> None:
        profile = self._device.profile or self._with_metadata or next(iter(self._streams_of), "")
        told = self._streams_of.get(profile)
        if told is None:
            raise CustosError(f"there is no stream of profile {profile!r}.")
        parts = urlsplit(told)
        own = urlsplit(self._device.url).hostname or ""
        host = f"[{own}]" if ":" in own else own
        address = parts._replace(netloc=f"{host}:{parts.port or 554}").geturl()
        documents = metadata_documents(address, username=self._device.username, password=self._device.password)
        async for document in documents:
            try:
                frames = frames_of_xml(document)
            except Misread as error:
                self._outlet.misunderstood(f"metadata: {error}")
                continue
            self._outlet.describe({"metadata": "connected"})
            for frame in frames:
                moved = replace(frame, at=frame.at + self._outlet.clock_shift)
                late = walk.late
                await self._outlet.tell_surely(walk.update(moved))
                if walk.late > late:
                    self._outlet.left_out(walk.late - late)

    async def _subscribe(self, client: OnvifClient, address: str) -> _Subscription:
        body = (
            f'<CreatePullPointSubscription xmlns="{EVENTS}">'
            f"<InitialTerminationTime>PT{LIFE_S:.0f}S</InitialTerminationTime></CreatePullPointSubscription>"
        )
        action = f"{EVENTS}/EventPortType/CreatePullPointSubscriptionRequest"
        answer = await client.call(address, action, body)
        reference = first(answer, "SubscriptionReference")
        told = text_of(reference, "Address")
        if not told:
            raise CustosError("the device names no address of its subscription.", where=address)
        parameters = first(reference, "ReferenceParameters")
        headers = "".join(ET.tostring(one, encoding="unicode") for one in (() if parameters is None else parameters))
        subscription = _Subscription(client.here(told), headers, self._renewal(answer))
        with contextlib.suppress(OnvifFault):  # asks for every state; not all devices can
            action = f"{EVENTS}/PullPointSubscription/SetSynchronizationPointRequest"
            body = f'<SetSynchronizationPoint xmlns="{EVENTS}"/>'
            await client.call(subscription.address, action, body, headers=headers)
        return subscription

    async def _renew(self, client: OnvifClient, old: _Subscription) -> _Subscription:
        action = f"{MANAGER}/RenewRequest"
        body = f'<n:Renew xmlns:n="{NOTIFICATION}"><n:TerminationTime>PT{LIFE_S:.0f}S</n:TerminationTime></n:Renew>'
        answer = await client.call(old.address, action, body, headers=old.headers)
        return _Subscription(old.address, old.headers, self._renewal(answer))

    def _renewal(self, answer: ET.Element) -> float:
        """When to renew, of the loop's clock: after half of what the device granted, in its own time."""
        life_s = LIFE_S
        with contextlib.suppress(Misread):
            granted = instant(text_of(answer, "TerminationTime")) - instant(text_of(answer, "CurrentTime"))
            life_s = min(max(granted.total_seconds(), 1.0), LIFE_S)
        return asyncio.get_running_loop().time() + life_s * RENEW_PART

    async def _pull(self, client: OnvifClient, subscription: _Subscription) -> ET.Element:
        wait_s = self._device.pull_s
        body = (
            f'<PullMessages xmlns="{EVENTS}"><Timeout>PT{wait_s:g}S</Timeout>'
            f"<MessageLimit>{MESSAGES}</MessageLimit></PullMessages>"
        )
        action = f"{EVENTS}/PullPointSubscription/PullMessagesRequest"
        return await client.call(subscription.address, action, body, headers=subscription.headers, wait_s=wait_s + 10)

    def _understood(self, notification: ET.Element) -> list[Event]:
        now = self._outlet.clock()
        try:
            return self._events.events(message_of(notification), received_at=now, shift=self._outlet.clock_shift)
        except Misread as error:
            self._outlet.misunderstood(str(error))
            return []


def message_of(notification: ET.Element) -> OnvifMessage:
    """The parts of a NotificationMessage. Misread when one is missing."""
    topic = text_of(notification, "Topic")
    message = next((one for one in children(notification, "Message") if one.get("UtcTime")), None)
    if not topic or message is None:
        raise Misread("a notification has no topic or no message")
    return OnvifMessage(
        topic=bare_topic(topic),
        at=instant(message.get("UtcTime", "")),
        operation=message.get("PropertyOperation", ""),
        source=_items(message, "Source"),
        key=_items(message, "Key"),
        data=_items(message, "Data"),
    )


def _items(message: ET.Element, part: str) -> dict[str, str]:
    items = list(children(first(message, part), "SimpleItem"))
    return {one.get("Name", ""): one.get("Value", "")[:1000] for one in items if one.get("Name")}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


_INFORMATION = {
    "Manufacturer": "maker",
    "Model": "model",
    "FirmwareVersion": "firmware",
    "SerialNumber": "serial number",
    "HardwareId": "hardware",
}
