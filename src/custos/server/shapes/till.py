"""Tills: what they did, and who can see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custos.model.access import View
from custos.server.shapes.base import Told
from custos.server.shapes.event import CloudEventTold

WEEK_TYPES: dict[str, str] = {
    "pos.sold": "sales",
    "pos.refunded": "refunds",
    "pos.voided": "voids",
    "pos.opened": "no_sales",
    "pos.overridden": "overrides",
}
"""Which event type counts as what in TillWeekTold."""


class TillWeekTold(Told):
    """What a till did in the last seven days. `no_sales`: its drawer was opened without a sale."""

    sales: int
    refunds: int
    voids: int
    no_sales: int
    overrides: int


class TillTold(Told):
    """A till: one that the site file names in a view, or that has spoken in the last seven days. `zones`: in front of
    it, as "camera/zone"; `cameras`: which see it, by its zones too."""

    id: str
    cameras: list[str]
    zones: list[str]
    week: TillWeekTold
    last_event: CloudEventTold | None

    @classmethod
    def of(
        cls, till_id: str, views: Sequence[View], week: Mapping[str, int], last_event: CloudEventTold | None
    ) -> TillTold:
        """`views`: those of this till. `week`: how often each of WEEK_TYPES happened."""
        zones = [pair for view in views for pair in view.zones]
        cameras = [*(c for view in views for c in view.cameras), *(camera for camera, _ in zones)]
        return cls(
            id=till_id,
            cameras=list(dict.fromkeys(cameras)),
            zones=[f"{camera}/{zone}" for camera, zone in zones],
            week=TillWeekTold.model_validate({name: week.get(type_, 0) for type_, name in WEEK_TYPES.items()}),
            last_event=last_event,
        )
