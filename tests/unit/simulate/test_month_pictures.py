"""Chosen moments of the month as pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from custos.simulate.month.pictures import MOMENTS, chosen, draw_pictures
from custos.simulate.month.telling import Truth
from custos.simulate.month.writing import write_index
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def truth(number: int, kind: str, at: datetime = NOON) -> Truth:
    start_at = at + timedelta(hours=number)
    return Truth(number, kind, start_at, start_at + timedelta(seconds=9), ("doors/staff",), "A story.")


def test_of_nothing_nothing_is_chosen() -> None:
    assert chosen([], 5) == []
    assert chosen([truth(1, "duress")], 5) == []
    assert chosen([truth(1, "tailgating")], 0) == []


def test_kinds_come_before_more_of_one_kind() -> None:
    truths = [truth(n, kind) for n, kind in enumerate(["tailgating", "tailgating", "duress", "object-left"], start=1)]
    assert [t.number for t in chosen(truths, 2)] == [1, 4]
    assert [t.number for t in chosen(truths, 9)] == [1, 2, 4]


@pytest.mark.parametrize("kind", MOMENTS)
def test_what_is_told_is_to_be_seen(kind: str) -> None:
    """Somebody, or the thing, is in the picture around the moment; at a till nobody but the cashier."""
    moment = MOMENTS[kind](7)
    film = CameraRenderer(SCENES[moment.camera_id], moment, Settings(), moment.covers)
    times = np.arange(max(0.0, moment.at_s - 1), min(moment.seconds, moment.at_s + 6), 0.5)
    seen = {o.name for t_s in times for o in film.boxes(round(float(t_s) * 10) + 1).objects}
    if kind == "camera-covered-then-door":
        assert film.frame(70).bgr.std() < 20 < film.frame(10).bgr.std()
    elif kind.endswith("-with-nobody"):
        assert seen == {"cashier"}
    elif kind.endswith("tailgating"):
        assert seen == {"clerk", "waiter"}
    else:
        assert seen


def test_clips_are_dark_at_night_and_say_when_they_begin(tmp_path: Path) -> None:
    truths = [truth(1, "camera-covered-then-door"), truth(2, "camera-covered-then-door", NOON + timedelta(hours=9))]
    light = []
    drawn = draw_pictures(truths, tmp_path / "pictures", 7)
    index = [json.loads(line) for line in write_index(drawn, tmp_path).read_text().splitlines()]
    assert [one["number"] for one in index] == [1, 2]
    assert [one["start"] for one in index] == ["2026-03-02T11:59:58Z", "2026-03-02T21:59:58Z"]
    assert all((tmp_path / one[what]).is_file() for one in index for what in ("video", "truth"))
    for one in index:
        is_there, picture = cv2.VideoCapture(str(tmp_path / one["video"])).read()
        assert is_there
        light.append(float(np.mean(picture)))
    assert light[1] < 0.6 * light[0]
