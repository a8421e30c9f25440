"""People and vehicles of known colours walking through the simulated scenes, under lamps, sky and weather.

parade = Parade("lobby", dressed(12, seed=1)); for step in parade.steps(): step.frame, step.tracks, step.motion

What a colour is called comes from people (`custos.testing.colour_survey`), where things are from the simulator; boxes
are its truth with the error of a detector, so that what is measured is the reading of colours and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.detections import Detections, Tracks, class_ids
from custos.model.frame import Frame, Image
from custos.simulate.actors import Actor
from custos.simulate.conditions import Condition
from custos.simulate.look import Bag, Colour, Look, Top, random_look
from custos.simulate.motion import Drive, Leg, Pose, Route, Wait, Walk
from custos.simulate.render import CameraRenderer, Rendering, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Appearance
from custos.simulate.vehicle import Body, Paintwork
from custos.testing.colour_survey import answers
from custos.vision.motion import Motion, MotionGate

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST_S, TURN_S = 2.0, 6.0
"""One after another comes so much later."""
_WAYS: dict[str, tuple[tuple[float, float], ...]] = {
    "street": ((1.6, 13.0), (0.4, 8.0), (1.0, 6.0)),
    "lobby": ((-0.2, 9.4), (0.4, 6.8), (1.4, 5.2)),
    "dock": ((-4.6, 8.6), (-2.0, 9.8), (1.5, 8.6)),
    "shop": ((1.6, 11.0), (1.0, 8.0), (1.4, 6.6)),
}
_EDGE_ERROR = 0.03
"""Of a box's sides, as detectors have it."""


@dataclass(frozen=True, slots=True)
class Dressed:
    """Somebody, or a vehicle, and what people call their colours, by part."""

    actor: Actor
    names: dict[str, str]


def _wardrobe(rng: np.random.Generator) -> list[tuple[str, Colour]]:
    """Each basic term in turn, with a colour that people call so; too dark ones look black to anybody in a shadow."""
    by_term: dict[str, list[Colour]] = {}
    for _, term, bgr in answers():
        lightness = float(cv2.cvtColor(np.array([[bgr]], np.float32) / 255, cv2.COLOR_BGR2Lab)[0, 0, 0])
        if lightness >= 24 or term == "black":
            by_term.setdefault(term, []).append(bgr)
    return [(term, colours[int(rng.integers(len(colours)))]) for term, colours in by_term.items()]


def dressed(count: int, *, seed: int) -> list[Dressed]:
    """People: every term comes up for upper and for lower clothes, in another order."""
    rng = np.random.default_rng((seed, 5))
    people = []
    tops: list[tuple[str, Colour]] = []
    legs: list[tuple[str, Colour]] = []
    for n in range(count):
        if not tops:
            tops, legs = _wardrobe(rng), _wardrobe(rng)
            rng.shuffle(legs)
        (top, top_colour), (leg, leg_colour) = tops.pop(), legs.pop()
        plain = random_look(rng)
        look = Look(
            plain.height_m, plain.girth, plain.skin, plain.hair, plain.hair_colour,
            (Top.JUMPER, Top.SHIRT, Top.COAT)[n % 2], top_colour, leg_colour=leg_colour, shoe_colour=plain.shoe_colour,
            bag=Bag.NONE,
        )  # fmt: skip
        people.append(Dressed(Actor(n + 1, f"walker-{n}", look=look), {"upper": top, "lower": leg}))
    return people


def painted(count: int, *, seed: int) -> list[Dressed]:
    """Cars and vans."""
    rng = np.random.default_rng((seed, 6))
    vehicles = []
    for n in range(count):
        wardrobe = _wardrobe(rng)
        term, colour = wardrobe[n % len(wardrobe)]
        body = (Body.CAR, Body.VAN)[n % 2]
        vehicles.append(Dressed(Actor(n + 1, f"driven-{n}", paintwork=Paintwork(body, colour)), {"body": term}))
    return vehicles


class _Script:
    """One after another along the same way."""

    def __init__(self, camera_id: str, actors: Sequence[Dressed]) -> None:
        turns = enumerate(actors)
        cast = [Appearance(a.actor, camera_id, _way(camera_id, a, FIRST_S + n * TURN_S)) for n, a in turns]
        self.appearances: Mapping[str, Sequence[Appearance]] = {camera_id: cast}


