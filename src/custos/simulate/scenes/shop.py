"""Shop floor: shelves, a gondola, a till on the right, the way in from the lobby in the far wall."""

from __future__ import annotations

from custos.simulate.backdrop import Lamp, Surface, box, ground, mark, wall_x, wall_y
from custos.simulate.scenes.scene import GroundZone, Scene
from custos.simulate.sprite import Light
from custos.simulate.texture import Paint, goods, planks, plaster, sign, tiles

LEFT_X, RIGHT_X, BACK_Y = -5.0, 5.0, 10.5
ENTRY_X = (0.9, 2.5)


def _shelf_y(x0: float, x1: float, y: float, height: float, paint: Paint) -> list[Surface]:
    """A shelf along the far wall."""
    frame = plaster((196, 200, 202), 0.03)
    body = box((x0, x1), (y - 0.45, y), (0, height), frame)
    return [*body, wall_y(y - 0.46, x0 + 0.03, x1 - 0.03, 0.1, height - 0.05, paint, shade=0.92)]


def _shelves() -> list[Surface]:
    left = wall_x(LEFT_X + 0.5, 2.0, 9.6, 0.1, 1.95, goods(21), shade=0.85)
    rack = box((LEFT_X, LEFT_X + 0.48), (1.9, 9.7), (0, 2.0), plaster((190, 195, 198), 0.03))
    gondola = box((-2.6, -1.75), (5.4, 8.2), (0, 1.35), plaster((188, 192, 196), 0.03))
    gondola += [
        wall_x(-1.74, 5.45, 8.15, 0.1, 1.3, goods(31), shade=0.8),
        wall_x(-2.61, 5.45, 8.15, 0.1, 1.3, goods(33), shade=0.7),
        wall_y(5.39, -2.57, -1.78, 0.1, 1.3, goods(35), shade=0.92),
    ]
    return [*rack, left, *_shelf_y(-4.4, -0.2, BACK_Y, 2.05, goods(23)), *gondola]


def _till() -> list[Surface]:
    counter = box((2.1, 2.75), (5.2, 7.2), (0, 0.95), planks((88, 122, 158), 0.16), plaster((72, 74, 78), 0.04))
    belt = Surface((2.18, 5.9, 0.955), (0.5, 0, 0), (0, 1.2, 0), plaster((46, 46, 48), 0.08))
    screen = box((2.35, 2.62), (5.4, 5.48), (0.95, 1.3), plaster((40, 40, 42)))
    screen.append(wall_y(5.39, 2.37, 2.6, 1.0, 1.28, plaster((170, 130, 80), 0.1), shade=1.1))
    drawer = box((2.3, 2.7), (5.5, 5.85), (0.95, 1.06), plaster((60, 62, 66)))
    board = sign("TILL", 0.8, 0.3, ink=(245, 245, 245), ground=(60, 110, 40))
    return [*counter, belt, *screen, *drawer, wall_y(7.3, 2.0, 2.8, 2.3, 2.6, board, shade=1.1)]


def _surfaces() -> list[Surface]:
    wall = plaster((196, 206, 212), 0.03)
    x0, x1 = ENTRY_X
    mat = plaster((88, 84, 84), 0.2)
    return [
        ground(LEFT_X, RIGHT_X, 0, 16, tiles((178, 186, 188), 0.5, joint=0.84, vary=0.05)),
        mark(0.4, 1.6, 5.5, 5.58, plaster((60, 160, 60), 0.1), 0.8),
        mark(x0, x1, BACK_Y - 0.9, BACK_Y - 0.1, mat, 0.8),
        wall_y(BACK_Y, LEFT_X, x0, 0, 3.6, wall),
        wall_y(BACK_Y, x1, RIGHT_X, 0, 3.6, wall),
        wall_y(BACK_Y, x0, x1, 2.4, 3.6, wall),
        wall_y(14, -2, 6, 0, 3.6, plaster((168, 180, 190)), shade=0.85),
        wall_x(LEFT_X, 0, BACK_Y, 0, 3.6, wall, shade=0.85),
        wall_x(RIGHT_X, 0, BACK_Y, 0, 3.6, plaster((150, 176, 190), 0.03), shade=0.85),
        *[wall_y(BACK_Y - 0.05, x - 0.07, x + 0.07, 0, 2.45, plaster((70, 72, 74))) for x in ENTRY_X],
        wall_y(
            BACK_Y - 0.06,
            -3.6,
            -1.2,
            2.35,
            2.85,
            sign("GROCERIES", 2.4, 0.5, ink=(250, 250, 250), ground=(60, 110, 40)),
        ),
        *_shelves(),
        *_till(),
        wall_x(RIGHT_X - 0.05, 4.6, 8.2, 1.0, 2.0, goods(41, 0.34), shade=0.85),
    ]


SHOP = Scene(
    camera_id="shop",
    name="Shop floor",
    position_m=(-1.2, 0.2, 2.9),
    yaw_deg=12.0,
    pitch_deg=15.0,
    surfaces=_surfaces,
    lamps=(
        Lamp((0.5, 7, 0), 3.0, 0.12),
        Lamp((-3.6, 6, 0), 2.0, 0.08),
        Lamp((1.7, 12, 1), 2.0, 0.2),
    ),
    ambient=0.92,
    light=Light((-0.1, 0.95, 0.25), 0.45, 0.68),
    sun=None,
    outdoors=False,
    zones=(
        GroundZone("till", "Before the till", ((0.5, 4.9), (1.95, 4.9), (1.95, 8.9), (0.5, 8.9)), loiter_s=30.0),
        GroundZone("aisle", "Left aisle", ((-4.4, 5.0), (-2.7, 5.0), (-2.7, 9.9), (-4.4, 9.9))),
    ),
)
