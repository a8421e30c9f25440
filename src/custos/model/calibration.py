"""Whether a camera still sees what its zones were drawn on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from custos.model.event import Event

MOVE_TOLD_S = 5.0
"""That a camera was moved is told before so long after `since`, where its view jumps or can be followed from look to
look. A turn so wide and quick that nothing is known again may be told later, and so is one that somebody hides just
then."""
MAX_MOVES = 20
"""Remembered of one camera."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one camera's zones and its view.

    Args:
        moved_at: when the camera was last moved, None if never. reason: what moved, in words.
        confirmed_at: when a person last said, or drew, that the zones fit what is seen; None if never.
        event_id: of `camera.moved`.
    """

    moved_at: datetime | None = None
    reason: str = ""
    confirmed_at: datetime | None = None
    event_id: str = ""

    @property
    def is_due(self) -> bool:
        """The camera was moved, and nobody has looked at its zones since."""
        if self.moved_at is None:
            return False
        return self.confirmed_at is None or self.confirmed_at < self.moved_at


FITS = Calibration()
"""Never moved."""


def begun(moved: Event) -> datetime:
    """When the camera began to show another view, of the event that tells of it some seconds later."""
    try:
        since = datetime.fromisoformat(str(moved.data.get("since")))
    except ValueError:
        return moved.at
    return min(since, moved.at) if since.tzinfo is not None else moved.at


class Moves:
    """From when to when cameras were being moved before that was told; what is seen later says itself that it is in
    doubt. In whatever order they are told. Bounded."""

    def __init__(self) -> None:
        self._spans: dict[str, deque[tuple[datetime, datetime]]] = {}

    def hear(self, moved: Event) -> None:
        """Note a `camera.moved`."""
        if moved.camera_id is not None:
            spans = self._spans.setdefault(moved.camera_id, deque(maxlen=MAX_MOVES))
            spans.append((begun(moved), moved.at))

    def hold(self, camera_id: str, at: datetime) -> bool:
        """Whether the camera was being moved at `at`: what it showed then moved through its lines."""
        return any(since <= at <= told_at for since, told_at in self._spans.get(camera_id, ()))
