"""Colour names, against what people call colours."""

from __future__ import annotations

import numpy as np
import pytest

from custos.model.frame import Image
from custos.testing.colour_survey import answers
from custos.testing.parade import light_gains, lit
from custos.vision.appearance.colours import NAMES, name_shares, names_of, shares_of_each, to_lab
from custos.vision.appearance.light import Light, SceneLight, estimate

DAYLIGHT = Light()
HELD_OUT = {
    "lightblue": ("add8e6", "blue"), "steelblue": ("4682b4", "blue"), "darkblue": ("00008b", "blue"),
    "royalblue": ("4169e1", "blue"), "skyblue": ("87ceeb", "blue"), "dodgerblue": ("1e90ff", "blue"),
    "slategrey": ("708090", "blue grey"), "darkgreen": ("006400", "green"), "forestgreen": ("228b22", "green"),
    "lightgreen": ("90ee90", "green"), "darkseagreen": ("8fbc8f", "green"), "darkolivegreen": ("556b2f", "green"),
    "lime": ("00ff00", "green"), "seagreen": ("2e8b57", "green"), "yellow": ("ffff00", "yellow"),
    "gold": ("ffd700", "yellow"), "khaki": ("f0e68c", "yellow"), "orange": ("ffa500", "orange"),
    "darkorange": ("ff8c00", "orange"), "orangered": ("ff4500", "orange red"), "saddlebrown": ("8b4513", "brown"),
    "sienna": ("a0522d", "brown"), "peru": ("cd853f", "brown orange"), "darkred": ("8b0000", "red"),
    "firebrick": ("b22222", "red"), "crimson": ("dc143c", "red"), "red": ("ff0000", "red"),
    "pink": ("ffc0cb", "pink"), "hotpink": ("ff69b4", "pink"), "deeppink": ("ff1493", "pink"),
    "palevioletred": ("db7093", "pink"), "purple": ("800080", "purple"), "indigo": ("4b0082", "purple"),
    "darkviolet": ("9400d3", "purple"), "mediumpurple": ("9370db", "purple"), "grey": ("808080", "grey"),
    "dimgrey": ("696969", "grey"), "darkgrey": ("a9a9a9", "grey"), "black": ("000000", "black"),
    "white": ("ffffff", "white"), "snow": ("fffafa", "white"), "whitesmoke": ("f5f5f5", "white"),
}  # fmt: skip
"""Names of CSS Color Module Level 4 that say their basic term; the borders were drawn without them."""


def bgr_of(digits: str) -> tuple[int, int, int]:
    return int(digits[4:], 16), int(digits[2:4], 16), int(digits[:2], 16)


def name_of(bgr: tuple[int, int, int], light: Light = DAYLIGHT) -> str:
    return NAMES[int(names_of(to_lab(np.array([bgr], np.uint8), light))[0])]


def patch(bgr: tuple[int, int, int], size: int = 12) -> Image:
    return np.full((size, size, 3), bgr, np.uint8)


def test_nothing_has_no_colour() -> None:
    assert name_shares(np.zeros((0, 0, 3), np.uint8), DAYLIGHT).tolist() == [0] * len(NAMES)
    assert name_shares(patch((0, 0, 255)), DAYLIGHT, np.zeros((12, 12), np.float32)).tolist() == [0] * len(NAMES)


def test_people_s_names_for_colours() -> None:
    """The survey, in view when the borders were drawn: four of its 187 answers lie on the other side."""
    wrong = [full for full, term, bgr in answers() if name_of(bgr) != term]
    assert len(wrong) <= 6, wrong


def test_colour_names_that_were_not_in_view() -> None:
    wrong = [name for name, (digits, terms) in HELD_OUT.items() if name_of(bgr_of(digits)) not in terms.split()]
    assert len(wrong) <= 2, wrong


def test_shares_are_of_the_pixels_that_have_weight() -> None:
    half = np.concatenate([patch((200, 30, 20)), patch((20, 20, 200))], axis=1)
    shares = name_shares(half, DAYLIGHT)
    assert shares.sum() == pytest.approx(1)
    assert shares[NAMES.index("blue")] > 0.2
    assert shares[NAMES.index("red")] > 0.2
    weights = np.zeros((12, 24), np.float32)
    weights[:, :12] = 1
    assert name_shares(half, DAYLIGHT, weights)[NAMES.index("blue")] == pytest.approx(1)


# -- light


def room(kelvin: float = 6504, *, floor: tuple[int, int, int] = (70, 100, 135)) -> Image:
    """A scene: grey walls of several shades, a wooden floor, a green plant; grain."""
    scene = np.zeros((54, 96, 3), np.float32)
    scene[:30] = np.linspace(120, 205, 96)[None, :, None]
    scene[30:] = floor
    scene[20:34, 10:18] = (60, 120, 60)
    scene += np.random.default_rng(1).normal(0, 3, scene.shape)
    return lit(np.clip(scene, 0, 255).astype(np.uint8), light_gains(kelvin))


NOTHING = np.zeros((54, 96), bool)


