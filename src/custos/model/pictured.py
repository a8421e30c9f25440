"""Which events carry a picture: `event.type in PICTURED`, when it was seen in one."""

from __future__ import annotations

from custos.model.behaviours import NOTABLE
from custos.model.camera_events import CAMERA_EVENTS
from custos.model.event import Event

_ATTACKS = frozenset(kind.name for kind in CAMERA_EVENTS)
PICTURED = frozenset({"track.started", "zone.entered", "zone.loitered", "line.crossed"}) | NOTABLE | _ATTACKS


def had_picture(event: Event) -> bool:
    """Whether the event came with a picture, which may have been deleted since."""
    return event.type in PICTURED and event.data.get("seen_by") != "device"
