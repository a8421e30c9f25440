"""What was put down and what was taken away: lasting changes of a fixed camera's picture, whatever they are.

`ThingWatch.update(luma, tracks, at_s) -> tuple[Thing, ...]`, about twice a second; between, it repeats itself.

The scene is learned slowly, and not where somebody is. A part that differs from it, keeps still, and is not covered by
a track becomes a thing, once somebody was at it: doors, light and weather change pictures too, but nobody stands there
when they do. From then on the thing is compared with two remembered patches, before and after, so that it lasts for as
long as it stands there, longer than any background takes to learn it, and its end is seen at once.

Came or went is told by where the edges are (after Spagnolo et al. 2006): around something that came, the new picture
has an outline; around something that went, the old one had.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import iou
from custos.model.detections import UNKNOWN_CLASS, Floats, Thing, Tracks
from custos.model.frame import Image
from custos.vision.motion import Mask, parts
from custos.vision.shrinking import shrink

JOIN, WHOLE, PART_PX = 7, 0.6, 3
"""Pixels across which parts are joined; how much of a thing must have settled; how near a part of it lies."""
FILLED = 0.35
"""Share of its box that a thing fills at least; speckles are a change of light at the border of being noticed."""
SAME = 0.5
"""Overlap of a thing and a track that are one."""
Small = NDArray[np.float32]
"""(h, w) grey levels, at the watch's own size."""


@dataclass(frozen=True, slots=True)
class ThingSettings:
    """Seconds, grey levels, and shares of the picture. One set for all footage."""

    width_px: int = 320
    every_s: float = 0.4
    learn_s: float = 20.0
    noise_s: float = 15.0
    sigmas: float = 4.5
    threshold_min: float = 13.0
    threshold_max: float = 40.0
    settle_s: float = 2.0  # still for this long
    sure_s: float = 2.0  # the scene was seen for this long before it changed
    least: float = 0.0002
    most: float = 0.03
    upheaval: float = 0.35  # more than this changes at once: a light was switched, not a thing put down
    light: float = 0.85  # correlation with what was there before, of a change that is only light
    at_hand: float = 0.3  # how far beyond a track's box its hands reach, in widths of the box
    remember_s: float = 6.0  # who was there
    back_s: float = 1.0
    odd_s: float = 15.0  # neither as before nor as after for so long: something else happened
    keep_s: float = 3600.0  # after that it belongs to the scene


@dataclass(slots=True, eq=False)
class _Known:
    """A thing: the corner and the mask of its patch, and what was there before and after."""

    id: int
    left: int
    top: int
    mask: Mask
    before: Small
    after: Small
    is_gone: bool
    since_s: float
    by: tuple[int, ...]
    class_id: int
    back_s: float = 0.0
    odd_s: float = 0.0
    over_by: tuple[int, ...] = ()

    def window(self) -> tuple[slice, slice]:
        h, w = self.mask.shape
        return slice(self.top, self.top + h), slice(self.left, self.left + w)


@dataclass(frozen=True, slots=True, eq=False)
class _Presence:
    """Who was where: boxes in pixels of the small picture."""

    at_s: float
    ids: tuple[int, ...]
    class_ids: tuple[int, ...]
    boxes: Floats


@dataclass(slots=True, eq=False)
class _Scene:
    """What is learned: the picture without anybody, how noisy it is, how long each part was seen, and for how long
    each part has differed without moving."""

    picture: Small
    noise: Small
    sure_s: Small
    still_s: Small
    last: Small
    last_s: float


@dataclass(slots=True, eq=False)
class _View:
    """One picture and what it is to the scene."""

    small: Small
    offset: float
    foreground: Mask
    steady: Mask
    covered: Mask
    dt_s: float
    at_s: float


