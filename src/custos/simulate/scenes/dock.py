"""Loading dock: a yard before two roller shutters, the left bay behind yellow lines."""

from __future__ import annotations

from custos.simulate.backdrop import Lamp, Surface, box, ground, mark, wall_x, wall_y
from custos.simulate.scenes.scene import GroundLine, GroundZone, Scene, Sun
from custos.simulate.sprite import Light
from custos.simulate.texture import asphalt, bricks, hatch, planks, plaster, sign, sky, slats

BACK_Y = 12.5
RESTRICTED = ((-4.0, 7.8), (-0.9, 7.8), (-0.9, 11.5), (-4.0, 11.5))
OFFICE_DOOR_X = (-0.5, 0.4)


def _bay(x: float, number: str) -> list[Surface]:
    """A roller shutter in its frame, rubber bumpers, a number."""
    black, yellow = plaster((40, 40, 42), 0.1), plaster((40, 190, 225), 0.08)
    parts = [
        wall_y(BACK_Y - 0.03, x - 0.2, x + 3.4, 0, 3.05, plaster((96, 98, 100), 0.06), shade=0.85),
        wall_y(BACK_Y - 0.05, x, x + 3.2, 0, 2.85, slats((150, 156, 158)), shade=0.92),
        wall_y(BACK_Y - 0.07, x, x + 3.2, 0, 0.12, black),
    ]
    parts += [wall_y(BACK_Y - 0.09, x + s, x + s + 0.12, 0, 1.2, yellow) for s in (-0.2, 3.28)]
    board = sign(number, 0.5, 0.5, ink=(240, 240, 240), ground=(120, 70, 30))
    parts.append(wall_y(BACK_Y - 0.09, x + 1.35, x + 1.85, 3.1, 3.6, board, shade=0.95))
    return parts


def _building() -> list[Surface]:
    door = plaster((74, 92, 70), 0.05)
    wall = [
        wall_y(70, -60, 60, 0, 45, sky(height_m=25)),
        wall_y(BACK_Y, -9, 12, 0, 6.5, bricks((108, 122, 142), (140, 146, 150)), shade=0.92),
        wall_y(BACK_Y - 0.01, -9, 12, 4.6, 6.5, slats((128, 122, 112), 0.35, 0.1), shade=0.95),
        wall_x(-9, 2, BACK_Y, 0, 3.2, bricks((112, 128, 150)), shade=0.8),
    ]
    wall.append(wall_y(BACK_Y - 0.04, OFFICE_DOOR_X[0] - 0.1, OFFICE_DOOR_X[1] + 0.1, 0, 2.25, plaster((60, 62, 64))))
    wall.append(wall_y(BACK_Y - 0.06, *OFFICE_DOOR_X, 0, 2.15, door, shade=0.95))
    warning = sign("NO ENTRY", 1.3, 0.4, ink=(250, 250, 250), ground=(45, 40, 190))
    wall.append(wall_y(BACK_Y - 0.09, -6.6, -5.3, 2.0, 2.4, warning, shade=1.0))
    return [*wall, *_bay(-4.5, "1"), *_bay(1.8, "2"), *_bay(6.4, "3")]


def _things() -> list[Surface]:
    wood, blue = planks((92, 138, 172), 0.11), plaster((140, 92, 40), 0.06)
    pallets = [s for i in range(3) for s in box((3.7, 4.7), (6.6, 7.4), (i * 0.17, i * 0.17 + 0.13), wood)]
    crate = box((3.9, 4.5), (6.7, 7.3), (0.51, 0.95), planks((110, 150, 180), 0.2))
    drum = box((4.9, 5.4), (11.6, 12.1), (0, 0.9), blue)
    bollards = [
        s for x in (-0.85, 1.35) for s in box((x, x + 0.14), (11.3, 11.44), (0, 0.95), plaster((40, 190, 225), 0.06))
    ]
    skip = box((-8.6, -6.6), (10.6, 12.0), (0, 1.3), plaster((66, 104, 70), 0.12), plaster((38, 40, 40), 0.3))
    return [*pallets, *crate, *drum, *bollards, *skip]


def _surfaces() -> list[Surface]:
    concrete = plaster((148, 152, 152), 0.13, 7)
    yellow = plaster((50, 185, 225), 0.1)
    x0, x1, y0, y1 = RESTRICTED[0][0], RESTRICTED[1][0], RESTRICTED[0][1], RESTRICTED[2][1]
    lines = [mark(x0, x1, y0, y0 + 0.13, yellow), mark(x0, x1, y1 - 0.13, y1, yellow)]
    lines += [mark(x0, x0 + 0.13, y0, y1, yellow), mark(x1 - 0.13, x1, y0, y1, yellow)]
    return [
        ground(-30, 30, -2, 7.0, asphalt((98, 98, 96))),
        ground(-30, 30, 7.0, 70, concrete),
        mark(x0, x1, y0, y1, hatch((60, 175, 210), concrete), 0.9),
        *lines,
        *[mark(x, x + 0.12, 7.6, 12.3, plaster((215, 220, 220), 0.1), 0.7) for x in (1.2, 5.7)],
        *_building(),
        *_things(),
    ]


DOCK = Scene(
    camera_id="dock",
    name="Loading dock",
    position_m=(0.2, 1.2, 4.0),
    yaw_deg=-1.0,
    pitch_deg=18.5,
    surfaces=_surfaces,
    lamps=(Lamp((-3, 9, 0), 4.0, 0.06), Lamp((7, 4, 0), 4.0, -0.08)),
    ambient=0.95,
    light=Light((0.4, 0.9, 0.25), 0.42, 0.75),
    sun=Sun((-0.6, 0.3), 0.4),
    outdoors=True,
    zones=(
        GroundZone("restricted", "Restricted part", RESTRICTED, loiter_s=15.0),
        GroundZone("bay", "Bay 2", ((1.0, 7.8), (4.3, 7.8), (6.4, 12.0), (1.0, 12.0)), ("person", "vehicle")),
    ),
    lines=(GroundLine("yard", "Into the yard", ((5.9, 11.9), (4.2, 7.7)), classes=("vehicle",)),),
)
