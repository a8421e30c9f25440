"""What a behaviour says of a track; the camera walk makes the event of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Value = str | float | int


@dataclass(frozen=True, slots=True)
class Sighting:
    """`type` as in `custos.model.event_types`, when it happened, and the fields this behaviour adds."""

    type: str
    track_id: int
    at: datetime
    data: Mapping[str, Value] = field(default_factory=dict)