@dataclass(frozen=True, slots=True, eq=False)
class ParadeStep:
    """A picture and who is in it."""

    at_s: float
    frame: Frame
    motion: Motion
    tracks: Tracks


class Parade:
    """One camera's pictures of people coming through one after another.

    Args:
        camera_id: a key of SCENES.
        kelvin: temperature of the light, which the camera does not balance; 6504 is what the simulator draws by.
        fps: pictures a second.
    """

    def __init__(
        self,
        camera_id: str,
        actors: Sequence[Dressed],
        *,
        conditions: tuple[Condition, ...] = (),
        kelvin: float = 6504.0,
        fps: float = 4.0,
    ) -> None:
        self.actors = actors
        self.fps = fps
        self._gains = light_gains(kelvin)
        script = _Script(camera_id, actors)
        self._renderer = CameraRenderer(SCENES[camera_id], script, Settings(fps=fps, conditions=conditions))
        self.seconds = FIRST_S + len(actors) * TURN_S

    def steps(self) -> Iterator[ParadeStep]:
        """Pictures, oldest first."""
        gate = MotionGate()
        rng = np.random.default_rng(3)
        for index in range(1, round(self.seconds * self.fps) + 1):
            drawn = self._renderer.frame(index)
            at_s = (index - 1) / self.fps
            bgr = lit(np.asarray(cv2.cvtColor(drawn.i420, cv2.COLOR_YUV2BGR_I420), np.uint8), self._gains)
            frame = Frame.from_bgr(bgr, index=index, captured_at=START + timedelta(seconds=at_s))
            yield ParadeStep(at_s, frame, gate.update(frame.luma, at_s), _tracks(drawn, frame, rng))


def light_gains(kelvin: float) -> NDArray[np.float32]:
    """(3,) blue, green, red of a black body's light in linear sRGB, the largest 1 (locus after Kim et al., 2002)."""
    t = 1000.0 / kelvin
    if kelvin < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin < 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin < 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    white = np.array([0.95047, 1.0, 1.08883])
    to_rgb = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    gains = ((to_rgb @ xyz) / (to_rgb @ white))[::-1]
    return np.asarray(np.maximum(gains, 0.01) / gains.max(), np.float32)


def lit(bgr: Image, gains: NDArray[np.float32]) -> Image:
    """The (h, w, 3) picture under another light: sRGB to linear, times the gains, and back (IEC 61966-2-1)."""
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)[:, None] * gains
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    tables = np.clip(coded * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(bgr, tables[None]), np.uint8)


def _way(camera_id: str, one: Dressed, start_s: float) -> Route | Drive:
    if one.actor.paintwork is not None:
        if camera_id == "dock":
            return Drive((Pose(start_s, (9.0, 10.4), 270), Pose(start_s + TURN_S - 0.5, (-3.0, 10.4), 270)))
        return Drive((Pose(start_s, (-7.0, 34.0), 180), Pose(start_s + TURN_S - 0.5, (-7.0, 8.0), 180)))
    first, *rest = _WAYS[camera_id]
    legs: list[Leg] = [Walk(place) for place in rest]
    return Route.of(start_s, first, (*legs, Wait(0.5, 180)), 1.6)


def _tracks(drawn: Rendering, frame: Frame, rng: np.random.Generator) -> Tracks:
    seen = [o for o in drawn.truth.objects if o.visible >= 0.5 and o.xyxy[3] - o.xyxy[1] >= 30]
    xyxy = np.array([o.xyxy for o in seen], np.float32).reshape(-1, 4)
    sides = (xyxy[:, 2:] - xyxy[:, :2])[:, [0, 1, 0, 1]]
    xyxy = xyxy + sides * rng.normal(0, _EDGE_ERROR, xyxy.shape).astype(np.float32)
    xyxy = np.clip(xyxy, 0, [frame.width_px, frame.height_px] * 2).astype(np.float32)
    kept = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1) if len(xyxy) else np.zeros(0, bool)
    ids = np.array([o.object_id for o in seen], np.int64)
    classes = np.array([next(iter(class_ids((o.class_name,)))) for o in seen], np.int64)
    n = int(kept.sum())
    return Tracks(
        xyxy[kept], np.full(n, 0.8, np.float32), classes[kept], ids[kept], np.ones(n, bool), np.ones(n, np.float32),
        frame.width_px, frame.height_px,
    )  # fmt: skip


NO_DETECTIONS = Detections.empty()
