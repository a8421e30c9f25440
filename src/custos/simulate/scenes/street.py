"""Street entrance: a pavement along the building, its door on the right, a road on the left."""

from __future__ import annotations

from custos.simulate.backdrop import Lamp, Surface, box, ground, mark, shadow, wall_x, wall_y
from custos.simulate.scenes.scene import GroundLine, GroundZone, Scene, Sun
from custos.simulate.sprite import Light
from custos.simulate.texture import asphalt, bricks, glass, plaster, sign, sky, tiles

KERB_X, FACADE_X = -1.7, 3.6
DOOR_Y = (8.4, 10.4)


def _facade() -> list[Surface]:
    """The building on the right: brick, windows, the entrance with its canopy."""
    door = glass((120, 105, 88), (70, 62, 55), 2.4, 0.05, 1.0)
    window = glass((165, 148, 125), (88, 78, 66), 1.5, 0.05, 0.9)
    walls = [wall_x(FACADE_X, 0.5, 46, 0, 9, bricks((66, 88, 142)), shade=0.8)]
    walls.append(wall_x(FACADE_X - 0.02, 0.5, 46, 0, 0.45, plaster((120, 122, 124), 0.1), shade=0.75))
    walls += [wall_x(FACADE_X - 0.03, y, y + 1.8, 1.1, 2.6, window) for y in (4.2, 12.6, 15.8, 19.0, 22.2, 26, 30)]
    walls += [wall_x(FACADE_X - 0.03, y, y + 1.8, 4.2, 5.8, window) for y in (9.4, 12.6, 15.8, 19.0, 22.2, 26, 30)]
    walls.append(wall_x(FACADE_X - 0.04, DOOR_Y[0] - 0.15, DOOR_Y[1] + 0.15, 0, 2.55, plaster((62, 60, 58))))
    walls.append(wall_x(FACADE_X - 0.05, *DOOR_Y, 0, 2.4, door, shade=0.95))
    canopy = plaster((70, 72, 74), 0.04)
    walls.append(Surface((FACADE_X - 1.1, DOOR_Y[0] - 0.4, 2.75), (1.1, 0, 0), (0, 2.8, 0), canopy, 0.55))
    walls.append(wall_y(DOOR_Y[0] - 0.4, FACADE_X - 1.1, FACADE_X, 2.75, 3.0, canopy, shade=0.9))
    board = sign("CUSTOS HOUSE", 2.8, 0.25, ink=(235, 235, 235), ground=(78, 60, 40))
    walls.append(wall_x(FACADE_X - 1.1, DOOR_Y[0] - 0.4, DOOR_Y[1] + 0.4, 2.75, 3.0, board, shade=0.95))
    return walls


def _opposite() -> list[Surface]:
    """Houses across the road and at its end, and the sky."""
    window = glass((190, 172, 148), (105, 96, 84), 1.6, 0.06, 1.1)
    houses = [wall_y(120, -90, 90, 0, 60, sky(), shade=1.0)]
    for start, end, height, colour in (
        (6, 17, 8.0, (150, 172, 188)), (17, 29, 10.5, (120, 140, 168)), (29, 44, 7.5, (165, 178, 180)),
    ):  # fmt: skip
        houses.append(wall_x(-12.5, start, end, 0, height, plaster(colour, 0.08), shade=0.95))
        houses += [
            wall_x(-12.45, y, y + 1.4, z, z + 1.6, window) for y in range(start + 1, end - 1, 3) for z in (1.2, 4.4)
        ]
    houses.append(wall_y(46, -14, 8, 0, 11, bricks((92, 112, 150)), shade=0.9))
    houses += [wall_y(45.9, x, x + 1.6, z, z + 2.0, window) for x in (-12, -8.5, -5, -1.5, 2) for z in (2, 6)]
    return houses


def _surfaces() -> list[Surface]:
    paving = tiles((158, 165, 170), 0.6, joint=0.72, vary=0.12)
    kerb = plaster((180, 184, 186), 0.08)
    dashes = [mark(-5.65, -5.5, y, y + 2.2, plaster((225, 228, 228), 0.1), 0.75) for y in range(4, 44, 5)]
    return [
        ground(-10.3, KERB_X, -2, 46, asphalt()),
        ground(KERB_X, FACADE_X, -2, 46, paving),
        ground(-12.5, -10.3, -2, 46, paving, shade=0.95),
        mark(KERB_X, KERB_X + 0.2, -2, 46, kerb, 0.95),
        mark(-10.5, -10.3, -2, 46, kerb, 0.95),
        *dashes,
        shadow(FACADE_X - 1.3, FACADE_X + 1.3, -6, 60, 0.35),
        mark(FACADE_X - 1.0, FACADE_X - 0.05, 8.6, 10.2, plaster((52, 50, 50), 0.2), 0.85),
        *_opposite(),
        *_facade(),
        *box(
            (FACADE_X - 0.75, FACADE_X - 0.2),
            (6.2, 6.75),
            (0, 0.55),
            plaster((92, 98, 104), 0.1),
            plaster((48, 96, 62), 0.5),
        ),
        *box((-1.35, -1.22), (13.4, 13.53), (0, 5.2), plaster((74, 76, 76), 0.04)),
    ]


STREET = Scene(
    camera_id="street",
    name="Street entrance",
    position_m=(-0.2, 0.0, 3.4),
    yaw_deg=1.0,
    pitch_deg=15.0,
    surfaces=_surfaces,
    lamps=(Lamp((0.5, 11, 0), 7.0, 0.08), Lamp((-6, 6, 0), 5.0, 0.05)),
    ambient=0.97,
    light=Light((-0.45, 0.9, 0.25), 0.42, 0.75),
    sun=Sun((0.75, 0.35), 0.42),
    outdoors=True,
    zones=(
        GroundZone("pavement", "Pavement", ((-1.6, 5.2), (3.5, 5.2), (3.5, 19.0), (-1.6, 19.0)), loiter_s=20.0),
        GroundZone("road", "Road", ((-9.8, 9.0), (-1.9, 6.2), (-1.9, 30.0), (-10.2, 30.0)), ("vehicle",)),
    ),
    lines=(
        GroundLine("gate", "Entrance", ((2.1, 11.4), (2.1, 7.2))),
        GroundLine("walkway", "Along the pavement", ((-1.7, 12.0), (2.6, 12.0))),
        GroundLine("carriageway", "Along the road", ((-9.8, 15.0), (-1.9, 15.0)), classes=("vehicle",)),
    ),
)
