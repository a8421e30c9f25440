"""The site of the month: a company by a harbour with offices, a warehouse with a dock, a laboratory and a shop.

AREAS, DOORS, CAMERAS, TILLS, SENSORS: what there is; way(from_area, to_area): the doors in between.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from math import hypot

SITE_ID = "harbour"
TIME_ZONE = "Europe/Zurich"
OUTSIDE = "street"
PANEL_ID = "panel-1"
WALK_MPS = 1.5
"""How fast people walk through the house."""
RUSH_MPS = 4.0
"""Nobody is faster: what the site file's `walk_s` allows for."""


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """A space. `zone`: the camera's zone in which its people are seen, "camera/zone" or "". `closes`: its intrusion
    detectors are armed at night."""

    id: str
    name: str
    zone: str = ""
    closes: bool = False
    passback: str = "none"


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """A door from one area into another.

    Args:
        at_m: where it is, metres from the corner of the site.
        reads_in, reads_out: whether going in, or out, takes a credential.
        camera: sees it and its threshold; "" none.
        latches_badly: the share of passages after which it does not fall shut.
        bounces: the share of openings at which its contact chatters.
        open_time_s: how long it may stand open.
    """

    id: str
    name: str
    outer: str
    inner: str
    at_m: tuple[float, float]
    reads_in: bool = True
    reads_out: bool = False
    camera: str = ""
    latches_badly: float = 0.0
    bounces: float = 0.002
    open_time_s: float = 30.0

    @property
    def threshold(self) -> str:
        """Id of the line on its camera's picture."""
        return f"sill-{self.id}"

    @property
    def zone(self) -> str:
        """Id of the zone before it on its camera's picture."""
        return f"at-{self.id}"


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """A camera. `outdoors`: insects, rain and headlights make its own motion detection speak at night. `zones`: besides
    those before doors."""

    id: str
    name: str
    outdoors: bool = False
    zones: tuple[str, ...] = ()


AREAS: tuple[AreaPlan, ...] = (
    AreaPlan(OUTSIDE, "Street and yard"),
    AreaPlan("lobby", "Lobby", zone="lobby/floor"),
    AreaPlan("office-1", "Offices, first floor", passback="soft"),
    AreaPlan("office-2", "Offices, second floor", zone="office/corridor", closes=True),
    AreaPlan("canteen", "Canteen"),
    AreaPlan("server-room", "Server room", zone="server/aisle"),
    AreaPlan("archive", "Archive"),
    AreaPlan("lab", "Laboratory", zone="lab/bench", passback="soft"),
    AreaPlan("store", "Chemicals store"),
    AreaPlan("warehouse", "Warehouse", zone="warehouse/aisle", closes=True),
    AreaPlan("dock", "Loading dock", zone="dock/floor", closes=True),
    AreaPlan("plant", "Plant room"),
    AreaPlan("shop", "Shop", zone="shop/floor", closes=True),
    AreaPlan("shop-back", "Back of the shop", closes=True),
    AreaPlan("cash", "Cash office"),
    AreaPlan("stairs", "Stairwell"),
)

DOORS: tuple[DoorPlan, ...] = (
    DoorPlan("front", "Front door", OUTSIDE, "lobby", (40, 0), camera="lobby"),
    DoorPlan("staff", "Staff entrance", OUTSIDE, "stairs", (70, 5), reads_out=True, camera="staff"),
    DoorPlan("lobby-stairs", "Lobby to stairwell", "lobby", "stairs", (45, 8)),
    DoorPlan("office-1", "First floor", "stairs", "office-1", (48, 12), reads_out=True, camera="office"),
    DoorPlan("office-2", "Second floor", "stairs", "office-2", (48, 16), reads_out=True, camera="office"),
    DoorPlan("office-link", "Between the floors", "office-1", "office-2", (52, 14), reads_in=True, reads_out=True),
    DoorPlan("canteen", "Canteen", "stairs", "canteen", (60, 12), reads_in=False),
    DoorPlan("canteen-yard", "Canteen to the yard", OUTSIDE, "canteen", (66, 20), latches_badly=0.01),
    DoorPlan("server-room", "Server room", "office-2", "server-room", (58, 16), reads_out=True, camera="server"),
    DoorPlan("archive", "Archive", "office-1", "archive", (40, 14)),
    DoorPlan("lab", "Laboratory", "stairs", "lab", (80, 14), reads_out=True, camera="lab"),
    DoorPlan("store", "Chemicals store", "lab", "store", (86, 18), reads_out=True),
    DoorPlan("lab-escape", "Laboratory escape", OUTSIDE, "lab", (92, 14), reads_in=False, bounces=0.03),
    DoorPlan(
        "warehouse", "Stairwell to warehouse", "stairs", "warehouse", (90, 30), reads_out=True, camera="warehouse"
    ),
    DoorPlan("dock-inner", "Warehouse to dock", "warehouse", "dock", (120, 40), reads_in=False, bounces=0.02),
    DoorPlan("dock-1", "Dock gate 1", OUTSIDE, "dock", (150, 42), camera="dock", open_time_s=900.0),
    DoorPlan("dock-2", "Dock gate 2", OUTSIDE, "dock", (150, 50), camera="dock", open_time_s=900.0),
    DoorPlan("dock-side", "Dock side door", OUTSIDE, "dock", (146, 36), camera="dock-side", latches_badly=0.02),
    DoorPlan("plant", "Plant room", "warehouse", "plant", (110, 60)),
    DoorPlan("shop-staff", "Shop, staff door", OUTSIDE, "shop-back", (10, 4), camera="shop-back"),
    DoorPlan("shop-floor", "Shop floor", "shop-back", "shop", (14, 8), reads_in=False),
    DoorPlan("cash", "Cash office", "shop-back", "cash", (6, 8), reads_out=True, camera="shop-back"),
)

