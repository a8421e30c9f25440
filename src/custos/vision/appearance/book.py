"""What is remembered of each track's looks, and said of it in the end.

AppearanceBook.update(...) -> ids of tracks of which this picture is the best so far
AppearanceBook.describe(track_id) -> Appearance | None
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import areas, intersections
from custos.model.detections import CLASS_GROUPS, COCO_CLASSES, Detections, Tracks, class_ids, class_name
from custos.model.frame import Frame, Image
from custos.vision.appearance.colours import NAMES, UPRIGHT, shares_of_each
from custos.vision.appearance.light import Light, SceneLight
from custos.vision.appearance.regions import (
    LOWER,
    UPPER,
    Box,
    Region,
    bag_region,
    is_cut,
    is_whole_standing,
    person_regions,
    sample,
    vehicle_regions,
)
from custos.vision.appearance.ruler import Ruler
from custos.vision.appearance.snapshot import SHARPEST, score, sharpness
from custos.vision.motion import Motion

BAGS = class_ids(("bag",))
_IS_BAG = np.isin(np.arange(len(COCO_CLASSES) + 1), list(BAGS))
"""By class id; -1 (unknown) is the last."""
_PERSON, _VEHICLES = class_ids(("person",)), class_ids(CLASS_GROUPS["vehicle"])
LOOK_S = 0.45
"""A track is looked at once in so long, about twice a second."""
KNOWN_LOOKS, SELDOM = 12, 4
"""Whose colours were read so often, has them read at every fourth look only: they change no more."""
BETTER = 1.1
"""A snapshot replaces one that is so many times worse."""
_FULL_PX = 1500.0
"""A region of so many pixels has a whole vote."""
_UNLIKE_LEAST = 0.35
"""With less of a region unlike the background, all of it is read."""
_SURE_LOOKS = 1.5
"""After so many whole votes two thirds of the doubt are gone."""
_TOLD_SHARE, _TOLD_NAMES = 0.15, 3
_HEIGHTS = 64
_AT_ONCE = 24
"""So many parts of pictures wait to have their colours named together: the calls take more time than the pixels."""
_BAG_CONFIDENCE = 0.3
_BAG_LOOKS, _BAG_SHARE, _BAG_MOVED = 2, 0.2, 0.5


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a part.

    Args:
        shares: (name, share of the part), most first; those of less than 15% are left out.
        confidence: 0..1, how much was seen of it and how well the looks agree.
    """

    shares: tuple[tuple[str, float], ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Bag:
    """Something carried, as the detector calls it."""

    kind: str
    confidence: float
    colour: str | None


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a track looks like.

    Args:
        parts: colours by part: "upper" and "lower" of a person, "body" of a vehicle.
        bag: what a person carries.
        height_m: of a person upright beside something of known height.
        looks: how many pictures this rests on.
        snapshot_score: 0..1, of the best picture; its box (0..1 of the picture) beside it.
    """

    parts: tuple[tuple[str, Colours], ...]
    bag: Bag | None
    height_m: float | None
    looks: int
    snapshot_score: float
    snapshot_box: Box


@dataclass(slots=True)
class _Votes:
    """Looks at one part: each votes with the shares of its colours, and with the one it finds most of."""

    shares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(NAMES)))
    firsts: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(NAMES)))

    def add(self, shares: NDArray[np.float32], weight: float) -> None:
        self.shares += shares * weight
        self.firsts[int(shares.argmax())] += weight

    def colours(self) -> Colours | None:
        total = float(self.shares.sum())
        if total <= 0:
            return None
        mean = self.shares / total
        order = np.argsort(-mean, kind="stable")[:_TOLD_NAMES]
        told = tuple((NAMES[i], round(float(mean[i]), 2)) for i in order if i == order[0] or mean[i] >= _TOLD_SHARE)
        agreement = float(self.firsts[order[0]]) / max(float(self.firsts.sum()), 1e-9)
        seen = 1 - np.exp(-total / _SURE_LOOKS)
        return Colours(told, round(agreement * float(seen), 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Ballot:
    """Pixels that are to be named, and what for."""

    votes: _Votes
    bgr: Image
    weights: NDArray[np.float32]
    worth: float


@dataclass(slots=True)
class _Carried:
    """A bag of one kind beside a track."""

    looks: int = 0
    confidence: float = 0.0
    first: tuple[float, float] = (0.0, 0.0)
    moved: float = 0.0
    votes: _Votes = field(default_factory=_Votes)


@dataclass(slots=True)
class _Story:
    """A track's looks. Bounded, whatever its length."""

    parts: dict[str, _Votes] = field(default_factory=dict)
    bags: dict[int, _Carried] = field(default_factory=dict)
    heights_m: list[float] = field(default_factory=list)
    looks: int = 0
    looked_s: float = float("-inf")
    foot_y: float = 0.0
    best: float = 0.0
    best_box: Box = (0.0, 0.0, 0.0, 0.0)


class AppearanceBook:
    """The tracks of one camera. Shares nothing with any other.

    Args:
        ruler: how tall people are, where the camera knows.
        scene: learns the camera's light.
    """

    def __init__(self, ruler: Ruler | None = None, scene: SceneLight | None = None) -> None:
        self.ruler = ruler
        self._scene = scene or SceneLight()
        self._stories: dict[int, _Story] = {}
        self._ballots: list[_Ballot] = []  # that were not counted yet; all of them lay in the light that is known now

    @property
    def light(self) -> Light:
        """The light of the scene, as far as it is known."""
        return self._scene.light

    def update(
        self, frame: Frame, tracks: Tracks, detections: Detections, motion: Motion, *, at_s: float
    ) -> tuple[int, ...]:
        """Look at the tracks that the detector saw in this picture; ids of those it shows better than any before.

        Args:
            detections: of this picture, bags included.
            motion: of this picture.
            at_s: seconds, increasing.
        """
        if self._scene.wants(at_s):
            self._count()
            self._scene.learn(frame.bgr, motion.foreground, at_s)
        due = [row for row in np.flatnonzero(tracks.observed).tolist() if self._is_due(int(tracks.track_id[row]), at_s)]
        if not due:
            return ()
        boxes = [(float(a), float(b), float(c), float(d)) for a, b, c, d in tracks.xyxy.tolist()]
        bags = _bags_of(tracks, detections)
        best = []
        for row in due:
            track_id = int(tracks.track_id[row])
            story = self._stories.setdefault(track_id, _Story())
            hidden_by = _before(boxes, row)
            visible = _open_share(boxes[row], hidden_by)
            if story.looks < KNOWN_LOOKS or story.looks % SELDOM == 0:
                self._ballots += self._look(story, frame, tracks, row, boxes[row], hidden_by, motion)
            for bag in bags.get(row, ()):
                self._ballots += self._carry(story, frame, detections, bag, boxes[row], motion)
            if self._judge(story, frame, tracks, row, boxes[row], visible, at_s):
                best.append(track_id)
            story.looks, story.looked_s, story.foot_y = story.looks + 1, at_s, boxes[row][3]
        if len(self._ballots) >= _AT_ONCE:
            self._count()
        return tuple(best)

    def describe(self, track_id: int) -> Appearance | None:
        """What is known of a track; None for one that was never looked at."""
        story = self._stories.get(track_id)
        if story is None or not story.looks:
            return None
        self._count()
        parts = tuple((name, c) for name, votes in story.parts.items() if (c := votes.colours()) is not None)
        height_m = round(median(story.heights_m), 2) if story.heights_m else None
        return Appearance(parts, _carried(story), height_m, story.looks, round(story.best, 3), story.best_box)

    def forget(self, track_id: int) -> None:
        """The track has ended."""
        self._stories.pop(track_id, None)

    def _count(self) -> None:
        """Take the ballots into the votes: before they are asked for, and before the light is known otherwise."""
        ballots, self._ballots = self._ballots, []
        each = shares_of_each([(ballot.bgr, ballot.weights) for ballot in ballots], self.light, lift=UPRIGHT)
        for ballot, shares in zip(ballots, each, strict=True):
            if shares.any():
                ballot.votes.add(shares, ballot.worth)

    def _is_due(self, track_id: int, at_s: float) -> bool:
        story = self._stories.get(track_id)
        return story is None or at_s - story.looked_s >= LOOK_S or at_s < story.looked_s

    def _look(
        self, story: _Story, frame: Frame, tracks: Tracks, row: int, box: Box, hidden_by: list[Box], motion: Motion
    ) -> list[_Ballot]:
        """Read the height, and what has colours."""
        class_id, confidence = int(tracks.class_id[row]), float(tracks.confidence[row])
        regions: list[Region] = []
        if class_id in _PERSON:
            regions = person_regions(box, frame.height_px)
            if is_whole_standing(box, frame.width_px, frame.height_px) and not hidden_by and self.ruler is not None:
                height_m = self.ruler.height_m(box[3] / frame.height_px, box[1] / frame.height_px)
                if height_m is not None and len(story.heights_m) < _HEIGHTS:
                    story.heights_m.append(height_m)
        elif class_id in _VEHICLES:
            regions = vehicle_regions(box)
        return [
            ballot
            for region in regions
            for ballot in self._ballot(
                story.parts.setdefault(region.name, _Votes()), frame, region, hidden_by, motion, confidence
            )
        ]

    def _ballot(
        self, votes: _Votes, frame: Frame, region: Region, hidden_by: list[Box], motion: Motion, confidence: float
    ) -> list[_Ballot]:
        """One, or none where too little is to be seen."""
        taken = sample(frame.bgr, region, motion.foreground, hidden_by)
        if taken is None:
            return []
        unlike = self._scene.unlike(taken.bgr, taken.xyxy, (frame.width_px, frame.height_px)) * taken.weights
        # clothes of the background's own colour are clothes all the same
        weights = unlike if float(unlike.sum()) >= _UNLIKE_LEAST * float(taken.weights.sum()) else taken.weights
        worth = min(taken.area_px / _FULL_PX, 1.0) * taken.visible * confidence
        return [_Ballot(votes, taken.bgr, weights, worth)]

    def _carry(
        self, story: _Story, frame: Frame, detections: Detections, bag: int, person: Box, motion: Motion
    ) -> list[_Ballot]:
        left, top, right, bottom = (float(v) for v in detections.xyxy[bag].tolist())
        centre = ((left + right) / 2, (top + bottom) / 2)
        carried = story.bags.setdefault(int(detections.class_id[bag]), _Carried(first=centre))
        carried.looks += 1
        carried.confidence += float(detections.confidence[bag])
        away = float(np.hypot(centre[0] - carried.first[0], centre[1] - carried.first[1]))
        carried.moved = max(carried.moved, away / max(person[3] - person[1], 1.0))
        return self._ballot(carried.votes, frame, bag_region((left, top, right, bottom)), [], motion, 1.0)

    def _judge(
        self, story: _Story, frame: Frame, tracks: Tracks, row: int, box: Box, visible: float, at_s: float
    ) -> bool:
        """Whether this is the best picture of the track so far."""
        approach = None
        if story.looks:
            since_s = max(at_s - story.looked_s, 1e-3)
            approach = (box[3] - story.foot_y) / max(box[3] - box[1], 1.0) / since_s
        now = partial(
            score,
            xyxy=box,
            picture_px=frame.width_px * frame.height_px,
            is_cut=is_cut(box, frame.width_px, frame.height_px),
            visible=visible,
            confidence=float(tracks.confidence[row]),
            approach=approach,
        )
        if story.looks and now(SHARPEST) < story.best * BETTER:  # however sharp it is
            return False
        found = now(sharpness(frame.luma, box))
        if story.looks and found < story.best * BETTER:
            return False
        story.best = found
        left, top, right, bottom = tracks.boxes_normalised()[row].tolist()
        story.best_box = (left, top, right, bottom)
        return True


def _before(boxes: Sequence[Box], row: int) -> list[Box]:
    """Boxes that touch this one and stand nearer to the camera: their feet are lower in the picture."""
    left, top, right, bottom = boxes[row]
    return [
        other
        for n, other in enumerate(boxes)
        if n != row
        and other[3] > bottom
        and other[0] < right
        and other[2] > left
        and other[1] < bottom
        and other[3] > top
    ]


def _open_share(box: Box, hidden_by: Sequence[Box]) -> float:
    """Share of a box that the largest of the boxes before it leaves open."""
    if not hidden_by:
        return 1.0
    one, others = np.array([box]), np.array(hidden_by)
    hidden = float((intersections(one, others) / np.maximum(areas(one)[:, None], 1.0)).max())
    return 1.0 - min(hidden, 1.0)


def _bags_of(tracks: Tracks, detections: Detections) -> dict[int, list[int]]:
    """By row of `tracks`, the rows of `detections` that are bags on or beside that person."""
    found: dict[int, list[int]] = {}
    people = [row for row in range(len(tracks)) if int(tracks.class_id[row]) in _PERSON]
    bags = _IS_BAG[detections.class_id] & (detections.confidence >= _BAG_CONFIDENCE)
    if not people or not bags.any():
        return found
    reach = tracks.xyxy[people].astype(np.float64)
    reach[:, [0, 2]] += (reach[:, 2] - reach[:, 0])[:, None] * [-0.15, 0.15]
    for bag in np.flatnonzero(bags).tolist():
        box = detections.xyxy[bag : bag + 1].astype(np.float64)
        held = intersections(box, reach)[0] / max(float(areas(box)[0]), 1.0)
        held[areas(box)[0] > 0.5 * areas(reach)] = 0
        if held.max() >= 0.7:
            found.setdefault(people[int(held.argmax())], []).append(bag)
    return found


def _carried(story: _Story) -> Bag | None:
    """The bag that was there often enough, and moved: one on the floor beside somebody is not carried."""
    kept = {
        kind: c
        for kind, c in story.bags.items()
        if c.looks >= max(_BAG_LOOKS, _BAG_SHARE * story.looks) and c.moved >= _BAG_MOVED
    }
    if not kept:
        return None
    kind, carried = max(kept.items(), key=lambda item: item[1].confidence)
    colours = carried.votes.colours()
    return Bag(
        class_name(kind), round(carried.confidence / carried.looks, 2), colours.shares[0][0] if colours else None
    )


__all__ = ["LOWER", "UPPER", "Appearance", "AppearanceBook", "Bag", "Colours"]
