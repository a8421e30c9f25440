"""Stream times made usable: `Timeline.place(raw packet) -> Packet`, whatever the camera's clock does.

Decode times strictly increase; capture times strictly increase in the order of presentation. A stream whose
clock jumps backwards goes on one picture later. The capture time of a live picture is, in this order,

    CAMERA   the camera's wall clock from its RTCP sender reports, where it agrees with ours (up to 3 s old)
    ARRIVAL  the steadiest fit of the stream's own clock to the times of arrival: never later than the arrival

and of a recording its position, counted from a stated start (FILE). A live stream during which this machine's
clock is set back ends there (ClockSetBack): the one after it has the times of the new clock.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import UTC, datetime, timedelta

from custos.adapters.sources.demux import RawPacket
from custos.adapters.sources.streamclock import SMALLEST_STEP_S, StreamClock
from custos.model.frame import Clock, Packet

_CAMERA_BEHIND_S = 3.0
_CAMERA_AHEAD_S = 0.1  # a picture cannot be taken after it has arrived
_DRIFT_S = 0.5
_DRIFT_FOR_S = 2.0
_REMEMBERED = 32  # more than any codec reorders (H.264 and H.265: 16 pictures)
_SLEW = 0.5  # a capture time that must go back runs at half speed instead until it fits
_LONGEST_SLEW_S = 0.1  # a stream clock that leapt ahead says nothing about the time that passed
_SET_BACK_S = 5.0  # less is slewed over, in twice that time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(seconds: float) -> datetime:
    """The aware datetime of seconds since 1970, to the microsecond."""
    return _EPOCH + timedelta(seconds=seconds)


class ClockSetBack(Exception):
    """Capture times cannot go on increasing and be true: a new timeline must begin."""


class _Increasing:
    """Keeps capture times strictly increasing with pts, slewing where they would go back."""

    def __init__(self, not_before_s: float) -> None:
        self._floor_s = not_before_s
        self._seen: list[tuple[float, float]] = []  # (pts, captured), by pts

    def place(self, pts_s: float, wanted_s: float) -> float:
        seen = self._seen
        if not seen:
            captured = max(wanted_s, self._floor_s + SMALLEST_STEP_S)
        elif pts_s > seen[-1][0]:
            newest_pts, newest = seen[-1]
            step_s = min((pts_s - newest_pts) * _SLEW, _LONGEST_SLEW_S)
            captured = max(wanted_s, newest + max(step_s, SMALLEST_STEP_S))
        else:
            captured = self._between(pts_s)
        insort(seen, (pts_s, captured))
        del seen[:-_REMEMBERED]
        return captured

    def _between(self, pts_s: float) -> float:
        """A picture that is shown before one already placed (B-frames)."""
        seen = self._seen
        at = bisect_left(seen, (pts_s, float("-inf")))
        after_pts, after = seen[at]
        if at == 0:
            return after - max(after_pts - pts_s, SMALLEST_STEP_S)
        before_pts, before = seen[at - 1]
        span = after_pts - before_pts
        share = (pts_s - before_pts) / span if span > 0 else 0.5
        return before + (after - before) * min(max(share, 0.001), 0.999)

    @property
    def newest_s(self) -> float:
        return self._seen[-1][1] if self._seen else self._floor_s


class FileTimeline:
    """Places a recording's packets: captured_at = started_at + position."""

    def __init__(self, fps: float, started_at: datetime) -> None:
        self._clock = StreamClock(fps)
        self._started_s = (started_at - _EPOCH).total_seconds()
        self._first_pts_s: float | None = None
        self._increasing = _Increasing(float("-inf"))

    def place(self, raw: RawPacket) -> Packet:
        times = self._clock.place(raw.pts_s, raw.dts_s)
        if self._first_pts_s is None:
            self._first_pts_s = times.pts_s
        captured = self._increasing.place(times.pts_s, self._started_s + times.pts_s - self._first_pts_s)
        return Packet(raw.data, times.pts_s, times.dts_s, utc(captured), Clock.FILE, raw.is_keyframe)


class LiveTimeline:
    """Places a live stream's packets by the camera's clock or by their arrival.

    Args:
        fps: nominal, 0 when unknown.
        not_before: capture times lie after this (the last one of the stream before), unless the clock has been
            set back since.
    """

    def __init__(self, fps: float, *, not_before: datetime | None = None) -> None:
        self._clock = StreamClock(fps)
        floor = float("-inf") if not_before is None else (not_before - _EPOCH).total_seconds()
        self._increasing = _Increasing(floor)
        self._anchor_s: float | None = None  # the wall clock at pts 0
        self._late_since_s: float | None = None
        self._latest_arrival_s: float | None = None

    def place(self, raw: RawPacket, arrived_s: float) -> Packet:
        """`arrived_s`: this machine's clock at arrival, seconds since 1970. Raises ClockSetBack."""
        self._watch_clock(arrived_s)
        times = self._clock.place(raw.pts_s, raw.dts_s)
        wanted, clock = self._by_arrival(times.pts_s, arrived_s), Clock.ARRIVAL
        told = raw.camera_at_s
        if told is not None and -_CAMERA_AHEAD_S <= arrived_s - told <= _CAMERA_BEHIND_S:
            wanted, clock = told, Clock.CAMERA
        captured = self._increasing.place(times.pts_s, wanted)
        return Packet(raw.data, times.pts_s, times.dts_s, utc(captured), clock, raw.is_keyframe)

    def _watch_clock(self, arrived_s: float) -> None:
        if self._latest_arrival_s is None:
            if self._increasing.newest_s - arrived_s > _SET_BACK_S:  # set back between the streams
                self._increasing = _Increasing(float("-inf"))
            self._latest_arrival_s = arrived_s
        elif self._latest_arrival_s - arrived_s > _SET_BACK_S:
            raise ClockSetBack
        self._latest_arrival_s = max(self._latest_arrival_s, arrived_s)

    def _by_arrival(self, pts_s: float, arrived_s: float) -> float:
        """The anchored time; early arrivals move the anchor at once, lasting lateness moves it after 2 s.

        One late burst (a network that held its breath) moves nothing: those pictures were taken on time.
        """
        if self._anchor_s is None or pts_s + self._anchor_s > arrived_s:
            self._anchor_s = arrived_s - pts_s  # a picture cannot arrive before it was taken
            self._late_since_s = None
        elif arrived_s - (pts_s + self._anchor_s) <= _DRIFT_S:
            self._late_since_s = None
        elif self._late_since_s is None:
            self._late_since_s = arrived_s
        elif arrived_s - self._late_since_s >= _DRIFT_FOR_S:
            self._anchor_s = arrived_s - pts_s
            self._late_since_s = None
        return pts_s + self._anchor_s

    @property
    def newest_at(self) -> datetime | None:
        """The latest capture time given, None before the first."""
        newest = self._increasing.newest_s
        return None if newest == float("-inf") else utc(newest)
