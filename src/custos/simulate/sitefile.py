"""The demo's site file, written by hand so that it reads like one that a person would write."""

from __future__ import annotations

from pathlib import Path

from custos.model.site import Camera, Line, Zone
from custos.simulate.render import Settings
from custos.simulate.scenes import SCENES
from custos.simulate.view import Xy

_HEAD = """\
# The demo site: drawn footage that plays in a loop, like four cameras. Written by `custos simulate`.
site: {id: demo, name: Demo site, time_zone: UTC, demo: true}
cameras:
"""
_RULES = """\
rules:
  - id: dock-restricted
    title: Someone in the restricted part of the dock
    zones: [dock/restricted]
    longer_than_s: 8
    severity: high
  - id: lobby-door
    title: Someone lingers inside the street door
    zones: [lobby/door]
    longer_than_s: 15
    severity: medium
"""


def write_site_file(path: Path, settings: Settings) -> None:
    """Write the site file of the four cameras; clips are named relative to it."""
    cameras = [
        scene.camera(f"{scene.camera_id}.mp4", scene.view(settings.width_px, settings.height_px))
        for scene in SCENES.values()
    ]
    path.write_text(_HEAD + "".join(_camera(camera) for camera in cameras) + _RULES, encoding="utf-8")


def _camera(camera: Camera) -> str:
    lines = [
        f"  - id: {camera.id}",
        f"    name: {camera.name}",
        f"    url: {camera.url}",
        "    loop: true",
    ]
    lines += ["    zones:", *(_zone(zone) for zone in camera.zones)] if camera.zones else []
    lines += ["    lines:", *(_line(line) for line in camera.lines)] if camera.lines else []
    return "\n".join(lines) + "\n"


def _points(points: tuple[Xy, ...]) -> str:
    return "[" + ", ".join(f"[{x:g}, {y:g}]" for x, y in points) + "]"


def _zone(zone: Zone) -> str:
    loiter = "" if zone.loiter_s is None else f"\n        loiter_s: {zone.loiter_s:g}"
    return (
        f"      - id: {zone.id}\n        name: {zone.name}\n        polygon: {_points(zone.polygon)}\n"
        f"        classes: [{', '.join(zone.classes)}]{loiter}"
    )


def _line(line: Line) -> str:
    return (
        f"      - id: {line.id}\n        name: {line.name}\n        points: {_points(line.points)}\n"
        f"        direction: {line.direction.value}\n        classes: [{', '.join(line.classes)}]"
    )
