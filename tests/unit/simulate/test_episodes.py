"""Short scripts: what is said to happen is what is drawn."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from custos.simulate.body import Gait, Stance, pose
from custos.simulate.episodes import EPISODES, Episode
from custos.simulate.look import Look
from custos.simulate.motion import Route, Step, Wait, Walk
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.truth import ObjectTruth


@cache
def filmed(name: str) -> tuple[Episode, CameraRenderer]:
    episode = EPISODES[name](7)
    return episode, CameraRenderer(SCENES[episode.camera_id], episode, Settings())


def there(name: str, t_s: float) -> dict[str, ObjectTruth]:
    """Who is in the picture then, by name."""
    return {o.name: o for o in filmed(name)[1].boxes(round(t_s * 10) + 1).objects}


def size_px(truth: ObjectTruth) -> tuple[float, float]:
    left, top, right, bottom = truth.xyxy
    return right - left, bottom - top


def extent_m(gait: Gait) -> tuple[float, float]:
    """How far a body reaches forward and up, metres."""
    points = np.array([point for capsule in pose(Look(), gait) for point in (capsule.start, capsule.end)])
    return float(np.ptp(points[:, 0])), float(np.ptp(points[:, 2]))


@pytest.mark.parametrize("name", EPISODES)
def test_whoever_does_something_is_in_the_picture_when_it_happens(name: str) -> None:
    episode, _ = filmed(name)
    assert episode.name == name
    assert episode.meaning.endswith(".")
    for deed in episode.deeds:
        assert 0 <= deed.at_s < episode.seconds
        seen = {**there(name, deed.at_s - 0.3), **there(name, deed.at_s + 0.3)}
        assert set(deed.names) <= set(seen), deed


def test_boxes_without_a_picture_are_those_of_the_picture() -> None:
    _, renderer = filmed("bag-left")
    drawn, cheap = renderer.frame(96).truth, renderer.boxes(96)
    assert [(o.name, o.xyxy, o.foot) for o in drawn.objects] == [(o.name, o.xyxy, o.foot) for o in cheap.objects]
    assert {o.name for o in cheap.objects} == {"handler", "carton"}


@pytest.mark.parametrize(
    ("gait", "ahead_m", "up_m"),
    [
        pytest.param(Gait(), (0.2, 0.7), (1.6, 1.75), id="standing"),
        pytest.param(Gait(Stance.BEND), (0.6, 1.2), (0.9, 1.2), id="bent"),
        pytest.param(Gait(Stance.CROUCH), (0.4, 0.9), (1.0, 1.4), id="crouched"),
        pytest.param(Gait(Stance.LIE), (1.5, 1.8), (0.1, 0.65), id="lying"),
        pytest.param(Gait(Stance.LIE, into=0.0), (0.2, 0.7), (1.6, 1.75), id="not fallen yet"),
    ],
)
def test_postures(gait: Gait, ahead_m: tuple[float, float], up_m: tuple[float, float]) -> None:
    ahead, up = extent_m(gait)
    assert ahead_m[0] < ahead < ahead_m[1]
    assert up_m[0] < up < up_m[1]


def test_nobody_is_in_a_posture_at_once() -> None:
    route = Route.of(0.0, (0.0, 0.0), (Walk((0.0, 4.0)), Wait(10.0, 0.0, Stance.LIE), Walk((0.0, 8.0))), speed_mps=1.0)
    steps = [route.at(t) for t in (3.0, 4.3, 4.6, 9.0, 12.5, 13.5, 16.0)]
    into = [step.gait.share(Stance.LIE) for step in steps if isinstance(step, Step)]
    assert into[0] == into[-1] == 0.0
    assert 0 < into[1] < into[2] < into[3] == 1.0 > into[4] > into[5] > 0.0


def test_a_runner_takes_longer_steps_not_only_more() -> None:
    walk, run = (Route.of(0.0, (0.0, 0.0), (Walk((0.0, 30.0)),), speed_mps=v) for v in (1.3, 3.9))
    strides = []
    for route in (walk, run):
        phases = np.unwrap([step.gait.phase * 2 * np.pi for t in np.arange(2.0, 4.0, 0.05) if (step := route.at(t))])
        strides.append((phases[-1] - phases[0]) / (2 * np.pi))
    assert 1.3 < strides[1] / strides[0] < 2.2


def test_who_lies_is_low_and_wide_across_the_picture() -> None:
    upright, lying = (size_px(there("fall", t)["colleague"]) for t in (7.0, 20.0))
    assert lying[0] > 2 * lying[1]
    assert lying[1] < 0.5 * upright[1]


def test_the_carton_stands_where_it_was_put_down_and_stays() -> None:
    episode, _ = filmed("bag-left")
    (deed,) = episode.deeds
    assert "carton" not in there("bag-left", deed.at_s - 0.2)
    first, last = there("bag-left", deed.at_s + 0.2)["carton"], there("bag-left", episode.seconds - 0.2)["carton"]
    assert first.xyxy == last.xyxy
    handler = there("bag-left", deed.at_s)["handler"]
    assert handler.xyxy[0] - 25 < first.xyxy[2]  # within reach of whoever put it there
    assert set(there("bag-left", 30.0)) == {"carton"}
