"""Frames: the same for the same seed, alone or in order, and exactly what the truth says."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from custos.simulate.conditions import Condition
from custos.simulate.motion import Step
from custos.simulate.render import CameraRenderer, Rendering, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import STORY_S, Story

LAST = round(STORY_S * 10)
PLAIN = Settings()


@cache
def renderer(camera_id: str, settings: Settings = PLAIN) -> CameraRenderer:
    story = Story(settings.seed)
    return CameraRenderer(SCENES[camera_id], story, settings, story.covers)


def at(camera_id: str, t_s: float) -> Rendering:
    return renderer(camera_id).frame(round(t_s * 10) + 1)


def digest(rendering: Rendering) -> str:
    return hashlib.sha256(rendering.i420.tobytes()).hexdigest()


@pytest.mark.parametrize("camera_id", SCENES)
def test_same_seed_same_frame_in_any_order(camera_id: str) -> None:
    fresh = CameraRenderer(SCENES[camera_id], Story(7), Settings())
    indices = (1310, 520, 1)
    assert [digest(fresh.frame(i)) for i in indices] == [digest(renderer(camera_id).frame(i)) for i in indices]
    assert digest(fresh.frame(520)) == digest(fresh.frame(520))


def test_another_seed_is_another_frame() -> None:
    other = CameraRenderer(SCENES["street"], Story(8), Settings(seed=8))
    assert digest(other.frame(570)) != digest(at("street", 56.9))


@pytest.mark.parametrize("camera_id", SCENES)
def test_the_loop_is_seamless(camera_id: str) -> None:
    first, last = renderer(camera_id).frame(1), renderer(camera_id).frame(LAST)
    assert [o.object_id for o in first.truth.objects] == [o.object_id for o in last.truth.objects]
    assert np.abs(first.bgr.astype(int) - last.bgr.astype(int)).mean() < 1.0
    assert digest(renderer(camera_id).frame(LAST + 1)) != digest(first)  # the grain goes on
    assert np.array_equal(renderer(camera_id).frame(LAST + 1).bgr, first.bgr)
    again, before = renderer(camera_id).frame(LAST + 571).truth, renderer(camera_id).frame(571).truth
    assert again.objects == before.objects
    assert again.t_s == before.t_s + STORY_S


@pytest.mark.parametrize(
    ("camera_id", "t_s", "name", "gone_s"), [("lobby", 150, "waiter", 172), ("dock", 45, "lingerer", 62)]
)
def test_the_box_is_where_the_person_was_drawn(camera_id: str, t_s: float, name: str, gone_s: float) -> None:
    """The picture differs from the empty scene inside the box, up to its edges, and above it nowhere."""
    drawn = at(camera_id, t_s)
    (truth,) = [o for o in drawn.truth.objects if o.name == name]
    left, top, right, bottom = (round(v) for v in truth.xyxy)
    # clouds pass slowly: a little later the light is nearly the same, but the person has gone
    differs = np.abs(drawn.bgr.astype(int) - at(camera_id, gone_s).bgr.astype(int)).max(axis=2) > 24
    assert differs[top:bottom, left:right].mean() > 0.35
    assert differs[top : top + 3, left:right].any()
    assert differs[top:bottom, left : left + 3].any()
    assert differs[top:bottom, right - 3 : right].any()
    assert not differs[max(0, top - 30) : top - 1, left:right].any()


def test_who_stands_behind_the_counter_is_partly_hidden_and_keeps_the_whole_box() -> None:
    (cashier,) = [o for o in at("shop", 1).truth.objects if o.name == "cashier"]
    assert 0.3 < cashier.visible < 0.9
    assert cashier.xyxy[3] - cashier.xyxy[1] > 100
    assert at("shop", 1).truth.objects[0].class_name == "person"


def test_who_is_behind_a_wall_is_not_in_the_truth() -> None:
    story = Story(7)
    inside = [a for a in story.appearances["street"] if a.actor.name == "visitor"][1]
    at_door = at("street", inside.route.start_s + 0.1).truth
    outside = at("street", inside.route.start_s + 3.0).truth
    assert "visitor" not in {o.name for o in at_door.objects}
    assert [o.visible for o in outside.objects if o.name == "visitor"] == [1.0]


def test_zones_and_feet_are_told() -> None:
    (lingerer,) = [o for o in at("dock", 45).truth.objects if o.name == "lingerer"]
    assert lingerer.zones == ("restricted",)
    foot_x, foot_y = lingerer.foot[0] * 640, lingerer.foot[1] * 360
    assert lingerer.xyxy[0] < foot_x < lingerer.xyxy[2]
    assert foot_y == pytest.approx(lingerer.xyxy[3], abs=8)


def test_the_van_is_there_whole_with_its_driver_before_it() -> None:
    objects = {o.name: o for o in at("dock", 131).truth.objects}
    assert objects["van"].class_name == "truck"
    assert 0.85 < objects["van"].visible < 1.0
    assert objects["driver"].visible == 1.0


def test_vehicles_that_drive_past_the_lens_are_no_error() -> None:
    story = Story(7)
    (blue,) = [a for a in story.appearances["street"] if a.actor.name == "blue-car"]
    names = set()
    for t_s in np.arange(blue.route.start_s, blue.route.start_s + 4, 0.5):
        names |= {o.name for o in at("street", round(float(t_s), 1)).truth.objects}
    assert "blue-car" in names


def test_frames_a_second_and_size_change_the_sampling_and_not_the_story() -> None:
    slow = renderer("lobby", Settings(fps=5, width_px=320, height_px=180)).frame(150 * 5 + 1)
    fast = at("lobby", 150)
    assert slow.i420.shape == (270, 320)
    assert slow.truth.t_s == fast.truth.t_s == 150.0
    (a,), (b,) = slow.truth.objects, fast.truth.objects
    assert [2 * v for v in a.xyxy] == pytest.approx(b.xyxy, abs=4)
    assert a.zones == b.zones


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"fps": 0.0}, "fps must lie"),
        ({"fps": 61.0}, "fps must lie"),
        ({"width_px": 641}, "width_px must be an even number"),
        ({"height_px": 32}, "height_px must be an even number"),
    ],
)
def test_bad_settings(settings: dict[str, float], says: str) -> None:
    values = {"fps": 10.0, "width_px": 640.0, "height_px": 360.0} | settings
    with pytest.raises(ValueError, match=says):
        Settings(fps=values["fps"], width_px=int(values["width_px"]), height_px=int(values["height_px"]))


def conditioned(camera_id: str, *conditions: Condition) -> Rendering:
    return renderer(camera_id, Settings(conditions=conditions)).frame(571)


def test_noon_is_the_plain_picture() -> None:
    assert digest(conditioned("street", Condition.NOON)) == digest(at("street", 57))


@pytest.mark.parametrize("camera_id", ["street", "lobby"])
def test_it_gets_darker(camera_id: str) -> None:
    noon, dusk, night = (
        conditioned(camera_id, c).bgr.mean() for c in (Condition.NOON, Condition.DUSK, Condition.NIGHT)
    )
    assert night < dusk - 10 < noon - 15


def test_fog_hides_what_is_far_more_than_what_is_near() -> None:
    clear, fog = at("street", 57).bgr.astype(int), conditioned("street", Condition.FOG).bgr.astype(int)
    far, near = (slice(45, 75), slice(0, 250)), (slice(300, 355), slice(300, 600))
    assert fog[far].std() < 0.35 * clear[far].std()
    assert fog[near].std() > 0.45 * clear[near].std()


def test_fog_hides_people_by_their_own_distance_and_not_by_that_of_what_is_behind_them() -> None:
    (walk,) = [a for a in Story(7).appearances["street"] if a.actor.name == "extra-3" and a.route.start_s == 52.0]
    step = walk.route.at(57.0)
    assert isinstance(step, Step)
    depth_m = renderer("street").view.project(np.array([(*step.place, 0.0)])).depth_m[0]
    clear, fog = at("street", 57), conditioned("street", Condition.FOG)
    (truth,) = [o for o in clear.truth.objects if o.name == "extra-3"]
    left, top, right, bottom = truth.xyxy
    x, y = round((left + right) / 2), round(top + (bottom - top) * 0.35)
    through = (188 - fog.bgr[y, x].astype(float)) / (188 - clear.bgr[y, x].astype(float))
    assert through == pytest.approx(np.exp(-depth_m / 11), abs=0.03)


def test_weather_stays_outside() -> None:
    assert digest(conditioned("lobby", Condition.RAIN, Condition.FOG)) == digest(at("lobby", 57))


def test_conditions_add_up_and_rain_is_new_in_every_frame() -> None:
    both = conditioned("dock", Condition.NIGHT, Condition.RAIN)
    assert both.bgr.mean() < conditioned("dock", Condition.RAIN).bgr.mean() - 20
    film = renderer("dock", Settings(conditions=(Condition.RAIN,)))
    assert (film.frame(571).bgr != film.frame(572).bgr).mean() > 0.05
    assert np.array_equal(film.frame(571).bgr, conditioned("dock", Condition.RAIN).bgr)


def light(camera_id: str, condition: Condition, *at_s: float) -> list[float]:
    """Mean brightness at these times."""
    film = renderer(camera_id, Settings(width_px=192, height_px=108, conditions=(condition,)))
    return [float(film.frame(round(t * 10) + 1).bgr.mean()) for t in at_s]


def test_a_day_passes_in_four_minutes() -> None:
    morning, noon, evening, next_morning = light("dock", Condition.DAYLIGHT, 0, 60, 120, 240)
    assert evening < 0.3 * morning < 0.9 * noon < 0.9 * morning
    assert next_morning == pytest.approx(morning, rel=0.05)


def test_lamps_are_switched_every_half_a_minute() -> None:
    on, off, again = light("lobby", Condition.LIGHTS, 29.5, 30.5, 60.5)
    assert off < 0.35 * on
    assert again == pytest.approx(on, rel=0.05)


def test_headlights_sweep_by_outdoors() -> None:
    dark, dazzled, passed = light("dock", Condition.HEADLIGHTS, 11.9, 13.5, 15.5)
    assert dazzled > 1.15 * dark
    assert passed == pytest.approx(dark, rel=0.05)
    assert light("lobby", Condition.HEADLIGHTS, 13.5) == light("lobby", Condition.NOON, 13.5)


def test_exposure_is_set_anew_every_twenty_seconds() -> None:
    usual, long, short = light("lobby", Condition.EXPOSURE, 19, 21, 41)
    assert short < 0.9 * usual < 0.8 * long


def test_a_covered_camera_shows_cloth_and_nobody_and_then_the_same_view_again() -> None:
    """Cloth is close to the lens: dark, soft, and without the detail of the view."""
    before, covered, after = (at("dock", t_s) for t_s in (65.8, 70.0, 79.2))
    assert covered.bgr.std() < 0.2 * before.bgr.std()
    assert covered.bgr.mean() < 80
    assert covered.truth.objects == ()
    assert np.abs(before.bgr.astype(int) - after.bgr.astype(int)).mean() < 12.0, "only a cloud has passed"
    half = at("dock", 66.3).bgr.astype(int)
    assert np.abs(half - before.bgr)[:, :100].mean() < 3.0
    assert np.abs(half - before.bgr)[:, -100:].mean() > 30.0
