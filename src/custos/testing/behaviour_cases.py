"""For every kind of behaviour: one as somebody would set it up, and a story in which it has something to say.

`CASES[kind].make()` makes it, `CASES[kind].story(seed)` plays the story; the suite `check_behaviour` runs on every
kind of the table with these, and a test fails for a kind that has no case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.site import Camera, Line, Zone
from custos.testing.acting import ground_of, on_picture
from custos.testing.check_behaviour import Story, stroll
from custos.vision.behaviours import Behaviour, make_behaviour

GATE = Line("gate", "Gate", (on_picture((-2.0, 8.0))[0], on_picture((2.0, 8.0))[0]))
"""Across the view at 8 m: its right-hand side is the nearer one."""
YARD = Zone("yard", "Yard", on_picture((-3.0, 14.0), (3.0, 14.0), (2.0, 6.0), (-2.0, 6.0)))
MIDDLE = Zone("middle", "Middle", ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)))
ACROSS = Line("across", "Across", ((0.0, 0.5), (1.0, 0.5)))


@dataclass(frozen=True, slots=True)
class BehaviourCase:
    """A behaviour, its camera, and a story for it."""

    spec: BehaviourSpec
    story: Story

    @property
    def camera(self) -> Camera:
        """With all zones and lines of this module, and its ground calibrated."""
        return Camera(
            "yard", "Yard", "yard.mp4", (YARD, MIDDLE), (GATE, ACROSS), behaviours=(self.spec,), ground=ground_of()
        )

    def make(self) -> Behaviour:
        return make_behaviour(self.spec, self.camera)


def crowd(seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
    """`stroll`: twenty people who wander about the picture."""
    return stroll(seed)


CASES: dict[str, BehaviourCase] = {
    "line-count": BehaviourCase(
        BehaviourSpec("flow", "line-count", line_id="across", settings={"period_s": 10.0}), crowd
    ),
}
