"""Behaviours through the whole walk, on drawn pictures of the simulated site: motion gate, detector, tracker, events.

The truth is the script's. The detector is one that knows it (and misses what is mostly hidden), and where a model is
installed, the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pytest

from custos.adapters.detectors.opening import open_detector
from custos.adapters.detectors.registry import Registry
from custos.cli.options import models_dir
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Detections, class_ids
from custos.model.event import Event
from custos.model.frame import Frame
from custos.model.site import Camera, DetectorChoice, Line, Zone
from custos.pipeline.camera import CameraWalk
from custos.pipeline.ports import Detector
from custos.simulate.actors import company
from custos.simulate.motion import Route, Wait, Walk
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Appearance, Script, Story
from custos.simulate.truth import FrameTruth
from custos.testing.acting import ground_of, on_picture
from custos.testing.check_event import check_events
from custos.testing.clock import START, after

FPS = 5.0


@dataclass(frozen=True, slots=True)
class Scripted:
    """A script of one scene."""

    appearances: dict[str, list[Appearance]]


class Knowing:
    """A detector that is told what there is to see, by the frame's index."""

    name = "knowing@00000000"
    batch = 1

    def __init__(self) -> None:
        self.truth: dict[int, FrameTruth] = {}

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        return [self._seen(self.truth[frame.index], frame) for frame in frames]

    def _seen(self, truth: FrameTruth, frame: Frame) -> Detections:
        seen = [one for one in truth.objects if one.visible > 0.4]
        size = np.array([frame.width_px, frame.height_px] * 2, np.float32)
        return Detections(
            np.clip(np.array([one.xyxy for one in seen], np.float32).reshape(-1, 4), 0, size).astype(np.float32),
            np.full(len(seen), 0.85, np.float32),
            np.array([next(iter(class_ids((one.class_name,)))) for one in seen], np.int64),
        )


def walked(script: Script, camera: Camera, detector: Detector | None, from_s: float, until_s: float) -> list[Event]:
    """The events of a camera that films this script."""
    knowing = Knowing()
    sees = detector or knowing
    ids = count(1)
    walk = CameraWalk(camera, site_id="hq", session="s1", new_id=lambda: f"e-{next(ids)}", model=sees.name)
    events: list[Event] = []
    for frame, truth in _filmed(script, camera.id, from_s, until_s):
        knowing.truth[frame.index] = truth
        look = walk.look(frame)
        seen = walk.understand(look, sees.detect([frame])[0] if look.is_wanted else None)
        events += seen.events
    events += walk.end()
    check_events(events)
    return events


def _filmed(script: Script, camera_id: str, from_s: float, until_s: float) -> Iterator[tuple[Frame, FrameTruth]]:
    renderer = CameraRenderer(SCENES[camera_id], script, Settings(fps=FPS))
    for index in range(round(from_s * FPS) + 1, round(until_s * FPS) + 2):
        drawn = renderer.frame(index)
        at = after((index - 1) / FPS)
        yield Frame.from_bgr(drawn.bgr, index=index, captured_at=at, camera_id=camera_id), drawn.truth


def scene(camera_id: str, *behaviours: BehaviourSpec, lines: tuple[Line, ...] = ()) -> Camera:
    made = SCENES[camera_id]
    view = made.view(640, 360)
    camera = made.camera("unused.mp4", view)
    ground = ground_of(view, near_m=8.0, far_m=11.0, half_width_m=1.5)
    return replace(camera, lines=(*camera.lines, *lines), behaviours=behaviours, ground=ground)


def of_type(events: list[Event], name: str) -> list[Event]:
    return [event for event in events if event.type == name]


def seconds(event: Event) -> float:
    return (event.at - START).total_seconds()


def test_a_dock_with_somebody_in_its_restricted_part() -> None:
    """By the script from 87.35 to 103.4 s, the second time."""
    camera = scene(
        "dock",
        BehaviourSpec("taken", "presence", zone_id="restricted"),
        BehaviourSpec("numbers", "occupancy", zone_id="restricted", settings={"period_s": 3600}),
        BehaviourSpec("heat", "flow", settings={"period_s": 3600}),
        BehaviourSpec("lane", "wrong-way", zone_id="bay", line_id="yard"),
    )
    events = walked(Story(7), camera, None, 85.0, 106.0)
    (taken,), (given_up,) = of_type(events, "zone.occupied"), of_type(events, "zone.vacated")
    assert taken.data["behaviour_id"] == "taken"
    assert taken.subject is not None
    assert taken.subject.startswith("tracks/dock-s1-")
    assert given_up.subject == "zones/dock/restricted"
    assert seconds(given_up) == pytest.approx(103.4, abs=1.0)
    assert given_up.data["occupied_s"] == pytest.approx(16.05, abs=1.5)
    (numbers,) = of_type(events, "zone.counted")
    assert (numbers.data["most"], numbers.data["entered"], numbers.data["left"]) == (1, 1, 1)
    assert numbers.data["presence_s"] == pytest.approx(16.05, abs=1.5)
    (heat,) = of_type(events, "flow.mapped")
    assert heat.subject == "cameras/dock"
    assert of_type(events, "direction.violated") == []


