"""What `custos analyze` prints."""

from __future__ import annotations

import pytest

from custos.cli.analyze import NOTHING, Outcome, print_outcome
from custos.model.ground import Ground
from custos.model.site import Camera
from custos.pipeline.analysis import Summary

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
MEASURED = Ground(SQUARE, ((0.0, 0.0), (4.0, 0.0), (4.0, 20.0), (0.0, 20.0)))


@pytest.mark.parametrize(
    ("above_mps", "ground", "told"),
    [
        ((), MEASURED, None),
        (
            (12.5,),
            MEASURED,
            "1 was dropped, above 12.5 m/s, which is impossible: check the camera's ground calibration",
        ),
        (
            (85.0, 12.5),
            None,
            "2 were dropped, above 12.5 m/s, which is impossible: give the camera a ground calibration",
        ),
    ],
)
def test_speeds_that_were_dropped(
    above_mps: tuple[float, ...],
    ground: Ground | None,
    told: str | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    summary = Summary(frames=1)
    summary.refuse(above_mps)
    print_outcome(Outcome(summary, 1.0, "stage", ()), Camera("dock", "Dock", "dock.mp4", ground=ground), NOTHING)
    said = capsys.readouterr().out
    assert told is None or told in said
    assert ("dropped" in said) == (told is not None)