@dataclass(slots=True)
class ThingWatch:
    """The things of one camera."""

    settings: ThingSettings = ThingSettings()
    _scene: _Scene | None = None
    _things: list[_Known] = field(default_factory=list)
    _presences: deque[_Presence] = field(default_factory=deque)
    _next_id: int = 1

    def update(self, luma: Image, tracks: Tracks, at_s: float) -> tuple[Thing, ...]:
        """The things at `at_s` (seconds, increasing), in the picture `luma` (h, w) with these tracks on it."""
        scene = self._scene
        if scene is not None and 0 <= at_s - scene.last_s < self.settings.every_s:
            return self._told(self._things, luma.shape, at_s)
        small = shrink(luma, self.settings.width_px)
        self._note(tracks, at_s, small.shape[1] / tracks.width_px)
        if scene is None or scene.picture.shape != small.shape or at_s < scene.last_s:
            self._begin(small, at_s)
            return ()
        view = self._see(scene, small, tracks, at_s)
        if view.foreground.mean() > self.settings.upheaval:
            self._begin(small, at_s)
            return ()
        over = self._follow(scene, view)
        self._learn(scene, view)
        self._find(scene, view)
        scene.last, scene.last_s = small, at_s
        return self._told([*self._things, *over], luma.shape, at_s)

    def forget(self) -> None:
        """The camera has moved, or its stream is another: nothing that was learned holds."""
        self._scene = None
        self._things.clear()
        self._presences.clear()

    def _begin(self, small: Small, at_s: float) -> None:
        zeros = np.zeros_like(small)
        self._scene = _Scene(small.copy(), np.full_like(small, 2.0), zeros, zeros.copy(), small, at_s)
        self._things.clear()

    def _note(self, tracks: Tracks, at_s: float, scale: float) -> None:
        boxes = (tracks.xyxy * np.float32(scale)).astype(np.float32)
        ids, class_ids = tuple(tracks.track_id.tolist()), tuple(tracks.class_id.tolist())
        self._presences.append(_Presence(at_s, ids, class_ids, boxes))
        while at_s - self._presences[0].at_s > self.settings.remember_s + self.settings.settle_s + 2:
            self._presences.popleft()

    def _see(self, scene: _Scene, small: Small, tracks: Tracks, at_s: float) -> _View:
        s = self.settings
        difference = small - scene.picture
        offset = float(np.median(difference))
        limit = np.clip(scene.noise * np.float32(s.sigmas), s.threshold_min, s.threshold_max)
        foreground = cv2.morphologyEx(
            (np.abs(difference - offset) > limit).view(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)
        ).view(np.bool_)
        change = small - scene.last
        changing = np.abs(change - float(np.median(change))) > limit
        covered = np.zeros(small.shape, np.bool_)
        presence = self._presences[-1]
        for class_id, (left, top, right, bottom) in zip(presence.class_ids, presence.boxes.tolist(), strict=True):
            if class_id == UNKNOWN_CLASS:  # may be the thing itself
                continue
            reach = 0.12 * (right - left)
            rows = slice(max(int(top - reach), 0), max(int(bottom + reach) + 1, 0))
            covered[rows, max(int(left - reach), 0) : max(int(right + reach) + 1, 0)] = True
        dt_s = min(at_s - scene.last_s, 2.0)
        return _View(small, offset, foreground, ~changing & ~covered, covered, dt_s, at_s)

    def _learn(self, scene: _Scene, view: _View) -> None:
        s, dt_s = self.settings, view.dt_s
        known = self._known_mask(view.small.shape)
        calm = view.steady & ~view.foreground & ~known
        difference = view.small - scene.picture
        scene.picture += np.where(calm, np.float32(1 - np.exp(-dt_s / s.learn_s)), np.float32(0)) * difference
        noise = np.float32(1.25) * np.abs(difference - view.offset) - scene.noise
        scene.noise += np.where(calm, np.float32(1 - np.exp(-dt_s / s.noise_s)), np.float32(0)) * noise
        scene.sure_s = np.where(calm, np.minimum(scene.sure_s + np.float32(dt_s), 60), scene.sure_s)
        stays = view.foreground & view.steady & ~known
        # where the scene was never seen without somebody, this is it
        unsure = stays & (scene.sure_s < s.sure_s)
        scene.picture[unsure] = view.small[unsure]
        held = (view.foreground | view.covered) & ~unsure & ~known
        scene.still_s = np.where(
            stays & ~unsure, scene.still_s + np.float32(dt_s), np.where(held, scene.still_s, np.float32(0))
        ).astype(np.float32)

    def _known_mask(self, shape: tuple[int, ...]) -> Mask:
        mask = np.zeros(shape, np.bool_)
        for known in self._things:
            mask[known.window()] |= True
        return mask

    # -- new things

    def _find(self, scene: _Scene, view: _View) -> None:
        s = self.settings
        differs = view.foreground & ~view.covered & ~self._known_mask(view.small.shape)
        settled = differs & (scene.still_s >= s.settle_s)
        if not settled.any():
            return
        # parts of one thing that look like the ground lie between parts that do not
        joined = cv2.dilate(differs.view(np.uint8), np.ones((JOIN, JOIN), np.uint8))
        count, labels, stats = parts(np.asarray(joined, np.uint8))
        # what lies against somebody may be hidden in part, and is looked at when they have gone
        hidden = set(np.unique(labels[view.covered & (joined > 0)]).tolist())
        for label in set(range(1, count)) - hidden:
            left, top, width, height, _ = (int(v) for v in stats[label])
            rows, columns = slice(top, top + height), slice(left, left + width)
            mask = (labels[rows, columns] == label) & differs[rows, columns]
            size, still = int(mask.sum()), int((mask & settled[rows, columns]).sum())
            if still >= WHOLE * size:
                left, top, mask = _trimmed(left, top, mask)
                self._consider(scene, view, left, top, mask)

    def _consider(self, scene: _Scene, view: _View, left: int, top: int, mask: Mask) -> None:
        """Whether it is a thing; what is none belongs to the scene from now on."""
        s = self.settings
        h, w = mask.shape
        window = slice(top, top + h), slice(left, left + w)
        began_s = view.at_s - float(scene.still_s[window][mask].max())
        box = np.array([[left, top, left + w, top + h]], np.float32)
        if self._is_rest_of_a_track(box):
            scene.still_s[window][mask] = 0
            return
        by, class_id = self._at_hand(box[0], began_s - s.remember_s, began_s + 0.6)
        before, after = scene.picture[window], view.small[window] - np.float32(view.offset)
        size = int(mask.sum())
        is_none = (
            size < s.least * view.small.size
            or h * w > s.most * view.small.size
            or size < FILLED * h * w
            or _is_light(before, after, mask, s.light)
        )
        if is_none or not by or self._is_part(box[0]):
            scene.picture[window][mask] = view.small[window][mask]
            scene.still_s[window][mask] = 0
            return
        is_gone = not _came(scene.picture, view.small, left, top, mask)
        self._things.append(
            _Known(self._next_id, left, top, mask, before.copy(), after.copy(), is_gone, began_s, by, class_id)
        )
        self._next_id += 1

    def _is_rest_of_a_track(self, box: Floats) -> bool:
        """A person or a vehicle that stands there and that the tracker has just lost sight of."""
        return any(
            bool((iou(box, presence.boxes)[0][np.array(presence.class_ids) != UNKNOWN_CLASS] > SAME).any())
            for presence in self._presences
            if presence.ids
        )

    def _is_part(self, box: Floats) -> bool:
        """It lies against a thing that is known already: a shadow, or what came to light of it later."""
        beside = box + np.array([-PART_PX, -PART_PX, PART_PX, PART_PX], np.float32)
        return any(
            beside[0] < right and left < beside[2] and beside[1] < bottom and top < beside[3]
            for left, top, right, bottom in map(self._corners, self._things)
        )

    def _at_hand(self, box: Floats, from_s: float, to_s: float) -> tuple[tuple[int, ...], int]:
        """Tracks whose hands reached the box in that time, the likeliest first, and what the first of them is."""
        weights: dict[int, float] = {}
        kinds: dict[int, int] = {}
        for presence in self._presences:
            if not from_s <= presence.at_s <= to_s:
                continue
            same = iou(box[None], presence.boxes)[0] > SAME  # the thing itself, followed as something unknown
            for track_id, class_id, (left, top, right, bottom), is_it in zip(
                presence.ids, presence.class_ids, presence.boxes.tolist(), same.tolist(), strict=True
            ):
                if is_it:
                    continue
                reach = self.settings.at_hand * (right - left) + 1
                across = min(right + reach, box[2]) - max(left - reach, box[0])
                down = min(bottom + reach, box[3]) - max(top, box[1])
                if across > 0 and down > 0:
                    share = float(across * down) / float((box[2] - box[0]) * (box[3] - box[1]))
                    weights[track_id] = weights.get(track_id, 0.0) + share
                    kinds[track_id] = class_id
        ranked = tuple(sorted(weights, key=lambda track_id: -weights[track_id]))
        return ranked, kinds[ranked[0]] if ranked else UNKNOWN_CLASS

    # -- things that are known

    def _follow(self, scene: _Scene, view: _View) -> list[_Known]:
        """Compare each with its patches; returns those that are over."""
        over: list[_Known] = []
        kept: list[_Known] = []
        for known in self._things:
            self._compare(known, view)
            box = np.array(self._corners(known), np.float32)
            if known.back_s >= self.settings.back_s:
                known.over_by, _ = self._at_hand(box, view.at_s - self.settings.remember_s, view.at_s)
                over.append(known)
            elif known.odd_s >= self.settings.odd_s or view.at_s - known.since_s >= self.settings.keep_s:
                scene.picture[known.window()] = view.small[known.window()]
            else:
                kept.append(known)
        self._things = kept
        return over

    def _compare(self, known: _Known, view: _View) -> None:
        window, mask = known.window(), known.mask
        if view.covered[window][mask].mean() > 0.15:
            return
        now = view.small[window] - np.float32(view.offset)
        apart = float(np.abs(known.before - known.after)[mask].mean())
        to_before = float(np.abs(now - known.before)[mask].mean())
        to_after = float(np.abs(now - known.after)[mask].mean())
        if to_before < 0.5 * apart and to_before < to_after:
            known.back_s += view.dt_s
        elif to_after < 0.6 * apart:
            known.back_s = known.odd_s = 0.0
            known.after += np.float32(0.05) * (now - known.after)
        else:
            known.odd_s += view.dt_s

    def _corners(self, known: _Known) -> tuple[int, int, int, int]:
        h, w = known.mask.shape
        return known.left, known.top, known.left + w, known.top + h

    def _told(self, things: list[_Known], shape: tuple[int, ...], at_s: float) -> tuple[Thing, ...]:
        if self._scene is None:
            return ()
        height, width = self._scene.picture.shape
        told = []
        for known in things:
            left, top, right, bottom = self._corners(known)
            box = (round(left / width, 4), round(top / height, 4), round(right / width, 4), round(bottom / height, 4))
            age_s = round(at_s - known.since_s, 3)
            is_over = known.back_s >= self.settings.back_s
            told.append(Thing(known.id, box, known.is_gone, age_s, known.by, known.class_id, is_over, known.over_by))
        return tuple(told)


