"""The pictures of docs/behaviours.md: `python scripts/draw_behaviours.py [KIND ...]` writes docs/img/behaviours.

Each shows the simulated site with one behaviour at work: a script is acted, its true tracks are played through the
behaviour up to a moment, and that moment is drawn with the marks that `custos analyze --annotate` would put on it.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from custos.adapters.media.annotate import Annotator
from custos.model.behaviours import BEHAVIOUR_KINDS, NOTABLE, OF_PLACES, BehaviourSpec
from custos.model.detections import Tracks
from custos.model.frame import Frame, Image
from custos.model.site import Camera, Line, Zone
from custos.pipeline.analysis import Step
from custos.simulate.actors import company
from custos.simulate.episodes import EPISODES
from custos.simulate.motion import Route, Wait, Walk
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Appearance, Script, Story
from custos.simulate.view import Xy
from custos.testing.acting import filmed, ground_of, on_picture
from custos.testing.clock import START
from custos.vision.behaviours import make_behaviours
from custos.vision.things import ThingWatch

FOLDER = Path(__file__).parents[1] / "docs" / "img" / "behaviours"
SEED = 7
SIZE = 480, 270
COLOURS = 96
FPS = 5.0
AFTER_S = 0.6
LOITER_S = 12.0
LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Scripted:
    """A script of one scene."""

    appearances: Mapping[str, Sequence[Appearance]]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture.

    Args:
        spec: None for what a zone or a line tells by itself.
        from_s, at_s: the script is played from the one, and the picture taken at the other; None when the behaviour
            has just spoken of something notable.
        lines, zones: besides those of the scene, in metres on the ground.
        place: the id of the zone or line, where there is no spec that names it.
    """

    camera_id: str
    script: Callable[[], Script]
    spec: BehaviourSpec | None
    from_s: float
    at_s: float | None
    lines: tuple[tuple[str, tuple[Xy, Xy]], ...] = ()
    zones: tuple[tuple[str, tuple[Xy, ...]], ...] = ()
    place: str = ""


def extras(camera_id: str, *routes: Route) -> Scripted:
    """Passers-by on these routes."""
    cast = company(SEED)
    names = [f"extra-{i}" for i in range(len(routes))]
    played = [Appearance(cast[name], camera_id, route) for name, route in zip(names, routes, strict=True)]
    return Scripted({camera_id: played})


def story() -> Script:
    return Story(SEED)


def episode(name: str, spec: BehaviourSpec, **places: tuple[tuple[str, tuple[Xy, ...]], ...]) -> Shot:
    """A short script of the simulated site, when the behaviour has spoken."""
    script = EPISODES[name](SEED)
    return Shot(script.camera_id, lambda: EPISODES[name](SEED), spec, 0.0, None, zones=places.get("zones", ()))


_AROUND: tuple[tuple[Xy, Xy], ...] = (
    ((-7.0, 8.8), (-0.7, 9.0)),
    ((7.5, 8.4), (0.9, 9.1)),
    ((-5.0, 11.5), (-0.2, 10.0)),
    ((5.5, 11.5), (0.6, 10.1)),
    ((2.5, 6.8), (0.1, 8.2)),
)


def crowd() -> Script:
    """Five come together in the yard at 8 s, and run off at 18 s."""
    routes = []
    for start, spot in _AROUND:
        leave_s = float(np.hypot(start[0] - spot[0], start[1] - spot[1])) / 1.3
        legs = (Walk(spot), Wait(10.0), Walk(start, speed_mps=3.4))
        routes.append(Route.of(8.0 - leave_s, start, legs))
    return extras("dock", *routes)


def pavement() -> Script:
    """One goes down the pavement, and one up."""
    down, up = ((0.6, 21.0), (0.6, 5.0)), ((1.4, 5.0), (1.4, 21.0))
    return extras("street", *(Route.of(0.0, a, (Walk(b),)) for a, b in (down, up)))


def in_a_row() -> Script:
    """Two go down the pavement, a step apart, side by side for whoever looks along it."""
    return extras("street", *(Route.of(t, (x, 20.0), (Walk((x, 4.5)),)) for x, t in ((0.0, 0.0), (1.5, 1.2))))


