"""Packet times that only go forward: `StreamClock.place(pts_s, dts_s) -> Times`. Without NumPy."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_FPS = 25.0
SMALLEST_STEP_S = 1e-5


@dataclass(frozen=True, slots=True)
class Times:
    """When a packet is shown and when it is decoded, seconds on the stream's continuous clock."""

    pts_s: float
    dts_s: float


class StreamClock:
    """Gives pts and dts that only go forward, whatever the container says."""

    def __init__(self, fps: float) -> None:
        self._frame_s = 1.0 / (fps or DEFAULT_FPS)
        self._offset_s = 0.0
        self._last_dts_s: float | None = None

    def place(self, pts_s: float | None, dts_s: float | None) -> Times:
        """On the continuous clock; missing times are filled in, backward jumps are closed up."""
        told = dts_s if dts_s is not None else pts_s
        last = self._last_dts_s
        if told is None:
            dts = 0.0 if last is None else last + self._frame_s
            self._last_dts_s = dts
            return Times(dts if pts_s is None else pts_s + self._offset_s, dts)
        dts = told + self._offset_s
        pts = (pts_s if pts_s is not None else told) + self._offset_s
        if last is not None and dts <= last:
            # Without decode times, presentation times go back and forth (B-frames): only a second is a jump.
            if last - dts < (1.0 if dts_s is None else self._frame_s / 2):
                dts = last + SMALLEST_STEP_S  # a repeated or coarse time: the next one will be right again
            else:
                moved = last + self._frame_s - dts
                self._offset_s += moved
                dts, pts = dts + moved, pts + moved
        self._last_dts_s = dts
        return Times(pts, dts)
