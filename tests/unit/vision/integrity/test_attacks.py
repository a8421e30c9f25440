"""What is done to a camera is told within ten seconds, as what it is, and its end too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

import numpy as np
import pytest

from custos.model.calibration import MOVE_TOLD_S
from custos.model.event_types import EVENT_TYPES
from custos.model.frame import Image
from custos.simulate.attacks import Attack, Strength, attacked
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story
from custos.testing.clock import after
from custos.vision.integrity import CameraSighting, IntegrityWatch

FPS = 10
ACT_S, SECONDS = 22.0, 33.0
SMALL = Settings(width_px=256, height_px=144, fps=FPS)
IN_TIME_S = 10.0


@cache
def scene(camera_id: str = "dock", from_s: float = 20.0) -> tuple[Image, ...]:
    """Lumas of a simulated camera, grain and all; somebody comes into the dock after six seconds of them."""
    renderer = CameraRenderer(SCENES[camera_id], Story(7), SMALL)
    first = round(from_s * FPS)
    return tuple(renderer.frame(first + n).i420[: SMALL.height_px].copy() for n in range(1, round(SECONDS * FPS) + 1))


def watched(
    lumas: Iterable[Image],
    *,
    watch: IntegrityWatch | None = None,
    from_s: float = 0.0,
    fps: float = FPS,
    packet_bytes: int = 4000,
) -> list[CameraSighting]:
    """What a watch says of these pictures."""
    watch = watch or IntegrityWatch()
    said: list[CameraSighting] = []
    for n, luma in enumerate(lumas):
        at = after(from_s + n / fps)
        watch.packet(packet_bytes, at)
        said += watch.update(luma, at)
    return said


PLAIN = Strength()


def done(attack: Attack, strength: Strength = PLAIN) -> list[Image]:
    return list(attacked(scene(), attack, fps=FPS, from_s=ACT_S, strength=strength))


def only(said: Sequence[CameraSighting], kind: str) -> CameraSighting:
    assert [s.type for s in said] == [kind]
    assert 0 <= seconds(said[0].at) - ACT_S <= IN_TIME_S
    return said[0]


def seconds(at: datetime) -> float:
    return (at - after(0)).total_seconds()


@pytest.mark.parametrize("camera_id", ["dock", "shop"])
def test_a_camera_that_is_left_alone(camera_id: str) -> None:
    assert watched(scene(camera_id)) == []


@pytest.mark.parametrize(
    ("attack", "kind"),
    [
        (Attack.COVER, "camera.covered"),
        (Attack.BLIND_DARK, "camera.blinded"),
        (Attack.BLIND_BRIGHT, "camera.blinded"),
        (Attack.DEFOCUS, "camera.defocused"),
        (Attack.SHIFT, "camera.moved"),
        (Attack.TURN, "camera.moved"),
        (Attack.AWAY, "camera.moved"),
        (Attack.OBSTRUCT, "camera.obstructed"),
        (Attack.FREEZE, "camera.frozen"),
        (Attack.LOOP, "camera.replayed"),
    ],
)
def test_an_attack_is_told_as_what_it_is(attack: Attack, kind: str) -> None:
    sighting = only(watched(done(attack)), kind)
    fields = {f.name: f.required for f in EVENT_TYPES[kind].fields}
    assert {name for name, required in fields.items() if required} <= set(sighting.data) <= set(fields)
    since_s = seconds(datetime.fromisoformat(str(sighting.data["since"])))
    assert ACT_S - 1 <= since_s <= seconds(sighting.at)
    if kind == "camera.moved":
        assert since_s <= ACT_S, "what is seen of a view on the move is not to be trusted"
        assert seconds(sighting.at) - since_s <= MOVE_TOLD_S


def span_s(moved: CameraSighting, act_s: float) -> tuple[float, float]:
    """Seconds after the act began: since when, and when it was told."""
    return seconds(datetime.fromisoformat(str(moved.data["since"]))) - act_s, seconds(moved.at) - act_s


@pytest.mark.parametrize(("takes_s", "fps"), [(0.6, 7.0), (1.5, FPS), (3.0, FPS), (5.0, FPS)])
def test_a_slow_turn_is_told_in_time_and_since_it_began(takes_s: float, fps: float) -> None:
    """Symptom: between the pictures that had shifted and the new view nothing looked moved, so that it was told up to
    ten seconds after the turn began, and since its end only."""
    act_s = ACT_S * FPS / fps
    turn = attacked(scene()[:300], Attack.AWAY, fps=fps, from_s=act_s, strength=Strength(takes_s=takes_s))
    (moved,) = watched(turn, fps=fps)
    since_s, told_s = span_s(moved, act_s)
    assert -1.2 <= since_s <= 0
    assert told_s - since_s < MOVE_TOLD_S


def test_a_turn_so_wide_and_quick_that_nothing_is_known_again_is_told_since_it_began() -> None:
    """It is told late, and what crossed meanwhile is taken back all the same."""
    begins, takes = round(ACT_S * FPS), 3 * FPS
    turn: list[Image] = []
    for n, luma in enumerate(scene()[:300]):
        around = np.hstack([luma, luma[::-1], luma[:, ::-1], luma[::-1, ::-1]])
        left = round(min(max((n + 1 - begins) / takes, 0.0), 1.0) * 3 * luma.shape[1])
        turn.append(np.ascontiguousarray(around[:, left : left + luma.shape[1]]))
    (moved,) = watched(turn, fps=7)
    since_s, told_s = span_s(moved, begins / 7)
    assert -1.2 <= since_s <= 0 < 4 < told_s <= IN_TIME_S


def test_the_cause_of_blindness() -> None:
    assert only(watched(done(Attack.BLIND_DARK)), "camera.blinded").data["cause"] == "dark"
    assert only(watched(done(Attack.BLIND_BRIGHT)), "camera.blinded").data["cause"] == "bright"


def test_a_black_picture_that_shows_nothing_is_both_dark_and_covered() -> None:
    """Nobody can tell black tape from a dark room."""
    black = [*scene()[:220], *(np.full_like(scene()[0], 16) for _ in range(110))]
    said = watched(black)
    assert {s.type for s in said} >= {"camera.covered", "camera.blinded"}
    assert {s.type for s in said} <= {"camera.covered", "camera.blinded", "camera.frozen"}


def test_cloth_through_which_the_view_shimmers_covers_it_all_the_same() -> None:
    """Symptom: a fiftieth of the view's contrast was left, which nobody can see, and it counted as seen."""
    cloth = [np.asarray(60 + (luma - luma.mean()) * 0.02, np.uint8) for luma in scene()[220:]]
    said = watched([*scene()[:220], *cloth])
    assert said[0].type == "camera.covered"
    assert seconds(said[0].at) - ACT_S <= IN_TIME_S


