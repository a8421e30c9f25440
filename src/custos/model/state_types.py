"""Event types that tell of a state: it lasts until another event of the same source, however long that takes.

The store finds the newest of each by an index of its own, which names these types: a change here wants a migration.
"""

from __future__ import annotations

STATE_TYPES = (
    "camera.connected",
    "camera.lost",
    "camera.moved",
    "camera.recalibrated",
    "camera.stalled",
    "device.connected",
    "device.lost",
    "door.alarmed",
    "door.locked",
    "door.mode_changed",
    "door.shunted",
    "door.tampered",
    "door.unlocked",
    "door.unshunted",
)