def passer_by() -> Script:
    """One comes out of the entrance and goes down the pavement."""
    return extras("street", Route.of(0.0, (3.2, 9.3), (Walk((0.8, 9.0)), Walk((0.4, 5.0)))))


def lingerer() -> Script:
    """One stops before the entrance and stays; another walks by."""
    stays = Route.of(0.0, (0.4, 15.0), (Walk((0.9, 10.0)), Wait(40.0)))
    return extras("street", stays, Route.of(17.0, (2.2, 17.0), (Walk((2.0, 5.5)),)))


PAVEMENT = ("before-the-door", ((-0.6, 13.0), (2.6, 13.0), (2.6, 7.5), (-0.6, 7.5)))
SHOTS: dict[str, Shot] = {
    "line": Shot("street", passer_by, None, 0.0, 1.6, place="gate"),
    "zone": Shot("dock", story, None, 26.0, 33.0, place="restricted"),
    "loitering": Shot("street", lingerer, None, 0.0, 25.6, zones=(PAVEMENT,), place=PAVEMENT[0]),
}
_OF_KINDS = (
    Shot("street", story, BehaviourSpec("passers-by", "line-count", line_id="walkway"), 34.0, 54.6),
    Shot("dock", story, BehaviourSpec("restricted", "presence", zone_id="restricted"), 26.0, 40.0),
    Shot(
        "dock",
        story,
        BehaviourSpec("bay", "occupancy", zone_id="bay", classes=("person", "vehicle")),
        126.0,
        150.0,
    ),
    Shot(
        "shop",
        story,
        BehaviourSpec("till", "queue", zone_id="till", settings={"limit": 2.0, "hold_s": 5.0}),
        144.0,
        160.0,
    ),
    Shot(
        "dock",
        crowd,
        BehaviourSpec("yard", "crowd", zone_id="yard", settings={"density": 0.15}),
        0.0,
        14.0,
        zones=(("yard", ((-3.0, 11.5), (3.0, 11.5), (2.6, 7.2), (-2.6, 7.2))),),
    ),
    Shot("dock", crowd, BehaviourSpec("yard", "gathering"), 0.0, 14.0),
    Shot("dock", crowd, BehaviourSpec("yard", "scattering"), 8.0, 19.2),
    Shot(
        "street",
        pavement,
        BehaviourSpec("one-way", "wrong-way", line_id="one-way"),
        0.0,
        5.4,
        lines=(("one-way", ((-0.4, 16.0), (-0.4, 7.0))),),
    ),
    Shot(
        "street",
        in_a_row,
        BehaviourSpec("tail", "following", line_id="entrance"),
        0.0,
        11.2,
        lines=(("entrance", ((-0.6, 9.5), (2.2, 9.5))),),
    ),
    Shot("street", story, BehaviourSpec("street", "flow"), 16.0, 100.0),
    episode("cars", BehaviourSpec("road", "speed")),
    episode("run", BehaviourSpec("yard", "running")),
    episode("driver", BehaviourSpec("bay", "stopping")),
    episode("fall", BehaviourSpec("yard", "person-down")),
    episode("bag-left", BehaviourSpec("yard", "object-left", settings={"after_s": 10.0})),
    episode("bag-taken", BehaviourSpec("yard", "object-removed")),
    episode("meet", BehaviourSpec("pavement", "proximity")),
    episode("meet", BehaviourSpec("pavement", "meeting")),
    episode("car-approached", BehaviourSpec("car", "vehicle-approach")),
    episode("pace", BehaviourSpec("yard", "pacing")),
    episode("turn-back", BehaviourSpec("pavement", "turning-back")),
    episode(
        "return",
        BehaviourSpec("entrance", "repeated-approach", zone_id="entrance"),
        zones=(("entrance", ((1.2, 11.0), (2.8, 11.0), (2.8, 8.0), (1.2, 8.0))),),
    ),
)
SHOTS |= {shot.spec.kind: shot for shot in _OF_KINDS if shot.spec is not None}


