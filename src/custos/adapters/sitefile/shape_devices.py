"""The entries of `devices:`, one shape for each `kind`, and the devices they describe."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal, TypedDict
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Discriminator, Field, model_validator

from custos.adapters.devices.mapping import fields_of, unknown_fields
from custos.adapters.sitefile.fields import ONE_LINE, Entry, Id, Name, refusal
from custos.adapters.sitefile.problems import did_you_mean
from custos.adapters.sitefile.shape_mapping import EventEntry, Line, MappingPart
from custos.model.devices import (
    CLOCK_LIMIT_S,
    EVERY_NETWORK,
    PRIVATE_NETWORKS,
    SECRET_LEAST,
    SOURCE_KINDS,
    Device,
    HttpDevice,
    JsonDevice,
    LineDevice,
    MqttBroker,
    OnvifDevice,
    OnvifPublisher,
    Panel,
    SiaReceiver,
    Topic,
)
from custos.model.site import ID_PATTERN


def _speakable(source: str) -> str:
    kind, slash, one = source.partition("/")
    if kind not in SOURCE_KINDS:
        raise refusal(f"{kind!r} is nothing events come from", did_you_mean(kind, SOURCE_KINDS))
    if slash and not ID_PATTERN.fullmatch(one):
        raise refusal(f"{source!r} names no id after the '/'", "Write 'doors' for all of them, 'doors/dock' for one.")
    return source


def _long_enough(token: str) -> str:
    if len(token) < SECRET_LEAST:
        raise refusal(
            f"a token needs {SECRET_LEAST} characters or more, this one has {len(token)}",
            "Make one: openssl rand -hex 24",
        )
    return token


Token = Annotated[str, Field(max_length=500), AfterValidator(_long_enough)]


class _DeviceEntry(Entry):
    id: Id = Field(description="Unique within the site.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    enabled: bool = Field(True, description="Whether the device is listened to.")
    clock_limit_s: Annotated[float, Field(gt=0, le=86_400)] = Field(
        CLOCK_LIMIT_S, description="By how much its clock may disagree with this machine's before that is told."
    )


class HttpEntry(_DeviceEntry):
    """A program that posts CloudEvents."""

    kind: Literal["http"] = Field(description="Posts CloudEvents to /api/v1/events.")
    token: Token = Field(description="Its bearer token, as ${ENV} or !secret.")
    speaks_for: Annotated[list[Annotated[str, AfterValidator(_speakable)]], Field(min_length=1)] = Field(
        ["doors", "readers", "panels", "tills", "sensors"],
        description="Sources it may use: 'doors' for every door, 'doors/dock' for one.",
    )


_HEX_DIGITS = {32: 16, 48: 24, 64: 32}
"""Hexadecimal digits of an AES key, with its bytes."""
_REFUSED = "0" * 64
"""What the reader puts in place of a secret that it has refused already."""


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{3,16}", text):
        raise refusal(f"an account is 3 to 16 hexadecimal digits, got {text!r}", "Write it as the panel sends it.")
    return text.upper()


def _listenable(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise refusal(f"{text!r} is no address to listen on", "Write it like '0.0.0.0:10500'.")
    return text


Listen = Annotated[str, Field(max_length=300, pattern=ONE_LINE), AfterValidator(_listenable)]


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise refusal(f"{text!r} is no network", "Write it like '192.168.7.0/24'.") from error
    return text


Networks = Annotated[list[Annotated[str, AfterValidator(_network)]], Field(min_length=1, max_length=1000)]


class PanelEntry(Entry):
    """An intrusion panel that reports to this receiver."""

    id: Id = Field(description="Unique within the site; the panel's events come from /sites/SITE/panels/ID.")
    account: Annotated[str, AfterValidator(_account)] = Field(description="3 to 16 hexadecimal digits, in quotes.")
    key: Annotated[str, Field(max_length=64)] | None = Field(
        None,
        description="AES key as ${ENV} or !secret. With one, frames in clear are refused.",
    )
    key_form: Literal["hex", "text"] = Field(
        "hex", description="How the key is written: 32, 48 or 64 hexadecimal digits, or 16, 24 or 32 characters."
    )
    supervised_s: Annotated[float, Field(ge=10, le=31 * 86_400)] | None = Field(
        None, description="It must be heard at least this often; it may be silent for ever when left out."
    )

    @model_validator(mode="after")
    def _has_a_sound_key(self) -> PanelEntry:
        self.key_bytes()
        return self

    def key_bytes(self) -> bytes | None:
        """The key as AES takes it."""
        if self.key is None:
            return None
        if self.key_form == "text" and self.key != _REFUSED:
            key = self.key.encode()
            if len(key) not in _HEX_DIGITS.values():
                raise refusal(f"a key in text has 16, 24 or 32 characters, this one has {len(key)}")
            return key
        if len(self.key) not in _HEX_DIGITS or not re.fullmatch("[0-9A-Fa-f]*", self.key):
            what = f"a key has 32, 48 or 64 hexadecimal digits, this one has {len(self.key)} characters"
            raise refusal(what, "Is it written as text? Then say 'key_form: text'.")
        return bytes.fromhex(self.key)


class SiaEntry(_DeviceEntry):
    """A receiver of SIA DC-09, for intrusion panels."""

    kind: Literal["sia"] = Field(description="Receives SIA DC-09 from intrusion panels.")
    listen: Listen = Field("0.0.0.0:10500", description="Address and port, '0.0.0.0:10500'.")
    transports: Annotated[list[Literal["tcp", "udp"]], Field(min_length=1)] = Field(
        ["tcp", "udp"], description="How panels reach it."
    )
    crcs: Annotated[list[Literal["arc", "modbus", "xmodem", "ccitt"]], Field(min_length=1)] = Field(
        ["arc"], description="Which CRCs are believed; 'arc' is the standard's."
    )
    behind_s: Annotated[float, Field(gt=0, le=86_400)] = Field(
        40, description="By how much the time of an encrypted frame may lie behind ours."
    )
    ahead_s: Annotated[float, Field(gt=0, le=86_400)] = Field(20, description="By how much it may lie ahead.")
    allow: Networks = Field(
        list(EVERY_NETWORK), description="Networks from which panels may report; every one when left out."
    )
    panels: Annotated[list[PanelEntry], Field(min_length=1, max_length=10_000)] = Field(
        description="The panels that report here."
    )

    @model_validator(mode="after")
    def _has_accounts_of_their_own(self) -> SiaEntry:
        accounts: set[str] = set()
        for panel in self.panels:
            if panel.account in accounts:
                raise refusal(f"account {panel.account!r} is used by two panels", "Every panel has its own.")
            accounts.add(panel.account)
        return self


class JsonEntry(MappingPart, _DeviceEntry):
    """A program, as a till's, that posts records of its own shape."""

    kind: Literal["json"] = Field(description="Posts JSON records to /api/v1/devices/ID/records.")
    token: Token = Field(description="Its bearer token, as ${ENV} or !secret.")


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise refusal(f"no encoding is called {name!r}", "Try 'utf-8' or 'cp1252'.") from error
    return name


