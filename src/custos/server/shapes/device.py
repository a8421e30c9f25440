"""Devices and how they fare."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from custos.model.devices import Device, DeviceState, PanelState
from custos.server.shapes.base import Instant, Told


class PanelFaringTold(Told):
    """A panel of a receiver; `heard_at` is null if not since the server started, `supervised_s` if it may be silent."""

    id: str
    heard_at: Instant | None
    silent_since: Instant | None
    supervised_s: float | None

    @classmethod
    def of(cls, state: PanelState) -> PanelFaringTold:
        return cls(
            id=state.panel_id,
            heard_at=state.heard_at,
            silent_since=state.silent_since,
            supervised_s=state.supervised_s,
        )


class DeviceTold(Told):
    """A device of the site file; `clock_offset_s` is its clock less ours, null while unknown."""

    id: str
    name: str
    kind: str
    enabled: bool
    state: Literal["disabled", "waiting", "connecting", "connected", "lost"]
    since: Instant
    reason: str
    heard_at: Instant | None
    events: int
    duplicates: int
    late: int
    misunderstood: int
    last_misunderstood: str
    clock_offset_s: float | None
    clock_limit_s: float
    details: dict[str, str]
    panels: list[PanelFaringTold]

    @classmethod
    def of(cls, device: Device, state: DeviceState) -> DeviceTold:
        return cls(
            id=device.id,
            name=device.name,
            kind=device.kind,
            enabled=device.enabled,
            state=_known_state(state.state),
            since=state.since,
            reason=state.reason,
            heard_at=state.heard_at,
            events=state.events,
            duplicates=state.duplicates,
            late=state.late,
            misunderstood=state.misunderstood,
            last_misunderstood=state.last_misunderstood,
            clock_offset_s=state.clock_offset_s,
            clock_limit_s=device.clock_limit_s,
            details=dict(state.details),
            panels=[PanelFaringTold.of(one) for one in state.panels.values()],
        )


def _known_state(word: str) -> Literal["disabled", "waiting", "connecting", "connected", "lost"]:
    match word:
        case "disabled" | "waiting" | "connecting" | "connected" | "lost":
            return word
        case _:
            raise ValueError(f"a device's state is none of the five known, got {word!r}")


class TakenTold(Told):
    """What became of events that were sent: all are stored, `new` of them for the first time."""

    accepted: int
    new: int
    duplicates: int


CloudEventAsked = Annotated[
    dict[str, JsonValue] | list[dict[str, JsonValue]],
    Field(description="A CloudEvents 1.0 JSON object, or a list of them (application/cloudevents-batch+json)."),
]
