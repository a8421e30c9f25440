"""Which intrusion panels are silent, read from the stored events: it rests on them alone, so no restart loses it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from custos.model.devices import PanelSilence
from custos.model.event import Event
from custos.pipeline.ports import EventQuery, Store

SILENT, HEARD = "panel.silent", "panel.heard"
PAGE = 500


def read_silences(store: Store, site_id: str, panel_ids: Collection[str]) -> dict[str, PanelSilence]:
    """By panel, of those whose newest event of the two says that it is silent.

    Raises:
        CustosError: the store cannot be read.
    """
    wanted, found, cursor = set(panel_ids), dict[str, Event](), None
    while wanted - found.keys():
        page = store.events(site_id, EventQuery(types=(SILENT, HEARD)), limit=PAGE, cursor=cursor)
        for event in page.items:
            panel_id = event.data.get("panel_id")
            if isinstance(panel_id, str) and panel_id in wanted:
                found.setdefault(panel_id, event)
        cursor = page.next_cursor
        if cursor is None:
            break
    return {panel_id: _silence(event) for panel_id, event in found.items() if event.type == SILENT}


def _silence(event: Event) -> PanelSilence:
    """One that was never heard was waited for as long as it may be silent."""
    heard_at, limit_s = event.data.get("heard_at"), event.data.get("limit_s")
    if isinstance(heard_at, str):
        return PanelSilence(event.at, datetime.fromisoformat(heard_at))
    waited = timedelta(seconds=limit_s) if isinstance(limit_s, int | float) else timedelta()
    return PanelSilence(event.at, event.at - waited)