@pytest.mark.parametrize(("x", "y"), [(0.03, 0.0), (-0.1, 0.06), (0.3, -0.1)])
def test_a_shift_is_measured(x: float, y: float) -> None:
    moved = only(watched(done(Attack.SHIFT, Strength(shift=(x, y)))), "camera.moved")
    assert moved.data["shift"] == pytest.approx([x, y], abs=0.006)
    assert moved.data["turned_deg"] == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("degrees", [-12.0, 3.0])
def test_a_turn_is_measured(degrees: float) -> None:
    moved = only(watched(done(Attack.TURN, Strength(turn_deg=degrees))), "camera.moved")
    assert moved.data["turned_deg"] == pytest.approx(degrees, abs=0.3)
    assert moved.data["shift"] == pytest.approx([0, 0], abs=0.006)


def test_a_camera_turned_right_round_has_no_shift_to_tell() -> None:
    assert "shift" not in only(watched(done(Attack.AWAY)), "camera.moved").data


def test_where_it_is_obstructed() -> None:
    region = only(watched(done(Attack.OBSTRUCT, Strength(part=0.4))), "camera.obstructed").data["region"]
    assert region == pytest.approx([0, 0, 0.4, 1.0], abs=0.12)


def test_how_long_ago_it_was_shown_first() -> None:
    assert only(watched(done(Attack.LOOP, Strength(loop_s=7.0))), "camera.replayed").data["ago_s"] == 7.0


def test_a_file_that_is_played_over_and_over_repeats_itself_by_design() -> None:
    assert watched(done(Attack.LOOP), watch=IntegrityWatch(loops=True)) == []


