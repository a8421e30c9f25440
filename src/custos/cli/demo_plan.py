"""The demo's ground plan: its picture, and where its doors, cameras and till stand on it.

Kept apart from `custos.simulate`, whose every change draws the demo's footage anew.
"""

from __future__ import annotations

from pathlib import Path

from custos.adapters.sitefile.atomic import write_atomically
from custos.adapters.sitefile.edit import put_places
from custos.model.naming import Point
from custos.model.plan import CameraPlace, Placing

PLAN_FILE = "ground-floor.svg"
_PLAN = f"plan: {{image: {PLAN_FILE}, width_m: 48}}\n"
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 560">
  <title>Ground floor of the demo site</title>
  <rect width="960" height="560" fill="#0e1215"/>
  <rect y="452" width="960" height="108" fill="#14191d"/>
  <path d="M0 470H960" stroke="#2b343b" stroke-width="2"/>
  <path d="M0 515H960" stroke="#2b343b" stroke-width="3" stroke-dasharray="26 18"/>
  <rect x="640" y="20" width="300" height="210" fill="#12171a"/>
  <path d="M700 30V120M760 30V120M820 30V120M880 30V120" stroke="#2b343b" stroke-width="3"/>
  <g fill="none" stroke="#525e68" stroke-width="7" stroke-linecap="square">
    <path d="M40 30H620V440H40Z"/>
    <path d="M620 240H920V440H620"/>
    <path d="M320 30V440M40 210H320"/>
  </g>
  <g fill="#232b31" stroke="#39444c" stroke-width="2">
    <rect x="372" y="92" width="92" height="28" rx="4"/>
    <rect x="350" y="300" width="34" height="70" rx="3"/>
    <path d="M440 180h24v200h-24zM500 180h24v200h-24zM560 180h24v200h-24z"/>
    <path d="M70 60h60v36H70zM170 60h60v36h-60zM70 140h60v36H70zM170 140h60v36h-60z"/>
    <rect x="76" y="262" width="92" height="28" rx="4"/>
    <path d="M660 280h60v44h-60zM760 280h60v44h-60zM660 360h60v44h-60zM760 360h60v44h-60z"/>
  </g>
</svg>
"""


def _box(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    return (left, top), (right, top), (right, bottom), (left, bottom)


PLACING = Placing(
    areas={
        "street": _box(0.0, 0.81, 1.0, 1.0),
        "yard": _box(0.66, 0.03, 0.985, 0.41),
        "offices": _box(0.05, 0.07, 0.325, 0.365),
        "lobby": _box(0.05, 0.39, 0.325, 0.77),
        "shop": _box(0.345, 0.07, 0.635, 0.77),
        "stock": _box(0.658, 0.45, 0.947, 0.77),
    },
    doors={"front": (0.19, 0.786), "lift": (0.3, 0.376), "stock": (0.916, 0.43)},
    cameras={
        "street": CameraPlace((0.4, 0.815), 240, 64, 14),
        "lobby": CameraPlace((0.062, 0.42), 140, 75, 9.7),
        "dock": CameraPlace((0.965, 0.08), 228, 70, 9.8),
        "shop": CameraPlace((0.62, 0.1), 203, 46, 18.2),
    },
    things={"tills/till-1": (0.383, 0.6), "panels/dock-panel": (0.72, 0.68), "panels/dock-panel/11": (0.72, 0.27)},
)
"""What of it the demo's site file does not have is passed over."""


def with_plan(text: str) -> str:
    """The text of the demo's site file with its plan, and with everything in its place on it."""
    return put_places(text if text.endswith("\n") else text + "\n", PLACING) + _PLAN


def put_on_plan(site_file: Path) -> None:
    """Give the demo's site file its plan, and lay the plan's picture beside it."""
    site_file.with_name(PLAN_FILE).write_text(_SVG, encoding="utf-8")
    write_atomically(site_file, with_plan(site_file.read_text(encoding="utf-8")), mode=0o644)
