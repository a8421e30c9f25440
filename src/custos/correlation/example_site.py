"""The site on which the examples in rule files play: one of everything, so that every rule can be shown."""

from __future__ import annotations

from datetime import UTC, datetime, time

from custos.model.access import (
    AccessPlan,
    AccessRole,
    Area,
    Credential,
    Door,
    Holder,
    Permission,
    Reader,
    Threshold,
    View,
)
from custos.model.schedule import Hours, Schedule, SiteSchedule
from custos.model.site import Camera, Line, Site, Zone

START = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
"""When an example begins unless it says otherwise: a Tuesday morning."""
_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
_SILL = Line("sill", "Sill", ((0.0, 0.5), (1.0, 0.5)))


def _camera(camera_id: str, name: str, zone_id: str, zone: str, *lines: Line) -> Camera:
    return Camera(camera_id, name, f"{camera_id}.mp4", (Zone(zone_id, zone, _SQUARE),), lines)


def example_site() -> Site:
    """An office with a street door, a strongroom, a gate, a shop with a till, and a panel.

    Cameras `lobby` (zone `floor`; sees door `front`), `corridor` (zone `hall`; sees door `safe`), `yard` (zone `drive`;
    sees door `gate`, of which the device `gate-controller` tells), `shop` (zone `counter`: till `till-1`; panel
    `panel-1`, whose zone `office` camera `lobby` sees and covers the office; sensor `lux-1`), and `lux-2` in the lobby.
    """
    day = Hours(frozenset(range(7)), time(7), time(19))
    office = Schedule((day,), "UTC")
    front = Door(
        "front",
        "Front door",
        ("street", "office"),
        (Reader("front-in", "office"),),
        threshold=Threshold("lobby", "sill", "left"),
        cameras=("lobby",),
    )
    safe = Door("safe", "Strongroom door", ("office", "vault"), (Reader("safe-in", "vault"),), cameras=("corridor",))
    gate = Door(
        "gate",
        "Yard gate",
        ("street", "yard"),
        (Reader("gate-in", "yard"),),
        cameras=("yard",),
        device="gate-controller",
    )
    return Site(
        "example",
        "Example",
        cameras=(
            _camera("lobby", "Lobby", "floor", "Lobby floor", _SILL),
            _camera("corridor", "Corridor", "hall", "Hall"),
            _camera("yard", "Yard", "drive", "Drive"),
            _camera("shop", "Shop", "counter", "Counter"),
        ),
        access=AccessPlan(
            areas=(
                Area("street", "Street", is_outside=True),
                Area("office", "Office", zones=(("lobby", "floor"),)),
                Area("vault", "Strongroom", zones=(("corridor", "hall"),)),
                Area("yard", "Yard", zones=(("yard", "drive"),)),
            ),
            doors=(front, safe, gate),
            holders=(
                Holder("ada", "Ada", ("staff",), (Credential("1001"),)),
                Holder("gus", "Gus", ("guard",), (Credential("1002"),)),
            ),
            roles=(
                AccessRole("staff", "Staff", (Permission(("office", "vault", "yard"), schedule="day"),)),
                AccessRole("guard", "Guards", (Permission(("office",)),)),
            ),
            schedules=(SiteSchedule("day", "Day", office, Schedule((), "UTC")),),
            views=(
                View("tills/till-1", zones=(("shop", "counter"),)),
                View("panels/panel-1", cameras=("shop",)),
                View("panels/panel-1/office", cameras=("lobby",), areas=("office",)),
                View("sensors/lux-1", cameras=("shop",)),
                View("sensors/lux-2", cameras=("lobby",)),
            ),
        ),
    )