def test_fewer_pictures_a_second() -> None:
    watch = IntegrityWatch()
    assert watched(scene()[:220], watch=watch) == []
    degraded = only(watched(scene()[220::4], watch=watch, from_s=ACT_S, fps=2.5), "camera.degraded")
    assert degraded.data["cause"] == "frame rate"
    assert degraded.data["usual_fps"] == pytest.approx(10, abs=0.3)
    assert degraded.data["fps"] == pytest.approx(2.5, abs=0.6)


def test_fewer_bits_with_the_fine_detail_gone() -> None:
    """And fewer bits alone, of a scene that has become quiet, are nothing."""
    watch, quiet = IntegrityWatch(), IntegrityWatch()
    for one in (watch, quiet):
        assert watched(scene()[:220], watch=one) == []
    dulled = attacked(scene()[220:], Attack.DEFOCUS, fps=FPS, from_s=0, strength=Strength(blur_px=1.6))
    degraded = only(watched(dulled, watch=watch, from_s=ACT_S, packet_bytes=800), "camera.degraded")
    assert degraded.data["cause"] == "bitrate"
    assert watched(scene()[220:], watch=quiet, from_s=ACT_S, packet_bytes=800) == []


@pytest.mark.parametrize(
    ("attack", "was"),
    [
        (Attack.COVER, "camera.covered"),
        (Attack.DEFOCUS, "camera.defocused"),
        (Attack.OBSTRUCT, "camera.obstructed"),
        (Attack.FREEZE, "camera.frozen"),
    ],
)
def test_its_end_is_told(attack: Attack, was: str) -> None:
    watch = IntegrityWatch(loops=True)  # the same pictures come again
    assert watched(done(attack), watch=watch)[-1].type == was
    assert [t.what for t in watch.troubles()] == [was.removeprefix("camera.")]
    (restored,) = watched(scene()[:80], watch=watch, from_s=SECONDS)
    assert (restored.type, restored.data["was"]) == ("camera.restored", was)
    assert restored.data["duration_s"] == pytest.approx(seconds(restored.at) - ACT_S, abs=6.5)
    assert watch.troubles() == ()


def test_a_camera_that_is_put_back_has_been_moved_until_then() -> None:
    watch = IntegrityWatch(loops=True)  # the same pictures come again
    only(watched(done(Attack.SHIFT), watch=watch), "camera.moved")
    (trouble,) = watch.troubles()
    assert (trouble.what, trouble.words) == (
        "moved",
        "The view has shifted by 12% of its width to the right and 5% of its height down.",
    )
    (restored,) = watched(scene()[:100], watch=watch, from_s=SECONDS)
    assert restored.data["was"] == "camera.moved"
    assert watched(scene()[100:200], watch=watch, from_s=SECONDS + 10) == []
    assert watch.troubles() == ()


def test_a_camera_that_comes_back_turned_round_has_been_moved() -> None:
    """Symptom: somebody pulled the cable, turned the camera, and put the cable back."""
    watch = IntegrityWatch(loops=True)  # the same pictures come again
    assert watched(scene()[:220], watch=watch) == []
    watch.interrupted()
    said = watched(done(Attack.SHIFT)[230:], watch=watch, from_s=60)
    assert [s.type for s in said] == ["camera.moved"]


def test_a_person_who_says_that_all_is_well_ends_it() -> None:
    watch = IntegrityWatch(loops=True)  # the same pictures come again
    watched(done(Attack.OBSTRUCT), watch=watch)
    (over,) = watch.accept(after(SECONDS))
    assert (over.type, over.data["was"]) == ("camera.restored", "camera.obstructed")
    assert watched(done(Attack.OBSTRUCT)[230:], watch=watch, from_s=SECONDS) == []


def test_what_came_again_before_a_person_said_that_all_is_well_is_forgotten() -> None:
    watch, loop = IntegrityWatch(), done(Attack.LOOP, Strength(loop_s=7.0))
    assert [s.type for s in watched(loop, watch=watch)] == ["camera.replayed"]
    assert [s.type for s in watch.accept(after(SECONDS))] == ["camera.restored"]
    assert watched(loop[-100:], watch=watch, from_s=SECONDS) == []


def test_the_same_pictures_make_the_same_sightings() -> None:
    assert watched(done(Attack.TURN)) == watched(done(Attack.TURN))