CAMERAS: tuple[CameraPlan, ...] = (
    CameraPlan("gate", "Yard gate", outdoors=True, zones=("gate", "kerb")),
    CameraPlan("lobby", "Lobby", zones=("floor", "exit")),
    CameraPlan("staff", "Staff entrance", outdoors=True),
    CameraPlan("office", "Second floor corridor", zones=("corridor",)),
    CameraPlan("server", "Server room", zones=("aisle",)),
    CameraPlan("lab", "Laboratory", zones=("bench",)),
    CameraPlan("warehouse", "Warehouse", zones=("aisle",)),
    CameraPlan("dock", "Loading dock", outdoors=True, zones=("floor",)),
    CameraPlan("dock-side", "Dock side door", outdoors=True),
    CameraPlan("shop", "Shop floor", zones=("floor", "exit")),
    CameraPlan("tills", "Tills", zones=("front-1", "front-2", "front-3")),
    CameraPlan("shop-back", "Back of the shop"),
)

FULL_ZONES = {"shop/exit": 8, "lobby/exit": 8}
"""Zones that hold so many people, as the site file's `occupancy` says: "camera/zone"."""
TILLS = ("till-1", "till-2", "till-3")
TILL_CAMERA = "tills"
SENSORS: tuple[tuple[str, str, str], ...] = (
    ("server-temp", "temperature", "Cel"),
    ("store-temp", "temperature", "Cel"),
    ("warehouse-light", "illuminance", "lx"),
    ("shop-light", "illuminance", "lx"),
)
"""Id, quantity, unit (UCUM)."""
LIT_CAMERA: dict[str, str] = {"warehouse-light": "warehouse", "shop-light": "shop"}
"""The camera that sees what a light sensor measures."""
PANEL_ZONES: dict[str, str] = {"warehouse": "11", "dock": "12", "shop": "21", "shop-back": "22", "office-2": "31"}
"""The panel's own zone by the area its detectors watch."""

AREA: dict[str, AreaPlan] = {a.id: a for a in AREAS}
DOOR: dict[str, DoorPlan] = {d.id: d for d in DOORS}


def till_zone(till_id: str) -> str:
    """Id of the zone in which its customer stands."""
    return f"front-{till_id.rpartition('-')[2]}"


def distance_m(one: str, other: str) -> float:
    """As one walks, corners included."""
    (ax, ay), (bx, by) = DOOR[one].at_m, DOOR[other].at_m
    return 1.2 * hypot(bx - ax, by - ay) + 2.0


def is_in(door: DoorPlan, into: str) -> bool:
    """Whether going into `into` by this door is going in."""
    return into == door.inner


def takes_credential(door: DoorPlan, into: str) -> bool:
    return door.reads_in if is_in(door, into) else door.reads_out


@cache
def way(start: str, end: str) -> tuple[tuple[str, str], ...]:
    """(door, area it leads into) of the shortest way; ValueError where there is none."""
    came: dict[str, tuple[str, str, str]] = {}
    queue = deque([start])
    while queue and end not in came:
        area = queue.popleft()
        for door in DOORS:
            for here, there in ((door.outer, door.inner), (door.inner, door.outer)):
                if here == area and there != start and there not in came and not _is_shut(door, there):
                    came[there] = (area, door.id, there)
                    queue.append(there)
    if end not in came:
        raise ValueError(f"there is no way from {start!r} to {end!r}")
    steps: list[tuple[str, str]] = []
    area = end
    while area != start:
        before, door_id, into = came[area]
        steps.append((door_id, into))
        area = before
    return tuple(reversed(steps))


def _is_shut(door: DoorPlan, into: str) -> bool:
    """Gates are for goods, and an escape door is for none of every day."""
    return door.id in ("dock-1", "dock-2", "lab-escape", "office-link")
