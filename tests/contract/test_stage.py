"""The stage and the gated detector are detectors like any other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custos.pipeline.ports import Detector
from custos.testing.check_detector import CHECKS
from custos.testing.gated import GatedDetector
from custos.testing.stage import DOG, Actor, Stage, standing

Check = Callable[[Detector], None]
STAGE = Stage(Actor(standing((100, 150))), Actor(standing((310, 20)), class_id=DOG, confidence=0.1))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_stage(check: Check) -> None:
    check(STAGE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_gated(check: Check) -> None:
    gated = GatedDetector(STAGE.detect)
    gated.let(1000)
    check(gated)
