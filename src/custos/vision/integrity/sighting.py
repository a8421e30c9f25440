"""What a check says of a camera; the camera walk makes the event of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Value = str | float | int | list[float]
Evidence = dict[str, Value]
"""What a check found, by field name of the event's type."""


@dataclass(frozen=True, slots=True)
class CameraSighting:
    """`type` as in `custos.model.event_types`, when it was certain, and the fields of the event."""

    type: str
    at: datetime
    data: Mapping[str, Value] = field(default_factory=dict)