def camera_of(shot: Shot) -> Camera:
    """The scene's camera with the shot's own places, and its ground calibrated."""
    scene = SCENES[shot.camera_id]
    view = scene.view(640, 360)
    camera = scene.camera("unused", view)
    if shot.lines or shot.zones:  # only what the picture is about
        camera = replace(camera, lines=(), zones=())
    lines = []
    for name, ends in shot.lines:
        a, b = on_picture(*ends, view=view)
        lines.append(Line(name, name, (a, b)))
    loiter_s = LOITER_S if shot.spec is None else None
    zones = [Zone(name, name, on_picture(*corners, view=view), loiter_s=loiter_s) for name, corners in shot.zones]
    needs = {shot.place} if shot.spec is None else {shot.spec.zone_id, shot.spec.line_id}
    return replace(
        camera,
        lines=tuple(one for one in (*camera.lines, *lines) if one.id in needs),
        zones=tuple(one for one in (*camera.zones, *zones) if one.id in needs),
        ground=ground_of(view, near_m=8.0, far_m=11.0, half_width_m=1.5),
        behaviours=() if shot.spec is None else (shot.spec,),
    )


def take(shot: Shot) -> Image:
    """The picture, (270, 480, 3)."""
    camera, script = camera_of(shot), shot.script()
    behaviour = make_behaviours(camera)[-1]  # what the camera's zone or line tells by itself comes before
    renderer = CameraRenderer(SCENES[shot.camera_id], script, Settings(seed=SEED, fps=FPS))
    watch = ThingWatch() if shot.spec is not None and shot.spec.kind_of.things else None
    steps: list[Step] = []
    until_s = shot.at_s or LONGEST_S
    for at, tracks in filmed(script, shot.camera_id, from_s=shot.from_s, until_s=until_s, fps=FPS):
        now_s = (at - START).total_seconds()
        if watch is not None:
            luma = renderer.frame(round(now_s * FPS) + 1).i420[: tracks.height_px]
            tracks = replace(tracks, things=watch.update(luma, tracks, now_s))
        said = behaviour.update(tracks, at=at)
        steps.append(Step(None, _in_size(tracks), (), behaviour.overlays()))
        if shot.at_s is None and any(one.type in NOTABLE for one in said):
            until_s = min(until_s, now_s + AFTER_S)
        if now_s >= until_s:
            break
    if until_s == LONGEST_S:
        raise ValueError(f"{shot.spec}: it had nothing to say in this script")
    drawn = renderer.frame(round(until_s * FPS) + 1)
    picture = cv2.cvtColor(drawn.i420, cv2.COLOR_YUV2BGR_I420).astype(np.uint8, copy=False)
    annotator = Annotator(FOLDER / "unused.mp4", camera, fps=FPS)
    small = np.asarray(cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA), np.uint8)
    frame = Frame.from_bgr(small, index=0, captured_at=at)
    for step in steps[-40:]:  # the ways of the last seconds
        canvas = annotator.drawn(replace(step, frame=frame))
    return canvas


def _in_size(tracks: Tracks) -> Tracks:
    """On the picture as it is shown: marks and letters that are made smaller afterwards cannot be read."""
    shrink = np.float32(SIZE[0] / tracks.width_px)
    return replace(tracks, xyxy=tracks.xyxy * shrink, width_px=SIZE[0], height_px=SIZE[1])


def write_small(path: Path, picture: Image, colours: int = COLOURS) -> None:
    """A PNG of few colours: a quarter of the bytes (PNG specification, second edition, colour type 3)."""
    height, width = picture.shape[:2]
    pixels = picture.reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(SEED)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    start = np.zeros((len(pixels), 1), np.int32)
    _, nearest, palette = cv2.kmeans(pixels, colours, start, criteria, 1, cv2.KMEANS_PP_CENTERS)
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = nearest.reshape(height, width)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", np.rint(palette[:, ::-1]).astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def main(kinds: Sequence[str]) -> int:
    """Draw the pictures of these kinds, or of all."""
    unknown = [kind for kind in kinds if kind not in SHOTS]
    if unknown:
        sys.stderr.write(f"no picture of {', '.join(unknown)}; there are {', '.join(SHOTS)}\n")
        return 2
    missing = sorted({*OF_PLACES, *BEHAVIOUR_KINDS} - set(SHOTS))
    if missing:
        sys.stderr.write(f"these kinds have no picture yet: {', '.join(missing)}\n")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind in kinds or SHOTS:
        path = FOLDER / f"{kind}.png"
        write_small(path, take(SHOTS[kind]))
        sys.stdout.write(f"{path} {path.stat().st_size // 1024} KB\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
