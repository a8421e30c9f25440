"""Detections of one camera to tracks over time.

`Tracker.update(detections | None, motion, at_s) -> Tracks`; None means that time passed and nobody looked.

Association in two stages, confident detections first (ByteTrack, Zhang et al. 2022), with overlap and distance to a
constant-velocity prediction. A fixed camera knows more than a detector does: something called a person that neither
moves nor differs from the learned background is not believed on a middling confidence, and an object whose place is
still foreground has not gone because a detector missed it. Where place and way leave a choice, clothes decide
(see `likeness`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from custos.geometry.boxes import areas, intersections, iou
from custos.model.detections import CLASS_GROUPS, COCO_CLASSES, UNKNOWN_CLASS, Detections, Tracks
from custos.model.frame import Image
from custos.vision.attention import WHOLE, Interests
from custos.vision.fixtures import Fixtures
from custos.vision.kalman import Kalman, to_centre, to_corners
from custos.vision.likeness import Print, Sights, unlikeness
from custos.vision.motion import Motion
from custos.vision.regions import Regions
from custos.vision.unknown import Unknowns

GROUP_OF_CLASS = np.arange(len(COCO_CLASSES) + 1)
"""Classes that a detector mixes up are matched as one: index by class id; -1 (unknown) is the last."""
for _members in (CLASS_GROUPS["vehicle"], ("person", *CLASS_GROUPS["animal"])):
    _ids = [COCO_CLASSES.index(m) for m in _members]
    GROUP_OF_CLASS[_ids] = _ids[0]
PEOPLE = GROUP_OF_CLASS[COCO_CLASSES.index("person")]
VOTE_OF_CLASS = np.ones(len(COCO_CLASSES) + 1)
"""Detectors take people seen from behind or above for animals; where people are the rule, that counts for less."""
VOTE_OF_CLASS[[COCO_CLASSES.index(name) for name in CLASS_GROUPS["animal"]]] = 0.5


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """One set for all footage. Confidences 0..1, times in seconds, distances in heights of the box."""

    confident: float = 0.45  # first stage, and births
    weak: float = 0.1  # second stage only
    birth: float = 0.6
    birth_moving: float = 0.5  # with foreground under it
    static_confidence: float = 0.63  # believed without ever having moved
    sure: float = 0.7  # believed at once, with foreground under it or in the very first picture
    shaky: float = 0.42  # what has not moved is not believed below this
    visible: float = 0.45  # share of a box inside the picture below which it is not shown; unseen, all but whole
    confirm_hits: int = 2
    confirm_s: float = 0.25
    static_after_s: float = 1.0
    support: float = 0.3  # what a perfect fit with the foreground adds to a confidence
    support_from: float = 0.18  # weaker detections get nothing
    support_ceiling: float = 0.7  # it lifts nothing above this
    foreground: float = 0.25  # share of a box that counts as evidence
    foreground_least: float = 0.1  # below it a box shows nothing but background
    settled_reach: float = 0.25  # how far a box that shows only background may lie from its track
    moved: float = 0.4  # displacement that proves life
    overlap_confident: float = 0.15
    overlap_weak: float = 0.35
    reach: float = 0.6  # centre distance still matched without overlap, per sqrt(second) unseen, plus base
    lost_s: float = 2.5
    tentative_s: float = 0.6
    coast_s: float = 0.35
    hidden_s: float = 1.0  # who walks behind somebody goes on that long
    behind_s: float = 5.0  # who rests behind somebody is shown that long, and longer only while something tells of them
    joint: float = 1.07  # how much larger than when alone is the box of somebody in which two are seen as one
    known_hits: int = 10  # seen so often, a track's way can be foretold
    rest_s: float = 22.0
    stir: float = 0.02  # share of a box whose change is a movement
    grow_s: float = 1.5
    held: float = 0.7
    still_speed: float = 0.15  # heights per second
    strayed: float = 0.5  # from where it was last seen: farther off nobody has come to rest
    fast: float = 0.2  # heights per second
    resize: float = 0.5  # logarithm of heights, up to which a detection may be a track's
    lean: float = 0.3  # how far a box that is shown lies from the filter's towards the detector's
    in_place: float = 0.3  # overlap of a box that has changed its shape where it was
    resize_cut: float = 0.9  # of a box that the border of the picture cuts, or just did
    resize_weak: float = 0.25  # of a weak one, which may be a part of somebody, or something beside them
    duplicate: float = 0.3
    reshaped: float = 0.12  # logarithm of heights, by which the detector's box must differ from the filter's
    odd_looks: int = 4  # so often in a row a look that shows another shape calls for the next one at once
    agreed: float = 0.06  # the same, and of widths, up to which two of the detector's agree
    like: float = 0.7  # what looking alike is worth where there is a choice, in overlaps
    alike: float = 0.4  # unlikeness that speaks neither for nor against
    apart: float = 0.15  # how unlike those are of whom one is chosen, at least, or their looks do not count
    unlike: float = 0.6  # what looks so unlike somebody is not them
    surely_like: float = 0.3  # and what looks less unlike them is
    clothes_s: float = 0.5  # how often it is noted what somebody looks like
    clothes_share: float = 0.3  # of the new in what is remembered
    same: float = 0.7  # overlap of two detections that are one object under two names


class _State(Enum):
    TENTATIVE = auto()
    CONFIRMED = auto()


@dataclass(slots=True, eq=False)
class _Track:
    id: int
    class_votes: dict[int, float]
    confidence: float
    born_s: float
    seen_s: float
    looked_s: float  # when the detector last looked where it should be
    origin: NDArray[np.float64]
    place: NDArray[np.float64]  # where it was seen last
    saw: NDArray[np.float64]  # by the detector, last
    residual: NDArray[np.float64]  # from there to where the detector saw it
    state: _State = _State.TENTATIVE
    hits: int = 1
    confidence_sum: float = 0.0
    steady: float = 0.0  # slow mean of the confidence
    foreground: float = 0.0
    has_moved: bool = False
    is_resting: bool = False
    has_stirred: bool = True
    stands_out: bool = False  # where it is, and where it was seen, differ from the background
    is_told: bool = True  # more is seen than the others who are
    alone_px: float = math.inf  # the area of its box, square pixels, before anybody was hidden behind it
    odd_looks: int = 0  # in a row, that showed it in another shape than the filter has
    clothes: Print | None = None  # what it looks like
    clothed_s: float = float("-inf")
    doubted_s: float | None = None  # since when it has been tentative again

    @property
    def is_current(self) -> bool:
        """It was seen when the detector last looked there."""
        return self.seen_s == self.looked_s

    @property
    def unseen_s(self) -> float:
        """For how long looks at its place have not found it."""
        return self.looked_s - self.seen_s

    @property
    def class_id(self) -> int:
        if len(self.class_votes) == 1:  # nearly always
            return next(iter(self.class_votes))
        return max(self.class_votes, key=self.class_votes.__getitem__)


class Tracker:
    """The tracks of one camera. Shares nothing with any other."""

    def __init__(self, settings: TrackerSettings = TrackerSettings()) -> None:
        self._settings = settings
        self._tracks: list[_Track] = []
        self._filter = Kalman.of(np.zeros((0, 4)))
        self._next_id = 1
        self._last_s: float | None = None  # of the last look
        self._size = (1, 1)
        self._is_first_look = True
        self._fixtures = Fixtures()
        self._unknowns = Unknowns()
        self._ended: list[int] = []
        self._sights: Sights | None = None
        self._covered = np.zeros(0, np.bool_)  # which tracks nobody saw at the last look, for somebody before them
        self._noticed: Motion | None = None  # whose stir has been noted of all tracks where they are

    def update(
        self,
        detections: Detections | None,
        motion: Motion,
        *,
        at_s: float,
        width_px: int,
        height_px: int,
        regions: Regions = WHOLE,
        picture: Callable[[], Image] | None = None,
    ) -> Tracks:
        """The tracks at `at_s` (seconds, increasing).

        Args:
            detections: what the detector saw in this picture, or None when it did not look.
            motion: of this picture.
            regions: (m, 4) the parts of the picture that it saw; none is all of it.
            picture: makes the (h, w, 3) BGR picture, for a look at clothes where place and way leave a choice;
                without it nobody is known by what they look like.
        """
        self._ended = []
        self._size = width_px, height_px
        dt_s = 0.0 if self._last_s is None else max(at_s - self._last_s, 0.0)
        self._notice_stir(motion, width_px, height_px)
        if detections is None:
            expected = self._expected(at_s)
            self._follow_unknown(expected, motion, at_s, width_px, height_px)
            return self._publish(expected, at_s, width_px, height_px)
        self._filter.predict(dt_s * self._loose(), self._damping())
        self._noticed = None  # they are elsewhere now
        self._last_s = at_s
        looked_at = self._looked_at(regions, width_px, height_px)
        detections = detections[_one_each(detections, self._settings.same)]
        fresh = motion.foreground_fraction(detections.xyxy, width_px, height_px)
        moving = ~self._fixtures.recognise(detections, fresh, self._believed(), at_s)
        detections, fresh = detections[moving], fresh[moving]
        worth = self._worth(detections, motion, width_px, height_px)
        self._sights = None if picture is None else Sights(picture, motion.foreground, detections.xyxy)
        taken = self._associate(detections, worth, fresh, at_s)
        for track, looked in zip(self._tracks, looked_at, strict=True):
            if looked or track.seen_s == at_s:
                track.looked_s = at_s
        self._give_birth(detections, worth, fresh, taken, at_s)
        self._is_first_look = False
        self._rest(motion, at_s, width_px, height_px)
        self._tell_unseen(motion, width_px, height_px)
        self._sights = None  # it holds the picture
        self._bury(at_s, width_px, height_px)
        for track in self._tracks:
            track.has_stirred = track.has_stirred and track.looked_s < at_s
        self._covered = self._hidden()
        expected = self._expected(at_s)
        self._follow_unknown(expected, motion, at_s, width_px, height_px)
        return self._publish(expected, at_s, width_px, height_px)

    @property
    def is_settled(self) -> bool:
        """Every track is confirmed and was seen at the last look there: looking again soon will tell little."""
        return all(t.state is _State.CONFIRMED and t.is_current for t in self._tracks if self._is_live(t))

    def interests(self, motion: Motion, *, at_s: float, width_px: int, height_px: int) -> Interests:
        """Which tracks want to be looked at in the picture of `at_s`, and where they should be in it.

        Args:
            motion: of that picture.
        """
        self._notice_stir(motion, width_px, height_px)
        s = self._settings
        live = [row for row, t in enumerate(self._tracks) if self._is_live(t)]
        position, speed = self._expected(at_s)[live], self._filter.speed[live]
        height = np.maximum(position[:, 3], 1.0)
        odd = np.array([0 < self._tracks[row].odd_looks <= s.odd_looks for row in live], np.bool_)
        uncertain = [t.state is not _State.CONFIRMED or not t.is_current for t in (self._tracks[row] for row in live)]
        fast = np.linalg.norm(speed[:, :2], axis=1) / height > s.fast
        looked_s = np.array([self._tracks[row].looked_s for row in live], np.float64)
        stirs = np.array([self._tracks[row].has_stirred or not self._tracks[row].is_current for row in live], np.bool_)
        is_urgent = ((np.array(uncertain, np.bool_) | fast) & stirs) | odd
        return Interests(to_corners(position), looked_s, is_urgent, stirs | odd)

    def _follow_unknown(
        self, expected: NDArray[np.float64], motion: Motion, at_s: float, width_px: int, height_px: int
    ) -> None:
        """Follow what moves and is none of the tracks, which are `expected` (n, 4) there."""
        unknowns = self._unknowns
        known = to_corners(expected)
        unknowns.update(motion, known, at_s=at_s, width_px=width_px, height_px=height_px, next_id=self._next_id)
        self._next_id = unknowns.next_id
        self._ended += unknowns.ended

    def _believed(self) -> NDArray[np.float32]:
        """(n, 4) boxes of the confirmed tracks."""
        return self._filter.corners[[t.state is _State.CONFIRMED for t in self._tracks]]

    def _looked_at(self, regions: Regions, width_px: int, height_px: int) -> NDArray[np.bool_]:
        """(n,) which tracks' places lie whole in what the detector saw."""
        if not len(regions):
            return np.ones(len(self._tracks), np.bool_)
        boxes = _clip(self._filter.corners, width_px, height_px)
        left_top = np.all(boxes[:, None, :2] >= regions[None, :, :2], axis=2)
        right_bottom = np.all(boxes[:, None, 2:] <= regions[None, :, 2:], axis=2)
        seen: NDArray[np.bool_] = np.any(np.logical_and(left_top, right_bottom), axis=1)
        return seen

    def _is_live(self, track: _Track) -> bool:
        return track.state is _State.CONFIRMED or track.has_moved or track.foreground >= self._settings.foreground

    def _damping(self) -> NDArray[np.float64]:
        return np.array([0.05 if t.is_resting else 0.9 if t.is_current else 0.5 for t in self._tracks])

    def _worth(self, detections: Detections, motion: Motion, width_px: int, height_px: int) -> NDArray[np.float32]:
        """(n,) confidences, lifted where a weak detection fits what stands out from the background."""
        s = self._settings
        support = motion.support(detections.xyxy, width_px, height_px)
        lifted = detections.confidence + np.where(detections.confidence >= s.support_from, s.support * support, 0)
        ceiling = np.maximum(detections.confidence, np.float32(s.support_ceiling))
        return np.minimum(lifted, ceiling).astype(np.float32)

    def _notice_stir(self, motion: Motion, width_px: int, height_px: int) -> None:
        """Note which tracks' pixels have changed since the last look; the others have stayed where they are."""
        if motion is self._noticed or not self._tracks:
            return
        self._noticed = motion
        s, boxes = self._settings, self._filter.corners
        changing = motion.changing_fraction(boxes, width_px, height_px)
        places = to_corners(np.array([t.place for t in self._tracks], np.float64))
        shares = motion.foreground_fraction(np.concatenate([boxes, places]), width_px, height_px).reshape(2, -1)
        # what it has left does not stand out, and at the border who is missed may have left
        is_there = (shares.min(axis=0) >= s.foreground) & ~self._cut(boxes)
        for track, change, there in zip(self._tracks, changing.tolist(), is_there.tolist(), strict=True):
            track.has_stirred = track.has_stirred or change >= s.stir
            track.stands_out = there

    def _loose(self) -> NDArray[np.float64]:
        """(n,) 1 for tracks that may have moved since the last look, 0 for those that have not stirred and were seen,
        or still stand out: who is missed because they stand with somebody has gone nowhere."""
        known = [t.is_current or t.is_resting or t.stands_out for t in self._tracks]
        return np.array([t.has_stirred or not k for t, k in zip(self._tracks, known, strict=True)], np.float64)

    # -- association

    def _associate(
        self, detections: Detections, worth: NDArray[np.float32], fresh: NDArray[np.float32], at_s: float
    ) -> NDArray[np.bool_]:
        """Match in stages; returns which detections (n,) were taken."""
        s = self._settings
        taken = np.zeros(len(detections), bool)
        free = np.ones(len(self._tracks), np.bool_)
        confident = np.flatnonzero(detections.confidence >= s.confident)
        weak = np.flatnonzero((detections.confidence < s.confident) & (detections.confidence >= s.weak))
        first, second = (s.overlap_confident, s.reach, s.resize), (s.overlap_weak, 0.0, s.resize_weak)
        # what is good enough to be somebody new, and overlaps somebody missed at this look, is them: who turns to
        # leave is faster than predicted just when the detector is less sure of them
        third = (s.overlap_confident, 0.0, s.resize)
        for rows, limits in ((confident, first), (weak, second), (weak, third)):
            rows = rows[~taken[rows] & ((limits is not third) | (worth[rows] >= s.birth_moving))]
            columns = np.flatnonzero(free)
            matched, found = self._match(detections, fresh, rows, columns, limits, at_s)
            self._take(matched, found, detections, worth, fresh, at_s)
            free[matched] = False
            taken[found] = True
        self._grow(detections, worth, fresh, taken, free, at_s)
        return taken

    def _grow(
        self,
        detections: Detections,
        worth: NDArray[np.float32],
        fresh: NDArray[np.float32],
        taken: NDArray[np.bool_],
        free: NDArray[np.bool_],
        at_s: float,
    ) -> None:
        """A box that holds, or lies in, the box of a track just lost is that track: somebody came into the picture
        feet first, or from behind something, and the rest of them has come to light."""
        s = self._settings
        lost = [c for c in np.flatnonzero(free) if at_s - self._tracks[c].seen_s <= s.grow_s]
        rows = np.flatnonzero(~taken & (worth >= s.birth_moving))
        if not len(lost) or not len(rows):
            return
        boxes = self._filter.corners[lost].astype(np.float64)
        found = detections.xyxy[rows].astype(np.float64)
        box_area, found_area = areas(boxes), areas(found)
        smaller = np.minimum(box_area[:, None], found_area[None, :])
        held = intersections(boxes, found) / np.maximum(smaller, 1.0)
        for i, j in zip(*linear_sum_assignment(-held), strict=True):
            track, row = lost[i], int(rows[j])
            group = GROUP_OF_CLASS[self._tracks[track].class_id]
            # a part of somebody hidden is no reason to shrink them to it, unless it is clear
            if found_area[j] < box_area[i] and detections.confidence[row] < s.sure:
                continue
            if held[i, j] >= s.held and group == GROUP_OF_CLASS[detections.class_id[row]]:
                self._filter.place(int(track), to_centre(detections.xyxy[row : row + 1]))
                self._take(np.array([track]), np.array([row]), detections, worth, fresh, at_s)
                taken[row] = True

    def _match(
        self,
        detections: Detections,
        fresh: NDArray[np.float32],
        rows: NDArray[np.intp],
        columns: NDArray[np.intp],
        limits: tuple[float, float, float],
        at_s: float,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """(m,) indices of tracks and of detections: the best assignment of detections `rows` to tracks `columns`.

        Args:
            limits: least overlap, or else the reach; and most change of size.
        """
        if not len(rows) or not len(columns):
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        least_overlap, reach, most_resize = limits
        s = self._settings
        predicted = self._filter.position[columns]
        measured = to_centre(detections.xyxy[rows])
        boxes, found = self._filter.corners[columns], detections.xyxy[rows]
        overlap = iou(boxes.astype(np.float64), found.astype(np.float64))
        height = (predicted[:, None, 3] + measured[None, :, 3]) / 2
        apart = predicted[:, None, :2] - measured[None, :, :2]
        distance = np.sqrt((apart * apart).sum(axis=2)) / np.maximum(height, 1.0)
        resize = np.abs(np.log(np.maximum(measured[None, :, 3], 1) / np.maximum(predicted[:, None, 3], 1)))
        # who falls, or gets up, changes in height and stays in place and as large
        swell = np.abs(np.log(_sizes(measured)[None, :] / _sizes(predicted)[:, None]))
        resize = np.where(overlap >= s.in_place, np.minimum(resize, swell), resize)
        tracks = [self._tracks[column] for column in columns.tolist()]
        unseen_s = np.array([at_s - track.seen_s for track in tracks])
        limit = reach * np.minimum(0.5 + np.sqrt(np.maximum(unseen_s, 0)), 1.8)[:, None]
        same = (
            GROUP_OF_CLASS[[track.class_id for track in tracks]][:, None]
            == GROUP_OF_CLASS[detections.class_id[rows]][None, :]
        )
        cut = self._cut(boxes)[:, None] | self._cut(found)[None, :]
        most = np.where(cut & (most_resize >= s.resize), s.resize_cut, most_resize)
        near = (overlap >= least_overlap) | (distance <= limit)
        # what does not differ from the background is nobody who walked there
        may_stay = np.array([self._may_stay(track, at_s) for track in tracks])
        stays = (distance <= s.settled_reach) & may_stay[:, None]
        possible = same & (resize < most) & near & ((fresh[rows] >= s.foreground_least)[None, :] | stays)
        tentative = np.array([track.state is _State.TENTATIVE for track in tracks])
        affinity = overlap + np.exp(-2 * distance) - 0.3 * resize - 0.15 * tentative[:, None]
        affinity *= 0.5 + 0.5 * detections.confidence[rows][None, :]
        affinity += self._likeness(rows, columns, possible)
        cost = np.where(possible, -affinity, 10.0)
        i, j = linear_sum_assignment(cost)
        good = possible[i, j]
        return columns[i[good]], rows[j[good]]

    def _likeness(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp], possible: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """(tracks, detections) what is added where a track could have several detections, or a detection several
        tracks, for how much they look alike; 0 where that is not known, or the same for all."""
        s = self._settings
        if self._sights is None:
            return np.zeros(possible.shape)
        rivals = possible & ((possible.sum(axis=1) > 1)[:, None] | (possible.sum(axis=0) > 1)[None, :])
        if not rivals.any():
            return np.zeros(possible.shape)
        unlike = np.full(possible.shape, np.nan)
        for i, j in zip(*(axis.tolist() for axis in np.nonzero(rivals)), strict=True):
            known = self._tracks[columns[i]].clothes
            seen = None if known is None else self._sights.of(int(rows[j]))
            if known is not None and seen is not None:
                unlike[i, j] = unlikeness(known, seen)
        is_clear = (_spread(unlike, axis=0) >= s.apart) | (_spread(unlike, axis=1) >= s.apart)
        return np.where(is_clear & ~np.isnan(unlike), s.like * (s.alike - unlike), 0.0)

    def _cut(self, xyxy: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(n,) which boxes reach the border of the picture."""
        width_px, height_px = self._size
        left, top, right, bottom = xyxy.T
        at_side, at_end = (left <= 2) | (right >= width_px - 2), (top <= 2) | (bottom >= height_px - 2)
        return np.asarray(at_side | at_end, np.bool_)

    def _may_stay(self, track: _Track, at_s: float) -> bool:
        """Whether a box that shows nothing but background may be this track: it was there just now, or at the last
        look, however long ago that is, or it shows nothing but background itself."""
        s = self._settings
        is_background = track.foreground < s.foreground_least
        return is_background or track.is_current or at_s - track.seen_s <= s.coast_s

    def _take(
        self,
        rows: NDArray[np.intp],
        found: NDArray[np.intp],
        detections: Detections,
        worth: NDArray[np.float32],
        fresh: NDArray[np.float32],
        at_s: float,
    ) -> None:
        """Tracks `rows` (m,) are the detections `found` (m,)."""
        s = self._settings
        if not len(rows):
            return
        confidences = detections.confidence[found].astype(np.float64)
        boxes = to_centre(detections.xyxy[found])
        is_sure = ((confidences >= s.confident) & ~self._cut(detections.xyxy[found])).tolist()
        anew = [n for n, sure in enumerate(is_sure) if sure and self._has_reshaped(rows[n], boxes[n])]
        self._filter.correct(rows, boxes, confidences)
        for n in anew:
            self._filter.reshape(rows[n], boxes[n])
        places = self._filter.position[rows]
        residuals = boxes - places
        votes = VOTE_OF_CLASS[detections.class_id[found]]
        columns = (found, detections.class_id[found], confidences, votes, worth[found], fresh[found])
        each = zip(rows.tolist(), *(column.tolist() for column in columns), strict=True)
        for n, (row, detection, class_id, confidence, vote, worthy, new) in enumerate(each):
            track = self._tracks[row]
            track.saw, track.place, track.residual = boxes[n], places[n], residuals[n]
            track.odd_looks = track.odd_looks + 1 if is_sure[n] and self._differs(row, boxes[n]) else 0
            track.confidence = confidence
            track.class_votes[class_id] = track.class_votes.get(class_id, 0.0) + confidence * vote
            track.hits += 1
            track.confidence_sum += worthy
            track.seen_s = at_s
            track.is_resting = False
            track.foreground += 0.3 * (new - track.foreground)
            if not track.has_moved:
                gone = math.hypot(*(places[n, :2] - track.origin[:2]).tolist()) / max(float(places[n, 3]), 1.0)
                track.has_moved = gone >= s.moved
            self._note_clothes(track, detection, at_s)
            self._judge(row, track, at_s)

    def _note_clothes(self, track: _Track, detection: int, at_s: float) -> None:
        """Remember what somebody looks like whom nobody hides."""
        s = self._settings
        if self._sights is None or at_s - track.clothed_s < s.clothes_s or not self._sights.is_free[detection]:
            return
        seen = self._sights.of(detection)
        if seen is not None:
            known = seen if track.clothes is None else track.clothes
            track.clothes = known + np.float32(s.clothes_share) * (seen - known)
            track.clothed_s = at_s

    def _differs(self, row: int, box: NDArray[np.float64]) -> bool:
        """Whether the detector's box (4,) is taller or lower than the filter's."""
        height = max(float(self._filter.position[row, 3]), 1.0)
        return abs(math.log(max(float(box[3]), 1.0) / height)) > self._settings.reshaped

    def _has_reshaped(self, row: int, box: NDArray[np.float64]) -> bool:
        """Whether the detector has now seen it twice in a shape that the filter, to which sizes change slowly, has
        not taken: somebody lies where they stood."""
        s = self._settings
        if not self._differs(row, box):
            return False
        slow = float(np.linalg.norm(self._filter.speed[row, :2])) <= s.fast * float(self._filter.position[row, 3])
        apart = np.abs(np.log(np.maximum(box[2:], 1) / np.maximum(self._tracks[row].saw[2:], 1)))
        return slow and bool(apart.max() < s.agreed)

    def _judge(self, row: int, track: _Track, at_s: float) -> None:
        """Whether a tentative track is believed, and a confirmed one still is."""
        s = self._settings
        track.steady += 0.1 * (track.confidence - track.steady)
        if track.state is _State.CONFIRMED:
            on_background = track.foreground < s.foreground_least and track.steady < s.static_confidence
            if on_background or (not track.has_moved and track.steady < s.shaky):
                track.state, track.has_moved, track.doubted_s = _State.TENTATIVE, False, at_s
                track.origin = self._filter.position[row].copy()
            return
        if track.hits < s.confirm_hits or at_s - track.born_s < s.confirm_s:
            return
        mean = track.confidence_sum / track.hits
        lives = track.foreground >= s.foreground_least and (track.has_moved or track.foreground >= s.foreground)
        lives = lives and mean >= s.birth_moving and (track.has_moved or track.steady >= s.shaky)
        stands = track.steady >= s.static_confidence and at_s - track.born_s >= s.static_after_s
        if lives or stands:
            track.state, track.doubted_s = _State.CONFIRMED, None

    # -- birth, rest and death

    def _give_birth(
        self,
        detections: Detections,
        worth: NDArray[np.float32],
        fresh: NDArray[np.float32],
        taken: NDArray[np.bool_],
        at_s: float,
    ) -> None:
        s = self._settings
        believed = worth >= np.where(fresh >= s.foreground, s.birth_moving, s.birth)
        sure = (detections.confidence >= s.sure) & ((fresh >= s.foreground) | self._is_first_look)
        rows = np.flatnonzero(~taken & believed)
        if not len(rows):
            return
        missed = self._filter.corners[[t.state is _State.CONFIRMED and t.seen_s < at_s for t in self._tracks]]
        if len(missed):  # it may be who is missed
            sure &= iou(detections.xyxy, missed).max(axis=1) < 0.1
        if self._tracks:
            seen = np.array([t.seen_s == at_s for t in self._tracks])
            found, known = detections.xyxy[rows].astype(np.float64), self._filter.corners[seen]
            if len(known):
                part = intersections(found, known).max(axis=1) / np.maximum(areas(found), 1.0)
                doubtful = (part >= s.held) & (detections.confidence[rows] < s.birth)
                rows = rows[(iou(found, known).max(axis=1) < s.duplicate) & ~doubtful]
        boxes = to_centre(detections.xyxy[rows])
        self._filter = self._filter.join(Kalman.of(boxes))
        for row, box in zip(rows, boxes, strict=True):
            confidence = float(detections.confidence[row])
            class_id = int(detections.class_id[row])
            self._tracks.append(
                _Track(
                    self._next_id,
                    {class_id: confidence * float(VOTE_OF_CLASS[class_id])},
                    confidence,
                    at_s,
                    at_s,
                    at_s,
                    box,
                    box,
                    box,
                    np.zeros(4),
                    confidence_sum=float(worth[row]),
                    steady=confidence,
                    foreground=float(fresh[row]),
                    state=_State.CONFIRMED if sure[row] else _State.TENTATIVE,
                )
            )
            self._next_id += 1

    def _rest(self, motion: Motion, at_s: float, width_px: int, height_px: int) -> None:
        """A confirmed track that the detector missed, whose place is still and still foreground, rests there.

        Not where nobody has seen it: a prediction that runs on may end on what the background still holds of somebody
        who has gone. And not where what is seen is something else: the foreground may be the van that a driver has got
        into, or the place of one that has driven off.
        """
        s = self._settings
        missed = [
            (row, track)
            for row, track in enumerate(self._tracks)
            if track.seen_s < track.looked_s == at_s and track.state is _State.CONFIRMED
        ]
        if not missed:
            return
        boxes = self._filter.corners
        still = motion.changing_fraction(boxes, width_px, height_px) < 0.05
        present = motion.foreground_fraction(boxes, width_px, height_px) >= s.foreground
        explained, hidden = self._explained(boxes), self._hidden()
        speed = np.linalg.norm(self._filter.speed[:, :2], axis=1) / np.maximum(self._filter.position[:, 3], 1.0)
        for row, track in missed:
            was_still = track.is_resting or speed[row] < s.still_speed
            position = self._filter.position[row]
            strayed = float(np.linalg.norm(position[:2] - track.place[:2])) > s.strayed * max(position[3], 1.0)
            stays = bool(was_still and still[row] and present[row]) and not strayed
            rested = track.is_resting
            track.is_resting = stays and self._looks_like(track, boxes[row], explained=bool(explained[row]))
            if track.is_resting and not rested:  # who is hidden halted between where they were seen and foretold
                self._filter.rest(row, (track.place + position) / 2 if hidden[row] else position)

    def _tell_unseen(self, motion: Motion, width_px: int, height_px: int) -> None:
        """Note of whom nobody sees whether anything tells that they are there yet: foreground beside the boxes of
        others of their kind who are seen, or such a box that has grown since they met, in which the detector sees both
        as one. Without it they may as well have left by a door behind whoever stands before it, whose foreground is in
        their box too. Of what is of another kind, `_looks_like` asks."""
        s, boxes = self._settings, self._filter.corners
        confirmed = np.array([t.state is _State.CONFIRMED for t in self._tracks], np.bool_)
        seen = np.array([t.is_current for t in self._tracks], np.bool_)
        group, size = GROUP_OF_CLASS[[t.class_id for t in self._tracks]], areas(boxes)
        kin = (group[:, None] == group[None, :]) & ~np.eye(len(boxes), dtype=np.bool_)
        meets = (iou(boxes, boxes) > s.duplicate) & confirmed[None, :] & kin
        has_met = meets.any(axis=1).tolist()
        for row in np.flatnonzero(seen & ~(meets & ~seen[None, :]).any(axis=1)).tolist():
            track = self._tracks[row]  # while two meet, the box of one may hold both already
            track.alone_px = min(float(size[row]), track.alone_px if has_met[row] else math.inf)
        grown = seen & (size >= s.joint * np.array([t.alone_px for t in self._tracks], np.float64))
        for row in np.flatnonzero(confirmed & ~seen).tolist():
            beside = motion.foreground_beside(boxes[row], boxes[seen & kin[row]], width_px, height_px)
            self._tracks[row].is_told = beside >= s.foreground_least or bool((grown & meets[row]).any())

    def _explained(self, boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """(n,) whose box lies in that of something of another kind that is there: the foreground may be that alone."""
        size = areas(boxes)
        held = intersections(boxes, boxes) >= self._settings.held * size[:, None]
        group = GROUP_OF_CLASS[[t.class_id for t in self._tracks]]
        there = np.array([t.is_current or t.is_resting for t in self._tracks], np.bool_)
        larger = (size[None, :] > size[:, None]) & (group[None, :] != group[:, None]) & there[None, :]
        return np.asarray((held & larger).any(axis=1), np.bool_)

    def _looks_like(self, track: _Track, box: NDArray[np.float32], *, explained: bool) -> bool:
        """Whether what is seen in the box may be the track, as far as that is known; for sure, where something else
        explains that anything is seen there. People bend, turn and look otherwise, so that alone says nothing of them.
        """
        s = self._settings
        may_change = GROUP_OF_CLASS[track.class_id] == PEOPLE and not explained
        if self._sights is None or track.clothes is None or may_change:
            return True
        seen = self._sights.at(box)
        if seen is None:
            return not explained
        return unlikeness(track.clothes, seen) < (s.surely_like if explained else s.unlike)

    def _bury(self, at_s: float, width_px: int, height_px: int) -> None:
        self._give_up_doubted(at_s)
        centre = self._filter.position[:, :2]
        outside = np.asarray(((centre < 0) | (centre > (width_px, height_px))).any(axis=1))
        unseen = np.array([t.seen_s < t.looked_s == at_s for t in self._tracks], np.bool_)
        patient = np.array([t.unseen_s <= self._patience(t) for t in self._tracks], np.bool_)
        alive: NDArray[np.bool_] = np.logical_and(~np.logical_and(outside, unseen), patient)
        if alive.all():
            return
        self._ended += [
            t.id
            for t, keep in zip(self._tracks, alive, strict=True)
            if not keep and (t.state is _State.CONFIRMED or t.doubted_s is not None)
        ]
        self._tracks = [t for t, keep in zip(self._tracks, alive, strict=True) if keep]
        self._filter = self._filter.keep(alive)

    def _give_up_doubted(self, at_s: float) -> None:
        """Who was believed and is no longer ends like one who is lost; what stands there goes on under a new id."""
        for track in self._tracks:
            if track.doubted_s is not None and at_s - track.doubted_s > self._settings.lost_s:
                self._ended.append(track.id)
                track.id, track.doubted_s = self._next_id, None
                self._next_id += 1

    def _patience(self, track: _Track) -> float:
        s = self._settings
        if track.state is _State.TENTATIVE:
            # a doubtful thing that keeps still is remembered, so that it does not come back as somebody new
            return s.tentative_s if track.hits < 5 else s.lost_s
        return s.rest_s if track.is_resting else s.lost_s

    def _expected(self, at_s: float) -> NDArray[np.float64]:
        """(n, 4) where the tracks are by now: a moving one goes on between two looks."""
        since_s = min(at_s - (at_s if self._last_s is None else self._last_s), self._settings.coast_s)
        ahead = since_s * self._loose()
        expected = self._filter.position.copy()
        expected[:, :2] += self._filter.speed[:, :2] * ahead[:, None]
        return expected

    def _hidden(self) -> NDArray[np.bool_]:
        """Which tracks nobody saw just now and that a seen one covers: where they are is a guess, but for a moment a
        good one when they are well known."""
        seen = np.array([t.is_current for t in self._tracks], np.bool_)
        if seen.all() or not seen.any():
            return np.zeros(len(self._tracks), np.bool_)
        boxes = self._filter.corners
        covered: NDArray[np.bool_] = iou(boxes, boxes[seen]).max(axis=1) > self._settings.duplicate
        return np.logical_and(~seen, covered)

    def _lean(self, at_s: float) -> NDArray[np.float64]:
        """(n, 4) what boxes that the detector saw in this picture are shown nearer to where it saw them: the filter is
        there to know who is who, and lags behind those who turn."""
        residuals = np.zeros((len(self._tracks), 4))
        for row, track in enumerate(self._tracks):
            if track.seen_s == at_s:
                residuals[row] = track.residual
        return self._settings.lean * residuals

    def _is_shown(self, track: _Track, *, is_hidden: bool) -> bool:
        """Whether it is known well enough where the track is: it was found a moment ago, or rests, or goes on behind
        somebody; there it rests for a while only, unless something tells that it is there."""
        s = self._settings
        rests = track.is_resting and (track.is_told or track.unseen_s <= s.behind_s)
        if is_hidden:
            return track.hits >= s.known_hits and (rests or track.unseen_s <= s.hidden_s)
        return rests or track.unseen_s <= s.coast_s

    def _publish(self, expected: NDArray[np.float64], at_s: float, width_px: int, height_px: int) -> Tracks:
        s, hidden = self._settings, self._covered.tolist()
        shown = to_corners(expected + self._lean(at_s) if self._last_s == at_s else expected)
        inside = areas(_clip(shown, width_px, height_px)) / areas(shown)
        rows = [
            row
            for row, t in enumerate(self._tracks)
            if t.state is _State.CONFIRMED
            and inside[row] >= (s.visible if t.is_current else 0.9)
            and self._is_shown(t, is_hidden=hidden[row])
        ]
        chosen = [self._tracks[row] for row in rows]
        unknown = self._unknowns.shown()
        boxes = np.concatenate([_clip(shown[rows], width_px, height_px), *(u.xyxy[None] for u in unknown)])
        return Tracks(
            boxes.astype(np.float32),
            np.array([t.confidence for t in chosen] + [0.0] * len(unknown), np.float32),
            np.array([t.class_id for t in chosen] + [UNKNOWN_CLASS] * len(unknown), np.int64),
            np.array([t.id for t in chosen] + [u.id for u in unknown], np.int64),
            np.array([t.is_current for t in chosen] + [u.seen_s == at_s for u in unknown], np.bool_),
            np.array([at_s - t.born_s for t in chosen] + [at_s - u.born_s for u in unknown], np.float32),
            width_px,
            height_px,
            tuple(self._ended),
        )


def _spread(unlike: NDArray[np.float64], *, axis: int) -> NDArray[np.float64]:
    """How far values of 0..1 lie apart along an axis, NaN left out; kept as an axis of one."""
    high = np.fmax.reduce(unlike, axis=axis, keepdims=True, initial=0.0)
    spread: NDArray[np.float64] = high - np.fmin.reduce(unlike, axis=axis, keepdims=True, initial=1.0)
    return spread


def _sizes(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n,) areas of boxes given by centre, width and height; at least a pixel."""
    areas_px: NDArray[np.floating] = np.maximum(boxes[:, 2], 1) * np.maximum(boxes[:, 3], 1)
    return areas_px


def _clip(xyxy: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    return np.minimum(np.maximum(xyxy, np.float32(0)), np.array([width_px, height_px] * 2, np.float32))


def _one_each(detections: Detections, overlap: float) -> NDArray[np.intp]:
    """Rows to keep so that one object is there once, whatever classes its detections name (greedy, best first)."""
    votes = detections.confidence * VOTE_OF_CLASS[detections.class_id]
    group = GROUP_OF_CLASS[detections.class_id]
    doubles = (iou(detections.xyxy, detections.xyxy) > overlap) & (group[:, None] == group[None, :])
    np.fill_diagonal(doubles, False)
    has_double = doubles.any(axis=1)
    kept = np.flatnonzero(~has_double).tolist()
    if len(kept) == len(detections):
        return np.arange(len(detections))
    for row in np.argsort(-votes, kind="stable").tolist():
        if has_double[row] and not doubles[row, kept].any():
            kept.append(row)
    return np.array(sorted(kept), np.intp)
