"""Whether a camera still sees what its zones were drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
