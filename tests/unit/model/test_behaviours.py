"""The table of behaviours, a behaviour of a camera, and the ground: what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import cos, sin

import pytest

from custos.model.behaviours import BEHAVIOUR_KINDS, NOTABLE, BehaviourKind, BehaviourSpec, Need, Setting, Stricter
from custos.model.detections import class_ids
from custos.model.event_types import EVENT_TYPES
from custos.model.ground import Four, Ground, ground_flaw
from custos.model.site import Camera, Direction, Line

GATE = Line("gate", "Gate", ((0.0, 0.5), (1.0, 0.5)))
COUNT = BehaviourSpec("entrance", "line-count", line_id="gate")
IMAGE: Four = ((0.3, 0.4), (0.7, 0.4), (0.9, 0.9), (0.1, 0.9))
METRES: Four = ((0.0, 5.0), (2.5, 5.0), (2.5, 0.0), (0.0, 0.0))


def camera(*behaviours: BehaviourSpec) -> Camera:
    return Camera("yard", "Yard", "x.mp4", lines=(GATE,), behaviours=behaviours)


@pytest.mark.parametrize("kind", BEHAVIOUR_KINDS.values(), ids=BEHAVIOUR_KINDS)
def test_every_row_of_the_table_holds_together(kind: BehaviourKind) -> None:
    assert kind.meaning.endswith(".")
    assert kind.events
    assert set(kind.events) <= set(EVENT_TYPES)
    assert set(kind.measures) <= set(kind.events)
    assert class_ids(kind.classes)
    assert len({s.name for s in kind.settings}) == len(kind.settings)
    for order in kind.orders:
        less, more = kind.setting(order.less), kind.setting(order.more)
        assert less.default <= more.default
        assert less.stricter is more.stricter, "or the order would change with the sensitivity"
    for setting in kind.settings:
        assert setting.low <= setting.default <= setting.high
        assert setting.meaning
        assert not setting.unit or setting.unit in (
            "s",
            "m",
            "m/s",
            "km/h",
            "people",
            "people/m2",
            "degrees",
            "share",
            "times",
        )
    for name in kind.events:
        assert "behaviour_id" in {field.name for field in EVENT_TYPES[name].fields}, f"{name} does not say whose it is"
    assert not kind.directions or kind.line is not Need.NO


def test_measures_carry_no_picture() -> None:
    assert "line.counted" not in NOTABLE
    assert set(EVENT_TYPES) >= NOTABLE


def test_a_behaviour_takes_what_it_does_not_say_from_its_kind() -> None:
    assert COUNT.class_ids == class_ids(("person",))
    assert COUNT.value("period_s") == 60
    assert replace(COUNT, settings={"period_s": 300}).value("period_s") == 300
    assert replace(COUNT, classes=("vehicle",)).class_ids == class_ids(("vehicle",))
    with pytest.raises(KeyError, match="perod_s"):
        COUNT.value("perod_s")


@pytest.mark.parametrize(
    ("sensitivity", "higher", "lower", "same"),
    [(0.5, 4, 4, 4), (1.0, 2, 8, 4), (0.0, 8, 2, 4), (0.75, 2.828, 5.657, 4)],
)
def test_sensitivity_moves_thresholds_the_strict_way(
    monkeypatch: pytest.MonkeyPatch, sensitivity: float, higher: float, lower: float, same: float
) -> None:
    settings = tuple(Setting(one.value, "s", 4.0, 0.0, 10.0, "made for this test", one) for one in Stricter)
    monkeypatch.setitem(BEHAVIOUR_KINDS, "made-up", BehaviourKind("made-up", "Nothing.", (), settings=settings))
    spec = BehaviourSpec("a", "made-up", sensitivity=sensitivity)
    assert [spec.value(name) for name in ("higher", "lower", "same")] == pytest.approx([higher, lower, same], abs=1e-3)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        pytest.param(lambda: replace(COUNT, id="Entrance"), "behaviour id .* 'Entrance'", id="id"),
        pytest.param(lambda: replace(COUNT, kind="line-cuont"), "'line-cuont'; there are line-count", id="kind"),
        pytest.param(lambda: replace(COUNT, line_id=None), "needs a line", id="no line"),
        pytest.param(lambda: replace(COUNT, zone_id="dock"), "no use for a zone", id="a zone"),
        pytest.param(lambda: replace(COUNT, sensitivity=1.5), "sensitivity must lie in 0..1, got 1.5"),
        pytest.param(lambda: replace(COUNT, sensitivity=float("nan")), "got nan", id="nan"),
        pytest.param(lambda: replace(COUNT, classes=("dragon",)), "'dragon'", id="class"),
        pytest.param(lambda: replace(COUNT, settings={"perod_s": 5}), "no setting 'perod_s'; it has period_s"),
        pytest.param(lambda: replace(COUNT, settings={"period_s": 1}), r"5\.\.3600 s, got 1", id="low"),
        pytest.param(lambda: BehaviourSpec("s", "stopping", settings={"stop_s": 200}),
                     "'s': stop_s must not be more than park_s, but it is 200 s and park_s 120 s by default"),
        pytest.param(lambda: replace(COUNT, settings={"period_s": float("inf")}), "got inf", id="inf"),
        pytest.param(lambda: camera(replace(COUNT, line_id="door")), "line 'door', which is not there; known: gate"),
        pytest.param(lambda: camera(COUNT, COUNT), "behaviour id 'entrance' is used twice", id="twice"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()


def test_direction_is_for_kinds_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert replace(COUNT, direction=Direction.LEFT).direction is Direction.LEFT
    monkeypatch.setitem(BEHAVIOUR_KINDS, "made-up", BehaviourKind("made-up", "Nothing.", ()))
    with pytest.raises(ValueError, match="has no direction"):
        BehaviourSpec("a", "made-up", direction=Direction.LEFT)


def test_metres_want_the_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BEHAVIOUR_KINDS, "made-up", BehaviourKind("made-up", "Nothing.", (), ground=Need.MUST))
    spec = BehaviourSpec("a", "made-up")
    with pytest.raises(ValueError, match=r"'a' \(made-up\) measures metres and needs the camera's ground"):
        camera(spec)
    assert replace(camera(), ground=Ground(IMAGE, METRES), behaviours=(spec,)).behaviours == (spec,)


def test_a_sensible_ground() -> None:
    assert Ground(IMAGE, METRES).picture_m == pytest.approx((12.5 / 0.3) ** 0.5)


@pytest.mark.parametrize("focal", [0.4, 1.0, 4.0])
@pytest.mark.parametrize("down", [0.15, 0.6, 1.4])
@pytest.mark.parametrize(("width", "height"), [(4, 3), (16, 9), (9, 16)])
def test_what_a_camera_sees_is_a_ground(focal: float, down: float, width: int, height: int) -> None:
    """One 4 m up that looks `down` by so many radians, `focal` widths of the picture long, with clicks 0.3% beside."""
    image: Four = ((0.31, 0.52), (0.72, 0.49), (0.83, 0.88), (0.12, 0.91))
    metres = []
    for (x, y), beside in zip(image, (0.003, -0.003, 0.003, -0.003), strict=True):
        right, low = (x + beside - 0.5) / focal, (y - 0.5) * height / (width * focal)
        ahead, fall = cos(down) - low * sin(down), sin(down) + low * cos(down)
        metres.append((4 * right / fall, 4 * ahead / fall))
    assert ground_flaw(Ground(image, (metres[0], metres[1], metres[2], metres[3]))) is None


@pytest.mark.parametrize(("wide_m", "long_m"), [(0.06, 10.5), (10.5, 0.06)])
def test_no_camera_sees_one_way_a_hundred_times_too_long(wide_m: float, long_m: float) -> None:
    flaw = ground_flaw(Ground(IMAGE, ((0.0, long_m), (wide_m, long_m), (wide_m, 0.0), (0.0, 0.0))))
    assert f"no camera sees {wide_m:g}, {long_m:g}, {wide_m:g}, {long_m:g} m from point to point" in str(flaw)


def moved(points: Four, which: int, to: tuple[float, float]) -> Four:
    a, b, c, d = (to if i == which else point for i, point in enumerate(points))
    return a, b, c, d


@pytest.mark.parametrize(
    ("image", "metres", "complaint"),
    [
        pytest.param(moved(IMAGE, 1, (0.2, 0.65)), METRES, "image points 1, 2, 4 lie on one line", id="collinear"),
        pytest.param(moved(IMAGE, 1, IMAGE[0]), METRES, "image points .* on one spot", id="a point twice"),
        pytest.param(moved(IMAGE, 1, (1.2, 0.4)), METRES, r"\(1.2, 0.4\)", id="outside"),
        pytest.param(moved(IMAGE, 1, (float("nan"), 0.4)), METRES, "finite", id="nan"),
        pytest.param(IMAGE, moved(METRES, 1, (1e9, 5.0)), "are these metres", id="endless"),
        pytest.param(IMAGE, moved(METRES, 1, (0.0, 10.0)), "metres points 1, 2, 4", id="collinear metres"),
        pytest.param((IMAGE[0], IMAGE[2], IMAGE[1], IMAGE[3]), METRES, "image points do not go around", id="bow tie"),
        pytest.param(IMAGE, (METRES[0], METRES[2], METRES[1], METRES[3]), "metres points do not go around", id="order"),
        pytest.param(moved(IMAGE, 2, (0.4, 0.6)), METRES, "convex", id="dented"),
        pytest.param(IMAGE, ((0.0, 0.06), (0.06, 0.06), (0.06, 0.0), (0.0, 0.0)), "expected 0.3..", id="tiny"),
        pytest.param(IMAGE, ((0.0, 1900.0), (1900.0, 1900.0), (1900.0, 0.0), (0.0, 0.0)), "check the metres"),
        pytest.param(IMAGE, METRES[:3], "4 points", id="three"),
    ],
)  # fmt: skip
def test_an_absurd_ground_is_refused_with_the_reason(image: Four, metres: Four, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Ground(image, metres)
