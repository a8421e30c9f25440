"""What tracks look like: regions, what hides them, bags, heights, the best picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from custos.model.detections import COCO_CLASSES, Detections, Tracks
from custos.model.frame import Frame, Image
from custos.model.site import HeightReference
from custos.testing.parade import NO_DETECTIONS, Parade, dressed, painted
from custos.vision.appearance import Appearance, AppearanceBook, DoorRuler
from custos.vision.appearance.book import KNOWN_LOOKS
from custos.vision.appearance.regions import LOWER, UPPER, person_regions
from custos.vision.appearance.snapshot import score, sharpness
from custos.vision.motion import Motion

Box = tuple[float, float, float, float]
SIZE = (320, 240)
RED, BLUE, GREEN, WHITE = (30, 30, 190), (170, 70, 30), (50, 130, 40), (225, 225, 225)
PERSON, CAR = 0, 2
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ground() -> Image:
    chance = np.random.default_rng(2)
    return np.clip(150 + chance.normal(0, 10, (SIZE[1], SIZE[0], 1)).repeat(3, 2), 0, 255).astype(np.uint8)


def person(picture: Image, box: Box, upper: tuple[int, int, int], lower: tuple[int, int, int]) -> Box:
    """Head, upper and lower clothes, drawn into the box."""
    left, top, right, bottom = (round(v) for v in box)
    height = bottom - top
    y = [max(top + round(share * height), 0) for share in (0, 0.16, 0.5, 0.93)]
    inset = (right - left) // 6
    picture[y[0] : y[1], left + 2 * inset : right - 2 * inset] = (120, 150, 200)
    picture[y[1] : y[2], left + inset : right - inset] = upper
    picture[y[2] : y[3], left + inset : right - inset] = lower
    return box


def tracks_of(boxes: Sequence[Box], classes: Sequence[int] | None = None, *, observed: bool = True) -> Tracks:
    n = len(boxes)
    xyxy = np.clip(np.array(boxes, np.float32).reshape(-1, 4), 0, np.array(SIZE * 2, np.float32))
    return Tracks(
        xyxy.astype(np.float32),
        np.full(n, 0.8, np.float32),
        np.array(classes or [PERSON] * n, np.int64),
        np.arange(1, n + 1),
        np.full(n, observed),
        np.ones(n, np.float32),
        *SIZE,
    )


STILL = Motion(np.zeros((144, 192), bool), np.zeros((144, 192), bool), is_moving=False)


def look(
    book: AppearanceBook, picture: Image, tracks: Tracks, at_s: float, detections: Detections = NO_DETECTIONS
) -> tuple[int, ...]:
    frame = Frame.from_bgr(picture, captured_at=NOON)
    return book.update(frame, tracks, detections, STILL, at_s=at_s)


def ready() -> AppearanceBook:
    """A book that has learned the empty ground."""
    book = AppearanceBook()
    look(book, ground(), tracks_of([]), 0.0)
    return book


def names(appearance: Appearance | None) -> dict[str, str]:
    assert appearance is not None
    return {part: colours.shares[0][0] for part, colours in appearance.parts}


def test_nobody() -> None:
    book = AppearanceBook()
    assert look(book, ground(), tracks_of([]), 0.0) == ()
    assert book.describe(1) is None
    book.forget(1)


def test_upper_and_lower() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 140, 180), RED, BLUE)
    assert look(book, picture, tracks_of([box]), 1.0) == (1,)
    found = book.describe(1)
    assert names(found) == {"upper": "red", "lower": "blue"}
    assert found is not None
    assert (found.looks, found.bag, found.height_m) == (1, None, None)
    assert all(0 < colours.confidence <= 1 for _, colours in found.parts)


def test_who_was_not_seen_in_this_picture_is_not_looked_at() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 140, 180), RED, BLUE)
    assert look(book, picture, tracks_of([box], observed=False), 1.0) == ()
    assert book.describe(1) is None


def test_twice_a_second_and_no_more() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 140, 180), RED, BLUE)
    for n in range(40):
        look(book, picture, tracks_of([box]), 1.0 + n * 0.1)
    found = book.describe(1)
    assert found is not None
    assert found.looks == 8


def test_confidence_grows_with_looks_that_agree() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 140, 180), RED, BLUE)
    told = []
    for n in range(6):
        look(book, picture, tracks_of([box]), 1.0 + n)
        found = book.describe(1)
        assert found is not None
        told.append(dict(found.parts)["upper"].confidence)
    assert told == sorted(told)
    assert told[-1] > told[0] + 0.2


def test_colours_are_told_in_the_light_they_were_seen_in() -> None:
    """What is asked at once, and what is asked after the lamps have turned red."""
    told = []
    for is_asked_at_once in (True, False):
        book, picture = ready(), ground()
        look(book, picture, tracks_of([person(picture, (100, 60, 140, 180), (90, 90, 90), BLUE)]), 1.0)
        if is_asked_at_once:
            book.describe(1)
        red = (ground()[:180] * np.array([0.3, 0.4, 1.0])).astype(np.uint8)
        look(book, red, tracks_of([]), 3.0)
        assert book.light.gains[0] > 1.5
        found = book.describe(1)
        assert found is not None
        told.append(found.parts)
    assert told[0] == told[1]
    assert dict(told[0])["upper"].shares[0][0] == "grey"


def test_one_wrong_look_in_ten_changes_no_name() -> None:
    book = ready()
    for n in range(10):
        picture = ground()
        box = person(picture, (100, 60, 140, 180), GREEN if n == 4 else RED, BLUE)
        look(book, picture, tracks_of([box]), 1.0 + n)
    assert names(book.describe(1))["upper"] == "red"


@pytest.mark.parametrize(("before", "told"), [(1, ["blue"]), (KNOWN_LOOKS, ["red"])])
def test_whose_colours_are_well_known_has_them_read_seldom(before: int, told: list[str]) -> None:
    """The same eight looks at somebody in blue count for two when they have been known in red for long."""
    book = ready()
    for n in range(before + 8):
        picture = ground()
        box = person(picture, (100, 60, 140, 180), RED if n < before else BLUE, BLUE)
        look(book, picture, tracks_of([box]), 1.0 + n)
    found = book.describe(1)
    assert found is not None
    assert [name for name, share in dict(found.parts)["upper"].shares] == told
    assert found.looks == before + 8


def test_forgotten_is_forgotten() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 140, 180), RED, BLUE)
    look(book, picture, tracks_of([box]), 1.0)
    book.forget(1)
    assert book.describe(1) is None


# -- part of somebody


def test_who_is_half_hidden_gets_no_colour_from_what_hides_them() -> None:
    """Somebody in red over blue, whose legs somebody in green over white covers: no green and no white."""
    book, picture = ready(), ground()
    behind = person(picture, (100, 40, 140, 160), RED, BLUE)
    before = person(picture, (102, 100, 142, 220), GREEN, WHITE)
    look(book, picture, tracks_of([behind, before]), 1.0)
    assert names(book.describe(1)) == {"upper": "red"}
    assert names(book.describe(2)) == {"upper": "green", "lower": "white"}


def test_who_sits_or_stands_behind_a_counter_has_no_lower_clothes() -> None:
    """Symptom: the brown of a counter was told as trousers."""
    regions = person_regions((100, 100, 150, 160), 240)
    assert [region.name for region in regions] == [UPPER]


def test_cut_off_at_the_bottom() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 180, 140, 300), RED, BLUE)
    look(book, picture, tracks_of([(box[0], box[1], box[2], 240)]), 1.0)
    assert names(book.describe(1)) == {"upper": "red"}


def test_cut_off_at_the_top() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, -60, 148, 60), RED, BLUE)
    look(book, picture, tracks_of([(box[0], 0, box[2], 60)]), 1.0)
    assert names(book.describe(1)) == {"lower": "blue"}


def test_too_small_to_tell() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 105, 70), RED, BLUE)
    look(book, picture, tracks_of([box]), 1.0)
    found = book.describe(1)
    assert found is not None
    assert UPPER not in dict(found.parts)
    assert LOWER not in dict(found.parts)


def test_clothes_of_the_colour_of_the_background_are_clothes() -> None:
    book, picture = ready(), ground()
    box = person(picture, (100, 60, 140, 180), (150, 150, 150), BLUE)
    look(book, picture, tracks_of([box]), 1.0)
    assert names(book.describe(1))["upper"] in ("grey", "white")


# -- bags


def bag(box: Box, kind: str = "backpack", confidence: float = 0.6) -> Detections:
    return Detections(
        np.array([box], np.float32),
        np.array([confidence], np.float32),
        np.array([COCO_CLASSES.index(kind)], np.int64),
    )


def walk_with(bag_moves: bool, *, kind: str = "backpack", confidence: float = 0.6, looks: int = 8) -> Appearance:
    """Somebody crosses the picture; a bag goes along, or stands where they started."""
    book = ready()
    for n in range(looks):
        x = 60.0 + 20 * n
        picture = ground()
        box = person(picture, (x, 60, x + 40, 180), BLUE, BLUE)
        at = x if bag_moves else 60.0
        found = bag((at + 8, 85, at + 32, 115), kind, confidence)
        picture[85:115, int(at) + 8 : int(at) + 32] = RED
        look(book, picture, tracks_of([box]), 1.0 + n * 0.5, found)
    told = book.describe(1)
    assert told is not None
    return told


def test_a_bag_that_goes_along_is_carried() -> None:
    carried = walk_with(bag_moves=True).bag
    assert carried is not None
    assert (carried.kind, carried.colour) == ("backpack", "red")
    assert carried.confidence == pytest.approx(0.6)


def test_a_bag_on_the_floor_that_somebody_passes_is_not_carried() -> None:
    assert walk_with(bag_moves=False).bag is None


def test_a_doubtful_bag_is_none() -> None:
    assert walk_with(bag_moves=True, confidence=0.2).bag is None


def test_a_bag_seen_once_is_none() -> None:
    assert walk_with(bag_moves=True, looks=1).bag is None


# -- heights


DOOR = HeightReference((0.5, 0.6), (0.5, 0.3), 2.0)
GATE = HeightReference((0.2, 0.9), (0.2, 0.3), 3.0)


def test_beside_a_door_heights_are_told_and_elsewhere_they_are_not() -> None:
    ruler = DoorRuler([DOOR])
    assert ruler.height_m(0.6, 0.33) == pytest.approx(1.8)
    assert ruler.height_m(0.62, 0.35) == pytest.approx(1.8)
    assert ruler.height_m(0.9, 0.4) is None


def test_two_references_tell_of_everywhere() -> None:
    """0.15 of the picture a metre at 0.6, 0.2 at 0.9."""
    ruler = DoorRuler([DOOR, GATE])
    assert ruler.height_m(0.6, 0.33) == pytest.approx(1.8)
    assert ruler.height_m(0.9, 0.9 - 0.36) == pytest.approx(1.8)
    assert ruler.height_m(0.75, 0.75 - 0.175 * 1.7) == pytest.approx(1.7)


@pytest.mark.parametrize(("foot_y", "top_y"), [(0.6, 0.55), (0.6, 0.1), (0.6, 0.6)])
def test_what_is_no_height_of_a_person(foot_y: float, top_y: float) -> None:
    assert DoorRuler([DOOR]).height_m(foot_y, top_y) is None


def test_a_ruler_needs_something() -> None:
    with pytest.raises(ValueError, match="at least one reference"):
        DoorRuler([])


@pytest.mark.parametrize(
    ("bottom", "top", "height_m", "message"),
    [
        ((0.5, 0.6), (0.5, 1.3), 2.0, "fractions of the picture"),
        ((0.5, 0.3), (0.5, 0.6), 2.0, "its top must lie at least 0.02 of the picture above its bottom"),
        ((0.5, 0.6), (0.5, 0.3), 0.0, r"height_m must lie in 0.2..20 m, got 0.0"),
    ],
)
def test_absurd_references(
    bottom: tuple[float, float], top: tuple[float, float], height_m: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        HeightReference(bottom, top, height_m)


def test_how_tall_somebody_is_is_the_middle_of_what_was_measured() -> None:
    book = AppearanceBook(DoorRuler([HeightReference((0.5, 0.75), (0.5, 0.25), 2.0)]))
    look(book, ground(), tracks_of([]), 0.0)
    for n, height_px in enumerate((108, 107, 109, 90, 108)):
        picture = ground()
        box = person(picture, (100, 180 - height_px, 140, 180), RED, BLUE)
        look(book, picture, tracks_of([box]), 1.0 + n)
    found = book.describe(1)
    assert found is not None
    assert found.height_m == pytest.approx(1.8)


# -- the best picture


def test_sharp_is_better_than_blurred_and_detail_than_none() -> None:
    chance = np.random.default_rng(1)
    sharp = chance.integers(0, 255, (120, 60)).astype(np.uint8)
    blurred = np.repeat(np.repeat(sharp[::8, ::8], 8, axis=0), 8, axis=1)[:120, :60]
    soft = np.asarray((blurred.astype(np.float32) + np.roll(blurred, 4, 0) + np.roll(blurred, 4, 1)) / 3, np.uint8)
    box = (0.0, 0.0, 60.0, 120.0)
    assert sharpness(sharp, box) > sharpness(soft, box) > sharpness(np.full((120, 60), 9, np.uint8), box) == 0
    assert sharpness(sharp, (0, 0, 2, 2)) == 0


def test_what_makes_a_picture_better() -> None:
    def of(**changed: float | bool | None) -> float:
        usual: dict[str, float | bool | None] = {"is_cut": False, "visible": 1.0, "confidence": 0.8, "approach": 0.0}
        now = usual | changed
        return score(
            0.5, (0, 0, 40 * float(changed.get("zoom") or 1), 100), picture_px=320 * 240, is_cut=bool(now["is_cut"]),
            visible=float(now["visible"] or 0), confidence=float(now["confidence"] or 0), approach=now["approach"],
        )  # fmt: skip

    usual = of()
    assert of(zoom=0.5) < usual
    assert of(is_cut=True) < usual
    assert of(visible=0.5) < usual
    assert of(confidence=0.4) < usual
    assert of(approach=-0.5) < usual < of(approach=0.5)
    assert usual == of(approach=None)


def test_a_better_picture_replaces_a_worse_one_and_not_the_other_way_round() -> None:
    book = ready()
    best = []
    for n, height in enumerate((40, 80, 120, 120, 80, 40)):
        picture = ground()
        box = person(picture, (100, 200 - height, 100 + height / 3, 200), RED, BLUE)
        picture[200 - height : 200, 100:110] = np.random.default_rng(1).integers(0, 255, (height, 10, 1))
        best += [n] * len(look(book, picture, tracks_of([box]), 1.0 + n))
    assert best[0] == 0
    assert 2 in best or 3 in best
    assert not {4, 5} & set(best)
    found = book.describe(1)
    assert found is not None
    assert (found.snapshot_box[3] - found.snapshot_box[1]) * 240 == pytest.approx(120)


# -- with truth, from the simulator


def right(parade: Parade) -> tuple[int, int]:
    """(parts named as people name them, parts)."""
    book = AppearanceBook()
    for step in parade.steps():
        book.update(step.frame, step.tracks, NO_DETECTIONS, step.motion, at_s=step.at_s)
    told = [(one, names(book.describe(one.actor.id))) for one in parade.actors]
    return sum(found.get(part) == term for one, found in told for part, term in one.names.items()), sum(
        len(one.names) for one in parade.actors
    )


@pytest.mark.parametrize("kelvin", [2856.0, 6504.0])
def test_clothes_on_a_street_by_daylight_and_under_lamps(kelvin: float) -> None:
    named, there = right(Parade("street", dressed(6, seed=6), kelvin=kelvin, fps=2.0))
    assert there == 12
    assert named >= 10


def test_cars_and_vans() -> None:
    named, there = right(Parade("dock", painted(5, seed=4), fps=2.0))
    assert there == 5
    assert named >= 4