def light_of(scene: Image) -> Light:
    learned = SceneLight()
    learned.learn(scene, NOTHING, 0.0)
    return learned.light


@pytest.mark.parametrize("kelvin", [2856, 3500, 4500, 6504, 8000, 10000])
def test_names_hold_under_lamps_and_sky(kelvin: float) -> None:
    """Tungsten at 2856 K (CIE illuminant A) to the blue of a shadow; each colour is drawn under that light."""
    light = light_of(room(kelvin))
    clothes = {
        "white": (235, 235, 235), "grey": (120, 120, 120), "black": (18, 18, 18), "red": (35, 30, 180),
        "green": (60, 120, 40), "blue": (160, 80, 30), "yellow": (40, 210, 235), "brown": (35, 65, 110),
        "purple": (130, 45, 115),
    }  # fmt: skip
    found = {}
    for term, bgr in clothes.items():
        seen = lit(patch(bgr), light_gains(kelvin))
        found[term] = NAMES[int(name_shares(seen, light).argmax())]
    assert found == {term: term for term in clothes}


def test_a_white_shirt_under_lamps_is_not_yellow_and_is_when_nobody_knows_the_light() -> None:
    shirt = lit(patch((225, 225, 225)), light_gains(2856))
    assert NAMES[int(name_shares(shirt, light_of(room(2856))).argmax())] == "white"
    assert NAMES[int(name_shares(shirt, DAYLIGHT).argmax())] in ("yellow", "orange", "brown")


def test_a_yellow_shirt_under_lamps_stays_yellow() -> None:
    shirt = lit(patch((40, 205, 230)), light_gains(2856))
    assert NAMES[int(name_shares(shirt, light_of(room(2856))).argmax())] == "yellow"


def test_a_wooden_floor_is_not_taken_for_lamplight() -> None:
    gains = np.array(light_of(room()).gains)
    assert gains / gains[1] == pytest.approx([1, 1, 1], abs=0.12)


def test_too_little_to_tell_is_daylight() -> None:
    assert estimate(np.zeros((0, 3), np.float32)) == Light()
    assert estimate(np.zeros((500, 3), np.float32)) == Light()


@pytest.mark.parametrize("gains", [(0.0, 1, 1), (1, 1, -1), (1, 1, float("nan")), (1, float("inf"), 1)])
def test_a_light_that_cannot_be(gains: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="gains must lie between 0 and 100, got"):
        Light(gains)


def test_who_stands_there_is_not_learned_as_background() -> None:
    """Symptom: somebody in red before a small camera made the whole scene look as if lit by red light."""
    learned, scene, covered = SceneLight(), room(), NOTHING.copy()
    covered[:, 20:80] = True
    learned.learn(scene, NOTHING, 0.0)
    before = learned.light
    crowded = scene.copy()
    crowded[:, 20:80] = (30, 30, 200)
    for n in range(1, 40):
        learned.learn(crowded, covered, n * 5.0)
    assert learned.light.gains == pytest.approx(before.gains, rel=0.02)


def test_lessons_come_often_at_first_and_seldom_later() -> None:
    learned, times = SceneLight(), list[float]()
    for n in range(400):
        at_s = n * 0.2
        if learned.wants(at_s):
            learned.learn(room(), NOTHING, at_s)
            times.append(at_s)
    assert len([t for t in times if t < 10]) == 10
    assert len([t for t in times if t >= 10]) == pytest.approx(14, abs=1)
    assert learned.wants(0.0)  # a clock that was set back


def test_the_light_follows_when_lamps_are_switched_on() -> None:
    learned = SceneLight()
    for n in range(12):
        learned.learn(room(6504), NOTHING, float(n))
    for n in range(120):
        learned.learn(room(2856), NOTHING, 15.0 + 5 * n)
    assert learned.light.gains[0] / learned.light.gains[2] == pytest.approx(1 / 0.13, rel=0.3)


def test_what_is_background_and_what_is_not() -> None:
    learned, scene = SceneLight(), room()
    assert learned.unlike(scene[:5, :5], (0, 0, 5, 5), (96, 54)).tolist() == [[1] * 5] * 5
    learned.learn(scene, NOTHING, 0.0)
    assert learned.unlike(scene[10:20, 40:50], (40, 10, 50, 20), (96, 54)).mean() < 0.1
    assert learned.unlike(patch((30, 30, 200)), (40, 10, 50, 20), (96, 54)).mean() > 0.9


def test_parts_read_together_are_as_read_one_by_one() -> None:
    chance = np.random.default_rng(3)
    parts = [
        (chance.integers(0, 256, (h, w, 3)).astype(np.uint8), chance.integers(0, 2, (h, w)).astype(np.float32))
        for h, w in ((7, 5), (12, 4), (1, 1), (9, 9))
    ]
    parts.insert(2, (parts[0][0], np.zeros((7, 5), np.float32)))
    light = Light((1.2, 1.0, 0.8))
    for together, (bgr, weights) in zip(shares_of_each(parts, light, lift=2.0), parts, strict=True):
        assert together == pytest.approx(name_shares(bgr, light, weights, lift=2.0), abs=1e-6)
    assert shares_of_each([], light) == []