class LinesEntry(MappingPart, _DeviceEntry):
    """A port to which something, as a till, sends lines of text."""

    kind: Literal["lines"] = Field(description="Sends lines of text over TCP.")
    listen: Listen = Field(description="Address and port, '192.168.7.2:9100'.")
    lines: Annotated[list[Line], Field(min_length=1, max_length=50)] = Field(
        description="Forms of a line, '{time};{till};{amount}'; the first that fits is taken."
    )
    encoding: Annotated[str, Field(max_length=40), AfterValidator(_encoding)] = Field(
        "utf-8", description="How text is written."
    )
    allow: Networks = Field(
        list(PRIVATE_NETWORKS), description="Networks that may connect; private ones when left out."
    )

    @model_validator(mode="after")
    def _names_fields_of_its_lines(self) -> LinesEntry:
        known = [name for form in self.lines for name in fields_of(form)]
        for name in unknown_fields(self.mapping("UTC"), known):
            raise refusal(f"no line has a field {name!r}", did_you_mean(name, known))
        return self


def _topic_filter(text: str) -> str:
    levels = _checked_template(text).split("/")
    wrong = any("{" in level and not re.fullmatch(r"\{[^{}]+\}", level) for level in levels)
    if wrong or "#" in levels[:-1] or any(len(level) > 1 and set(level) & {"+", "#"} for level in levels):
        raise refusal(f"{text!r} is no topic", "A field, '+' or '#' is a whole level: 'site/{hall}/doors/{door}/#'.")
    return text


