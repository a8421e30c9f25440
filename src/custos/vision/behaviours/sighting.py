"""What a behaviour says of tracks; the camera walk makes the event of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something seen.

    Args:
        type: as in `custos.model.event_types`.
        track_id: whom it is about; None when it is about the zone, the line or the whole picture.
        at: when it happened.
        data: the fields this behaviour adds.
        others: further tracks it is about; the walk turns them into `subjects`.
    """

    type: str
    track_id: int | None
    at: datetime
    data: Mapping[str, Json] = field(default_factory=dict)
    others: tuple[int, ...] = ()


class Behaviour(Protocol):
    """One thing tracks may do. Keeps its own state, in event time, and nothing of tracks that have ended."""

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        """What happened up to `at`, oldest first."""
        ...

    def end(self) -> list[Sighting]:
        """Nothing more will come: what is still open ends, and is forgotten."""
        ...

    def overlays(self) -> tuple[Overlay, ...]:
        """What it would draw onto the picture now."""
        ...
