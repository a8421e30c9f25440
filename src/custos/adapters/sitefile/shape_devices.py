"""The entries of `devices:`, one shape for each `kind`, and the devices they describe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from custos.adapters.sitefile.fields import Entry, Id, Name, refusal
from custos.adapters.sitefile.problems import did_you_mean
from custos.model.devices import CLOCK_LIMIT_S, SECRET_LEAST, SOURCE_KINDS, Device, HttpDevice
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


DeviceEntry = Annotated[HttpEntry, Field()]
ENTRIES: tuple[type[BaseModel], ...] = (HttpEntry,)
PLACES: dict[tuple[str, ...], type[BaseModel]] = {("devices", "http"): HttpEntry, ("devices",): HttpEntry}


def device_of(entry: DeviceEntry) -> Device:
    """The device an entry describes."""
    return HttpDevice(
        id=entry.id,
        name=entry.name or entry.id,
        enabled=entry.enabled,
        clock_limit_s=entry.clock_limit_s,
        token=entry.token,
        speaks_for=tuple(entry.speaks_for),
    )