def _checked_template(text: str) -> str:
    try:
        fields_of(text)
    except ValueError as error:
        raise refusal(str(error), "Write a level's name as '{field}'.") from error
    return text


class TopicEntry(MappingPart):
    """A topic whose messages are records."""

    topic: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_topic_filter)] = Field(
        description="'site/{hall}/doors/{door}': levels in braces are fields; '+' and '#' stand as in MQTT."
    )


def _prefix(text: str) -> str:
    if set(text) & {"+", "#"} or text.startswith("/") or text.endswith("/"):
        raise refusal(f"{text!r} is no prefix of topics", "Write what stands before '/onvif-ej/', without wildcards.")
    return text


class PublisherEntry(Entry):
    """A device that publishes by ONVIF's own topics."""

    prefix: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_prefix)] = Field(
        description="What stands before '/onvif-ej/' and '/onvif-mj/'."
    )
    camera: str | None = Field(None, description="The camera of the site whose picture it speaks of.")
    names: dict[str, Id] = Field({}, description="What its tokens are called in the site file.")


class MqttEntry(_DeviceEntry):
    """An MQTT broker to which devices publish."""

    kind: Literal["mqtt"] = Field(description="Listens to topics of an MQTT broker.")
    host: Annotated[str, Field(min_length=1, max_length=300, pattern=ONE_LINE)] = Field(description="The broker.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(1883, description="Its port; 8883 is usual with TLS.")
    version: Literal["5", "3.1.1"] = Field("5", description="Of MQTT, in quotes.")
    username: Name | None = Field(None, description="Asked for by the broker.")
    password: Annotated[str, Field(max_length=1000)] | None = Field(None, description="As ${ENV} or !secret.")
    tls: bool = Field(False, description="Whether the connection is encrypted.")
    ca: Name | None = Field(
        None, description="File of the authority that signed the broker's certificate; the system's when left out."
    )
    client_id: Annotated[str, Field(max_length=65, pattern=ONE_LINE)] = Field(
        "", description="What this side calls itself; 'custos-SITE-ID' when left out."
    )
    topics: list[TopicEntry] = Field([], max_length=1000, description="Topics whose messages are records.")
    onvif: list[PublisherEntry] = Field([], max_length=1000, description="Devices that publish by ONVIF's topics.")

    @model_validator(mode="after")
    def _listens_to_something(self) -> MqttEntry:
        if not self.topics and not self.onvif:
            raise refusal("the broker is listened to for nothing", "Add 'topics' or 'onvif'.")
        return self


def _onvif_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        what = "an ONVIF device's url is http(s)://HOST/onvif/device_service, without name and password"
        raise refusal(what, "Write those as 'username' and 'password'.")
    return text


class OnvifEntry(_DeviceEntry):
    """A camera or door controller that speaks ONVIF."""

    kind: Literal["onvif"] = Field(description="Asks an ONVIF device for its events.")
    url: Annotated[str, Field(max_length=1000, pattern=ONE_LINE), AfterValidator(_onvif_url)] = Field(
        description="Of its device service: http://192.0.2.7/onvif/device_service."
    )
    username: Name | None = Field(None, description="Of an account on the device.")
    password: Annotated[str, Field(max_length=1000)] | None = Field(None, description="As ${ENV} or !secret.")
    ca: Name | None = Field(
        None, description="File of the authority that signed the device's certificate; the system's when left out."
    )
    camera: str | None = Field(None, description="The camera of the site whose picture it speaks of.")
    names: dict[str, Id] = Field({}, description="What its tokens are called in the site file.")
    pull_s: Annotated[float, Field(ge=0.1, le=60)] = Field(
        5, description="How long the device may keep a request for events waiting."
    )
    metadata: bool = Field(False, description="Whether its own analytics go through the zones and lines of the camera.")
    profile: Annotated[str, Field(max_length=100, pattern=ONE_LINE)] = Field(
        "", description="Media profile whose stream brings them; the first that has metadata when left out."
    )

    @model_validator(mode="after")
    def _has_a_camera_for_its_metadata(self) -> OnvifEntry:
        if self.metadata and self.camera is None:
            raise refusal("'metadata' needs 'camera': whose zones and lines they go through", "Add 'camera: ID'.")
        return self


DeviceEntry = Annotated[HttpEntry | SiaEntry | JsonEntry | LinesEntry | MqttEntry | OnvifEntry, Discriminator("kind")]
ENTRIES: tuple[type[BaseModel], ...] = (
    HttpEntry, SiaEntry, PanelEntry, JsonEntry, LinesEntry, EventEntry, MqttEntry, TopicEntry, PublisherEntry,
    OnvifEntry,
)  # fmt: skip
PLACES: dict[tuple[str, ...], type[BaseModel]] = {
    ("devices", "http"): HttpEntry,
    ("devices", "sia"): SiaEntry,
    ("devices", "sia", "panels"): PanelEntry,
    ("devices", "json"): JsonEntry,
    ("devices", "json", "events"): EventEntry,
    ("devices", "lines"): LinesEntry,
    ("devices", "lines", "events"): EventEntry,
    ("devices", "mqtt"): MqttEntry,
    ("devices", "mqtt", "topics"): TopicEntry,
    ("devices", "mqtt", "topics", "events"): EventEntry,
    ("devices", "mqtt", "onvif"): PublisherEntry,
    ("devices", "onvif"): OnvifEntry,
}


def device_of(entry: DeviceEntry, site_zone: str) -> Device:
    """The device an entry describes; times that say no zone are in `site_zone`."""
    match entry:
        case HttpEntry():
            return HttpDevice(**_common(entry), token=entry.token, speaks_for=tuple(entry.speaks_for))
        case JsonEntry():
            return JsonDevice(**_common(entry), token=entry.token, mapping=entry.mapping(site_zone))
        case LinesEntry():
            return LineDevice(
                **_common(entry),
                listen=entry.listen,
                lines=tuple(entry.lines),
                encoding=entry.encoding,
                allow=tuple(entry.allow),
                mapping=entry.mapping(site_zone),
            )
        case MqttEntry():
            return MqttBroker(
                **_common(entry),
                host=entry.host,
                port=entry.port,
                version=entry.version,
                username=entry.username,
                password=entry.password,
                tls=entry.tls,
                ca=entry.ca,
                client_id=entry.client_id,
                topics=tuple(Topic(filter=one.topic, mapping=one.mapping(site_zone)) for one in entry.topics),
                onvif=tuple(_publisher(one) for one in entry.onvif),
            )
        case OnvifEntry():
            return OnvifDevice(
                **_common(entry),
                url=entry.url,
                username=entry.username,
                password=entry.password,
                ca=entry.ca,
                camera_id=entry.camera,
                names=tuple(entry.names.items()),
                pull_s=entry.pull_s,
                metadata=entry.metadata,
                profile=entry.profile,
            )
        case SiaEntry():
            return SiaReceiver(
                **_common(entry),
                listen=entry.listen,
                transports=tuple(entry.transports),
                crcs=tuple(entry.crcs),
                behind_s=entry.behind_s,
                ahead_s=entry.ahead_s,
                allow=tuple(entry.allow),
                panels=tuple(_panel(one) for one in entry.panels),
            )


def _publisher(entry: PublisherEntry) -> OnvifPublisher:
    return OnvifPublisher(prefix=entry.prefix, camera_id=entry.camera, names=tuple(entry.names.items()))


def _panel(entry: PanelEntry) -> Panel:
    return Panel(id=entry.id, account=entry.account, key=entry.key_bytes(), supervised_s=entry.supervised_s)


class _Common(TypedDict):
    id: str
    name: str
    enabled: bool
    clock_limit_s: float


def _common(entry: _DeviceEntry) -> _Common:
    return {
        "id": entry.id,
        "name": entry.name or entry.id,
        "enabled": entry.enabled,
        "clock_limit_s": entry.clock_limit_s,
    }