def in_a_row(gap_s: float) -> Script:
    """The second a little to the side, or the first would hide them."""
    cast = company(7)
    routes = [Route.of(t, (x, 14.0), (Walk((x, 4.5)),)) for x, t in ((0.4, 0.0), (1.3, gap_s))]
    played = [Appearance(cast[f"extra-{i}"], "street", route) for i, route in enumerate(routes)]
    return Scripted({"street": played})


@pytest.mark.parametrize(("gap_s", "followed"), [(1.2, 1), (4.0, 0)], ids=["right behind", "near miss: four seconds"])
def test_who_follows_whom_through_an_entrance(gap_s: float, followed: int) -> None:
    a, b = on_picture((-0.6, 9.5), (2.2, 9.5), view=SCENES["street"].view(640, 360))
    camera = scene(
        "street", BehaviourSpec("tail", "following", line_id="entrance"), lines=(Line("entrance", "Entrance", (a, b)),)
    )
    events = walked(in_a_row(gap_s), camera, None, 0.0, 5.5 + gap_s)
    crossed = of_type(events, "line.crossed")
    told = of_type(events, "line.followed")
    assert [event.data["line_id"] for event in crossed].count("entrance") == 2
    assert len(told) == followed
    for event in told:
        first, second = (one.subject for one in crossed if one.data["line_id"] == "entrance")
        assert (event.subject, event.data["subjects"]) == (second, [first])
        assert event.data["gap_s"] == pytest.approx(gap_s, abs=0.45)


@pytest.fixture(scope="module")
def pavement() -> list[Event]:
    """A zone from 8 to 11 m away, a line at 12.5 m, and four people.

    extra-0 crosses the line at 2.7 s, is in the zone from 3.85 to 11.15 s and leaves towards the camera; extra-1 does
    the same from 3 s on and never stops: line at 4.15, zone from 5.3 to 7.6 s. extra-2 walks up to 0.8 m before the
    line and turns back; extra-3 passes a metre beside both.
    """
    view, cast = SCENES["street"].view(640, 360), company(7)
    a, b = on_picture((-0.5, 12.5), (2.8, 12.5), view=view)
    place = on_picture((-0.5, 11.0), (2.6, 11.0), (2.6, 8.0), (-0.5, 8.0), view=view)
    routes = (
        Route.of(0.0, (0.4, 16.0), (Walk((0.4, 9.5)), Wait(5.0), Walk((0.4, 5.5)))),
        Route.of(3.0, (2.0, 14.0), (Walk((2.0, 5.5)),)),
        Route.of(5.0, (1.2, 17.0), (Walk((1.2, 13.3)), Walk((1.2, 17.5)))),
        Route.of(4.0, (-1.5, 15.0), (Walk((-1.5, 5.5)),)),
    )
    played = [Appearance(cast[f"extra-{i}"], "street", route) for i, route in enumerate(routes)]
    camera = replace(
        scene("street"),
        zones=(Zone("place", "Place", place, loiter_s=5.0),),
        lines=(Line("across", "Across", (a, b)),),
    )
    return walked(Scripted({"street": played}), camera, None, 0.0, 13.0)


def test_who_crosses_a_line_and_who_only_comes_near(pavement: list[Event]) -> None:
    crossed = of_type(pavement, "line.crossed")
    assert [event.data["direction"] for event in crossed] == ["right", "right"]
    assert [seconds(event) for event in crossed] == pytest.approx([2.7, 4.15], abs=0.5)
    assert len({event.subject for event in crossed}) == 2


def test_who_enters_a_zone_and_who_passes_beside_it(pavement: list[Event]) -> None:
    entered, left = of_type(pavement, "zone.entered"), of_type(pavement, "zone.left")
    assert [seconds(event) for event in entered] == pytest.approx([3.85, 5.3], abs=0.5)
    assert [seconds(event) for event in left] == pytest.approx([7.6, 11.15], abs=0.6)
    assert [event.data["dwell_s"] for event in left] == pytest.approx([2.3, 7.3], abs=0.8)
    assert [event.subject for event in left] == [event.subject for event in reversed(entered)]


def test_who_loiters_and_who_walks_through(pavement: list[Event]) -> None:
    (loitered,) = of_type(pavement, "zone.loitered")
    assert loitered.subject == of_type(pavement, "zone.entered")[0].subject
    assert seconds(loitered) == pytest.approx(8.85, abs=0.5)


@pytest.fixture(scope="module")
def model() -> Detector:
    directory = models_dir()
    if not Registry(directory).verify("centernet-mb3").verified:
        pytest.skip("the model centernet-mb3 is not here: custos models pull centernet-mb3")
    return open_detector(DetectorChoice("centernet-mb3"), directory, threads=1)


def test_a_queue_at_the_till_as_a_model_sees_it(model: Detector) -> None:
    """By the script two wait from 148.6 s on: the first until 163.0, the second until 173.15 s."""
    till = BehaviourSpec("till", "queue", zone_id="till", settings={"limit": 2, "hold_s": 4, "period_s": 3600})
    events = walked(Story(7), scene("shop", till), model, 147.0, 163.0)
    (grew,) = of_type(events, "queue.grew")
    assert grew.data["length"] == 2
    assert 152 <= seconds(grew) <= 163
    (numbers,) = of_type(events, "queue.counted")
    assert numbers.data["most"] == 2
    assert numbers.data["longest_s"] == pytest.approx(163 - 147.1, abs=2.5)
