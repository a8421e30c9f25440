"""Devices a site owns besides its cameras: how each is reached, and how it fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from custos.model.mapping import RecordMapping

SOURCE_KINDS = ("doors", "readers", "panels", "tills", "sensors", "devices", "cameras", "areas", "holders")
"""What of a site may be an event's source: `/sites/<site>/<one of these>/<id>`."""
CLOCK_LIMIT_S = 2.0
"""A door whose clock is further off stands in the wrong order with what its camera saw: with 5 s, of a clock that had
drifted for three days, colleagues who badge one after the other were taken for tailgaters."""
PRIVATE_NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
EVERY_NETWORK = ("0.0.0.0/0", "::/0")
SECRET_LEAST = 20
"""Characters of a token; what is shorter can be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something that tells events.

    Args:
        clock_limit_s: by how much its clock may disagree with ours before that is told.
    """

    kind: ClassVar[str] = ""

    id: str
    name: str
    enabled: bool = True
    clock_limit_s: float = CLOCK_LIMIT_S

    @property
    def camera_ids(self) -> tuple[str, ...]:
        """Cameras of the site whose zones and lines it must know."""
        return ()

    def __post_init__(self) -> None:
        if not self.clock_limit_s > 0:
            raise ValueError(f"device {self.id!r}: clock_limit_s must be more than 0, got {self.clock_limit_s}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDevice(Device):
    """A program that posts to the API. `token`: what it sends as `Authorization: Bearer ...`."""

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        Device.__post_init__(self)
        if len(self.token) < SECRET_LEAST:
            raise ValueError(
                f"device {self.id!r}: a token needs {SECRET_LEAST} characters or more, got {len(self.token)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDevice(TokenDevice):
    """A program that posts CloudEvents with a token of its own.

    Args:
        speaks_for: sources it may use: "doors" for every door, "doors/dock" for one.
    """

    kind: ClassVar[str] = "http"

    speaks_for: tuple[str, ...] = ("doors", "readers", "panels", "tills", "sensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonDevice(TokenDevice):
    """A program that posts records of its own shape, as JSON."""

    kind: ClassVar[str] = "json"

    mapping: RecordMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDevice(Device):
    """A port to which something sends lines of text, one record each.

    Args:
        lines: forms of a line; the first that fits is taken.
        encoding: Python's name of it.
        allow: networks that may connect.
    """

    kind: ClassVar[str] = "lines"

    listen: str
    lines: tuple[str, ...]
    mapping: RecordMapping
    encoding: str = "utf-8"
    allow: tuple[str, ...] = PRIVATE_NETWORKS


def may_speak_for(speaks_for: tuple[str, ...], source: str) -> bool:
    """Whether one of `speaks_for` covers `source`, "/sites/hq/doors/dock"."""
    parts = source.split("/")
    return len(parts) == 5 and (parts[3] in speaks_for or f"{parts[3]}/{parts[4]}" in speaks_for)


NO_DETAILS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PanelSilence:
    """A panel that was told to be silent, and not to be heard again.

    Args:
        heard_at: when it was last heard; for one that never was, since when that was waited for.
    """

    since: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class PanelWait:
    """A panel that was not heard before the server ended, and not for so long yet that it was told to be silent.

    Args:
        waited_s: for how long it was listened to in vain, over all starts since it was last heard.
        limit_s: how long it might be silent then; None: not known.
    """

    waited_s: float
    limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class PanelState:
    """How one panel of a receiver fares.

    Args:
        heard_at: when it was last heard, None if not since the start of the server.
        silent_since: since when it has been silent for too long; None while it is not.
        supervised_s: how long it may be silent; None: for ever.
    """

    panel_id: str
    heard_at: datetime | None
    silent_since: datetime | None
    supervised_s: float | None


NO_PANELS: Mapping[str, PanelState] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DeviceState:
    """How a device fares, since the start of the server.

    Args:
        state: "disabled", "waiting" (for it to speak), "connecting", "connected", "lost".
        reason: in words, why it is not connected; never with credentials.
        heard_at: when it last said something.
        events: how many of its events were new. duplicates: how many were known already.
        late: how many were told more than a minute after they happened.
        misunderstood: how many of its messages made no event. last_misunderstood: the newest, in words.
        clock_offset_s: its clock less ours, None while unknown.
        details: what it says of itself: maker, model, firmware, stream addresses without credentials.
        panels: of a receiver, how each of its panels fares, by id.
    """

    device_id: str
    kind: str
    state: str
    since: datetime
    reason: str = ""
    heard_at: datetime | None = None
    events: int = 0
    duplicates: int = 0
    late: int = 0
    misunderstood: int = 0
    last_misunderstood: str = ""
    clock_offset_s: float | None = None
    details: Mapping[str, str] = field(default_factory=lambda: NO_DETAILS)
    panels: Mapping[str, PanelState] = field(default_factory=lambda: NO_PANELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """An intrusion panel that reports to a receiver.

    Args:
        account: hexadecimal digits, upper case, as the panel sends it.
        key: of AES, 16, 24 or 32 bytes; None for a panel that sends in clear.
        supervised_s: it must be heard at least this often; None: it may be silent.
    """

    id: str
    account: str
    key: bytes | None = field(default=None, repr=False)
    supervised_s: float | None = None

    def __post_init__(self) -> None:
        if self.key is not None and len(self.key) not in (16, 24, 32):
            raise ValueError(f"panel {self.id!r}: a key has 16, 24 or 32 bytes, got {len(self.key)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiaReceiver(Device):
    """A port to which panels send SIA DC-09.

    Args:
        listen: "127.0.0.1:10500"; port 0 is any.
        transports: "tcp", "udp" or both.
        crcs: which are believed; "arc" is the standard's.
        behind_s, ahead_s: the window for the time of encrypted frames (DC-09, 5.5.1.8).
        allow: networks from which panels may report.
    """

    kind: ClassVar[str] = "sia"

    listen: str
    panels: tuple[Panel, ...]
    transports: tuple[str, ...] = ("tcp", "udp")
    crcs: tuple[str, ...] = ("arc",)
    behind_s: float = 40.0
    ahead_s: float = 20.0
    allow: tuple[str, ...] = EVERY_NETWORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An MQTT topic whose messages are records. `filter`: "site/{hall}/doors/{door}"; `+` and `#` stand as well."""

    filter: str
    mapping: RecordMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifPublisher:
    """A device that publishes by ONVIF's own topics.

    Args:
        prefix: of its topics: "BoschCam1" for "BoschCam1/onvif-ej/...".
        camera_id: the camera of the site whose picture it speaks of; None for a door controller.
        names: what its tokens are called in the site file.
    """

    prefix: str
    camera_id: str | None = None
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttBroker(Device):
    """A broker to which devices publish.

    Args:
        version: "5" or "3.1.1".
        ca: a file of the authority that signed the broker's certificate; None: the system's.
    """

    kind: ClassVar[str] = "mqtt"

    host: str
    port: int = 1883
    version: str = "5"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: str | None = None
    client_id: str = ""
    topics: tuple[Topic, ...] = ()
    onvif: tuple[OnvifPublisher, ...] = ()

    @property
    def camera_ids(self) -> tuple[str, ...]:
        return tuple(one.camera_id for one in self.onvif if one.camera_id is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifDevice(Device):
    """A camera or door controller that speaks ONVIF.

    Args:
        url: of its device service, without credentials.
        camera_id: the camera of the site whose picture it speaks of.
        names: what its tokens are called in the site file.
        pull_s: how long it may keep a request for events waiting.
        metadata: whether its own analytics go through the zones and lines of the camera.
        profile: token of the media profile whose stream brings them; "" for the first that has metadata.
    """

    kind: ClassVar[str] = "onvif"

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None
    camera_id: str | None = None
    names: tuple[tuple[str, str], ...] = ()
    pull_s: float = 5.0
    metadata: bool = False
    profile: str = ""

    @property
    def camera_ids(self) -> tuple[str, ...]:
        return () if self.camera_id is None else (self.camera_id,)