def _trimmed(left: int, top: int, mask: Mask) -> tuple[int, int, Mask]:
    """Cut to what is set."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return left + int(columns[0]), top + int(rows[0]), cut


def _is_light(before: Small, after: Small, mask: Mask, alike: float) -> bool:
    """The same texture, only brighter or darker."""
    a, b = before[mask], after[mask]
    a, b = a - a.mean(), b - b.mean()
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float(a.std()) > 6.0 and spread > 0 and float((a * b).sum()) / spread > alike


def _came(before: Small, after: Small, left: int, top: int, mask: Mask) -> bool:
    """Whether something came, by outline and by contrast with what lies around."""
    margin = 5
    h, w = mask.shape
    y0, x0 = max(top - margin, 0), max(left - margin, 0)
    rows, columns = slice(y0, top + h + margin), slice(x0, left + w + margin)
    old, new = np.ascontiguousarray(before[rows, columns]), np.ascontiguousarray(after[rows, columns])
    inside = np.zeros(old.shape, np.uint8)
    inside[top - y0 : top - y0 + h, left - x0 : left - x0 + w] = mask
    kernel = np.ones((3, 3), np.uint8)
    wide = cv2.dilate(inside, kernel)
    ring = (wide > 0) & (cv2.erode(inside, kernel) == 0)
    around = (cv2.dilate(wide, kernel, iterations=2) > 0) & (wide == 0)
    body = inside > 0

    def outline(picture: Small) -> float:
        dx, dy = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
        return float(np.hypot(dx, dy)[ring].mean())

    def contrast(picture: Small) -> float:
        return abs(float(picture[body].mean() - picture[around].mean())) if around.any() else 0.0

    score = np.log((outline(new) + 8) / (outline(old) + 8)) + np.log((contrast(new) + 4) / (contrast(old) + 4))
    return bool(score > 0)
