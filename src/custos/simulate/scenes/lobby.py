"""Lobby: the street door in the far wall, a reception counter, lifts on the left, the way to the shop on the right."""

from __future__ import annotations

from custos.simulate.backdrop import Lamp, Surface, box, ground, mark, wall_x, wall_y
from custos.simulate.scenes.scene import GroundLine, GroundZone, Scene
from custos.simulate.sprite import Light
from custos.simulate.texture import glass, planks, plaster, sign, tiles

LEFT_X, RIGHT_X, BACK_Y = -4.2, 4.4, 10.0
DOOR_X = (-1.3, 0.9)
SHOP_Y = (7.4, 9.2)


def _walls() -> list[Surface]:
    paint = plaster((188, 200, 206), 0.035)
    left, right = DOOR_X
    walls = [
        wall_y(BACK_Y, LEFT_X, left, 0, 4, paint),
        wall_y(BACK_Y, right, RIGHT_X, 0, 4, paint),
        wall_y(BACK_Y, left, right, 2.45, 4, paint),
        wall_x(LEFT_X, 0, BACK_Y, 0, 4, plaster((168, 182, 190), 0.04), shade=0.86),
        wall_x(RIGHT_X, 0, SHOP_Y[0], 0, 4, planks((78, 112, 150), 0.18), shade=0.84),
        wall_x(RIGHT_X, SHOP_Y[1], BACK_Y, 0, 4, planks((78, 112, 150), 0.18), shade=0.84),
        wall_x(RIGHT_X, *SHOP_Y, 2.4, 4, planks((78, 112, 150), 0.18), shade=0.84),
        wall_y(SHOP_Y[1], RIGHT_X, RIGHT_X + 4, 0, 4, plaster((150, 165, 172)), shade=0.7),
        wall_x(RIGHT_X + 4, 5, 11, 0, 4, plaster((140, 150, 160)), shade=0.6),
    ]
    skirting = plaster((92, 96, 98), 0.03)
    walls += [
        wall_y(BACK_Y - 0.02, LEFT_X, left, 0, 0.12, skirting),
        wall_y(BACK_Y - 0.02, right, RIGHT_X, 0, 0.12, skirting),
    ]
    walls.append(wall_x(LEFT_X + 0.02, 0, BACK_Y, 0, 0.12, skirting))
    return walls


def _door() -> list[Surface]:
    """Two glass leaves slid open, and the bright porch behind."""
    left, right = DOOR_X
    frame = plaster((58, 56, 54), 0.03)
    leaf = glass((215, 208, 196), (170, 168, 160), 2.4, 0.05, 0.75)
    porch = [
        ground(left - 3, right + 3, BACK_Y, 16, tiles((172, 178, 182), 0.6), shade=1.0),
        wall_y(16, left - 4, right + 4, 0, 5, plaster((214, 216, 214), 0.05), shade=1.12),
    ]
    leaves = [wall_y(BACK_Y - 0.04, left - 0.75, left, 0, 2.4, leaf, shade=1.0)]
    leaves.append(wall_y(BACK_Y - 0.04, right, right + 0.75, 0, 2.4, leaf, shade=1.0))
    posts = [wall_y(BACK_Y - 0.06, x - 0.05, x + 0.05, 0, 2.45, frame) for x in (left, right)]
    head = wall_y(BACK_Y - 0.06, left - 0.8, right + 0.8, 2.4, 2.6, frame)
    board = sign("EXIT", 0.7, 0.24, ink=(245, 250, 245), ground=(70, 140, 40))
    return [*porch, *leaves, *posts, head, wall_y(BACK_Y - 0.08, -0.55, 0.15, 2.65, 2.89, board, shade=1.15)]


def _lifts() -> list[Surface]:
    steel = plaster((172, 176, 178), 0.03)
    parts = []
    for y in (5.6, 7.6):
        parts.append(wall_x(LEFT_X + 0.03, y - 0.1, y + 1.3, 0, 2.3, plaster((92, 96, 100), 0.03), shade=0.8))
        parts.append(wall_x(LEFT_X + 0.04, y, y + 0.59, 0, 2.2, steel, shade=0.88))
        parts.append(wall_x(LEFT_X + 0.04, y + 0.61, y + 1.2, 0, 2.2, steel, shade=0.92))
    return parts


def _furniture() -> list[Surface]:
    top = plaster((215, 220, 222), 0.03)
    counter = box((2.0, 3.9), (5.3, 6.0), (0, 1.08), planks((62, 92, 132), 0.12), top)
    logo = sign("RECEPTION", 1.3, 0.3, ink=(230, 236, 240), ground=(58, 82, 112))
    counter.append(wall_y(5.28, 2.25, 3.55, 0.45, 0.75, logo, shade=0.9))
    bench = box(
        (LEFT_X + 0.1, LEFT_X + 0.75), (2.6, 4.4), (0, 0.45), plaster((96, 78, 62), 0.06), plaster((120, 98, 78), 0.06)
    )
    pillar = box((-2.75, -2.3), (5.2, 5.65), (0, 4), plaster((196, 204, 208), 0.04))
    pot = box((1.15, 1.5), (9.3, 9.65), (0, 0.45), plaster((82, 86, 92), 0.05))
    leaves = box((1.08, 1.57), (9.25, 9.7), (0.45, 1.15), plaster((52, 108, 66), 0.55), plaster((60, 130, 80), 0.5))
    poster = plaster((150, 122, 84), 0.35)
    picture = [
        wall_y(BACK_Y - 0.03, -3.4, -2.4, 1.3, 2.4, plaster((50, 50, 50))),
        wall_y(BACK_Y - 0.05, -3.33, -2.47, 1.37, 2.33, poster),
    ]
    return [*counter, *bench, *pillar, *pot, *leaves, *picture]


def _surfaces() -> list[Surface]:
    floor = tiles((168, 182, 190), 0.75, joint=0.8, vary=0.06)
    return [
        ground(LEFT_X, RIGHT_X + 4, 0, BACK_Y, floor),
        mark(-1.5, 1.1, 8.2, 9.8, plaster((70, 66, 68), 0.25), 0.8),
        *_walls(),
        *_door(),
        *_lifts(),
        *_furniture(),
    ]


LOBBY = Scene(
    camera_id="lobby",
    name="Lobby",
    position_m=(1.9, 0.0, 2.9),
    yaw_deg=-13.0,
    pitch_deg=15.0,
    surfaces=_surfaces,
    lamps=(
        Lamp((-0.2, 9.6, 0.2), 2.6, 0.3),
        Lamp((0, 6.2, 0), 2.2, 0.14),
        Lamp((-2.6, 3.6, 0), 2.0, 0.12),
        Lamp((4, 6, 3), 2.5, -0.1),
    ),
    ambient=0.86,
    light=Light((0.1, 0.95, 0.25), 0.45, 0.68),
    sun=None,
    outdoors=False,
    zones=(
        GroundZone("door", "Inside the street door", ((-2.2, 6.9), (1.8, 6.9), (1.5, 9.6), (-1.9, 9.6)), loiter_s=15.0),
        GroundZone("reception", "Reception", ((0.6, 3.9), (4.0, 3.9), (1.9, 5.9), (0.4, 5.9))),
    ),
    lines=(GroundLine("threshold", "Street door", ((-1.6, 9.3), (1.2, 9.3))),),
)
