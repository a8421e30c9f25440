"""Where metres land in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from custos.simulate.view import View

LEVEL = View(640, 360, (0.0, 0.0, 3.0), yaw_deg=0.0, pitch_deg=0.0, focal_widths=0.85)


@pytest.mark.parametrize(
    ("point", "pixel"),
    [
        ((0.0, 10.0, 3.0), (320.0, 180.0)),  # straight ahead, at the lens's height
        ((1.0, 10.0, 3.0), (320.0 + 54.4, 180.0)),  # 1 m to the right, 10 m away: 544 / 10 px
        ((0.0, 10.0, 2.0), (320.0, 180.0 + 54.4)),  # 1 m lower
        ((0.0, 20.0, 2.0), (320.0, 180.0 + 27.2)),  # twice as far, half as large
    ],
)
def test_projects(point: tuple[float, float, float], pixel: tuple[float, float]) -> None:
    assert LEVEL.project(np.array([point])).xy[0] == pytest.approx(pixel)


def test_yaw_turns_right_and_pitch_looks_down() -> None:
    right = View(640, 360, (0.0, 0.0, 3.0), yaw_deg=30.0, pitch_deg=0.0, focal_widths=0.85)
    down = View(640, 360, (0.0, 0.0, 3.0), yaw_deg=0.0, pitch_deg=45.0, focal_widths=0.85)
    assert right.project(np.array([(5.0, 5.0 * 3**0.5, 3.0)])).xy[0] == pytest.approx((320, 180))
    assert down.project(np.array([(0.0, 3.0, 0.0)])).xy[0] == pytest.approx((320, 180))


def test_rays_go_where_project_says() -> None:
    view = View(640, 360, (1.0, -2.0, 3.0), yaw_deg=12.0, pitch_deg=17.0, focal_widths=0.85)
    ray = view.rays(1)[200, 400]
    pixel = view.project(np.array(view.position_m) + 7.0 * ray[None, :].astype(float))
    assert pixel.xy[0] == pytest.approx((400.5, 200.5), abs=1e-3)
    assert pixel.depth_m[0] == pytest.approx(7.0, abs=1e-4)


def test_places_outside_the_picture_are_cut_to_its_border() -> None:
    view = View(640, 360, (0.0, 0.0, 3.0), yaw_deg=0.0, pitch_deg=20.0, focal_widths=0.85)
    (left, _), (_, below) = view.ground_to_picture(((-100.0, 8.0), (0.0, 0.5)))
    assert (left, below) == (0.0, 1.0)
