"""The demo's site file, written by hand so that it reads like one that a person would write."""

from __future__ import annotations

from pathlib import Path

from custos.model.site import Camera, Line, Zone
from custos.simulate.devices import BADGES, PANEL_ACCOUNT, PANEL_ZONE
from custos.simulate.render import Settings
from custos.simulate.scenes import SCENES
from custos.simulate.view import View, Xy

_HEAD = """\
# The demo site: drawn footage that plays in a loop, like four cameras. Written by `custos simulate`.
site: {id: demo, name: Demo site, time_zone: UTC, demo: true}
cameras:
"""
_GROUND: dict[str, tuple[Xy, Xy, Xy, Xy]] = {
    "street": ((-1.2, 6.5), (3.0, 6.5), (3.0, 17.0), (-1.2, 17.0)),
    "lobby": ((-1.4, 5.0), (1.4, 5.0), (1.4, 9.0), (-1.4, 9.0)),
    "dock": ((-2.0, 8.5), (3.0, 8.5), (3.0, 11.5), (-2.0, 11.5)),
    "shop": ((-2.0, 5.0), (1.9, 5.0), (1.9, 9.0), (-2.0, 9.0)),
}
"""What somebody with a tape measure has clicked: four places on the floor, metres of the scene."""
_BEHAVIOURS: dict[str, tuple[str, ...]] = {
    "street": (
        "{id: passers-by, kind: line-count, name: Passers-by, line: walkway}",
        "{id: traffic, kind: speed, name: Traffic, zone: road, classes: [vehicle]}",
        "{id: flow, kind: flow, name: Where people walk, settings: {period_s: 30}}",
    ),
    "lobby": (
        "{id: comers, kind: line-count, name: In and out, line: threshold}",
        "{id: waiting, kind: occupancy, name: At the reception, zone: reception}",
        "{id: flow, kind: flow, name: Where people walk}",
    ),
    "dock": (
        "{id: vehicles, kind: stopping, name: Vehicles, zone: bay, settings: {stop_s: 8}}",
        "{id: flow, kind: flow, name: Where people walk}",
    ),
    "shop": (
        "{id: till-queue, kind: queue, name: Queue at the till, zone: till}",
        "{id: shoppers, kind: occupancy, name: In the aisle, zone: aisle}",
        "{id: flow, kind: flow, name: Where people walk}",
    ),
}
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
_PREMISES = """\
areas:
  - {id: street, name: Street, outside: true}
  - {id: yard, name: Yard, outside: true, zones: [dock/bay, dock/restricted]}
  - {id: shop, name: Shop, outside: true, zones: [shop/till, shop/aisle]}
  - {id: lobby, name: Lobby, zones: [lobby/door, lobby/reception]}
  - {id: offices, name: Offices}
  - {id: stock, name: Stock}
doors:
  - id: front
    name: Street door
    areas: [street, lobby]
    readers: [{id: front-in, into: lobby}]
    threshold: lobby/threshold
    threshold_inward: right
  - id: lift
    name: Lift to the offices
    areas: [lobby, offices]
    readers: [{id: lift-in, into: offices}]
    cameras: [lobby]
  - id: stock
    name: Stock door
    areas: [yard, stock]
    readers: [{id: stock-in, into: stock}]
    cameras: [dock]
schedules:
  # Whatever the clock says, the story plays when the offices are closed: they open for a minute a week.
  - {id: office-hours, name: Office hours, hours: {sun: "04:00-04:01"}}
roles:
  - {id: staff, name: Staff, may: [{areas: [lobby]}, {areas: [offices], schedule: office-hours}]}
  - {id: any-hour, name: Staff at any hour, may: [{areas: [lobby, offices]}]}
  - {id: driver, name: Drivers, may: [{areas: [stock]}]}
  - {id: visitor, name: Visitors, may: [{areas: [lobby]}]}
holders:
"""
_HOLDERS: dict[str, tuple[str, str]] = {
    "visitor": ("Visitor pass 1", "visitor"),
    "waiter": ("Visitor pass 2", "visitor"),
    "colleague": ("Rosa Keller", "any-hour"),
    "late-worker": ("Henry Osei", "any-hour"),
    "clerk": ("Mia Brandt", "staff"),
    "driver": ("Delivery pass", "driver"),
}
"""Name and role of whom the story calls so."""
_VIEWS = f"""\
views:
  - {{of: tills/till-1, zones: [shop/till]}}
  # The panel's motion detector looks at what stands before bay 1.
  - {{of: panels/dock-panel/{PANEL_ZONE}, zones: [dock/restricted]}}
  - {{of: panels/dock-panel, cameras: [dock]}}
"""
_DEVICES = """\
devices:
  # The demo plays them: `custos up --demo` starts a program that speaks for the controller, the till and the panel.
  - id: door-controller
    name: Door controller
    kind: http
    token: !secret demo-controller-token
    speaks_for: [doors, readers]
  - id: till
    name: Till
    kind: lines
    listen: "127.0.0.1:{till_port}"
    lines: ["{{time}};{{till}};{{kind}};{{operator}};{{amount}};{{receipt}}"]
    allow: [127.0.0.0/8]
    events:
      - type: pos.sold
        when: {{kind: SALE}}
        time: "{{time}}"
        id: "{{receipt}}"
        data: {{till_id: "{{till}}", operator: "{{operator}}", amount: "{{amount}}", receipt: "{{receipt}}"}}
      - type: pos.refunded
        when: {{kind: REFUND}}
        time: "{{time}}"
        id: "{{receipt}}"
        data: {{till_id: "{{till}}", operator: "{{operator}}", amount: "{{amount}}", receipt: "{{receipt}}"}}
"""
_PANEL = """\
  - id: alarm-receiver
    name: Alarm panel of the dock
    kind: sia
    listen: "127.0.0.1:{panel_port}"
    transports: [tcp]
    panels:
      - {{id: dock-panel, account: '{account}', supervised_s: 180}}
"""
TOKEN_SECRET = "demo-controller-token"  # noqa: S105  the name of a secret, not the secret
"""Under this name the site file asks for the controller's token."""


def device_section(till_port: int, panel_port: int) -> str:
    """What the site file of the running demo says of its devices besides; till and panel speak to these ports."""
    return _DEVICES.format(till_port=till_port) + _PANEL.format(panel_port=panel_port, account=PANEL_ACCOUNT)


def _holders() -> str:
    return "".join(
        f"  - {{id: {one}, name: {name}, roles: [{role}], credentials: [{{number: '{BADGES[one]}'}}]}}\n"
        for one, (name, role) in _HOLDERS.items()
    )


def write_site_file(path: Path, settings: Settings) -> None:
    """Write the site file of the four cameras and the doors; clips are named relative to it."""
    cameras = []
    for scene in SCENES.values():
        view = scene.view(settings.width_px, settings.height_px)
        cameras.append(_camera(scene.camera(f"{scene.camera_id}.mp4", view)) + _measured(scene.camera_id, view))
    premises = _PREMISES + _holders() + _VIEWS
    path.write_text(_HEAD + "".join(cameras) + _RULES + premises, encoding="utf-8")


def _measured(camera_id: str, view: View) -> str:
    """The camera's ground and behaviours."""
    places = _GROUND[camera_id]
    image = tuple((round(x, 4), round(y, 4)) for x, y in view.ground_to_picture(places))
    behaviours = "".join(f"      - {one}\n" for one in _BEHAVIOURS[camera_id])
    return f"    ground: {{image: {_points(image)}, metres: {_points(places)}}}\n    behaviours:\n{behaviours}"


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
