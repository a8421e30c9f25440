"""Which intrusion panels are silent or waited for: this rests on stored events alone, so no restart loses it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from custos.model.devices import PanelSilence, PanelWait
from custos.model.event import Event
from custos.pipeline.ports import Store

SILENT, AWAITED, HEARD = "panel.silent", "panel.awaited", "panel.heard"
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def read_silences(store: Store, site_id: str, panel_ids: Collection[str]) -> dict[str, PanelSilence | PanelWait]:
    """By panel, of those that are not heard by the event of the three which was stored last.

    Not the one of the latest time: a clock that stood ahead would have the last word until that time has come.

    Raises:
        CustosError: the store cannot be read.
    """
    last = last_told(store, site_id) if panel_ids else {}
    return {of: _silence(event) for of, event in last.items() if of in panel_ids and event.type != HEARD}


def last_told(store: Store, site_id: str) -> dict[str, Event]:
    """By panel, that it is silent, awaited or heard: what was stored last. CustosError: the store cannot be read."""
    last: dict[str, Event] = {}
    for event in store.replay(site_id, since=EVER, types=(SILENT, AWAITED, HEARD)):
        panel_id = event.data.get("panel_id")
        if isinstance(panel_id, str):
            last[panel_id] = event
    return last


def _silence(event: Event) -> PanelSilence | PanelWait:
    """One that was never heard was waited for as long as it may be silent."""
    heard_at, limit_s = event.data.get("heard_at"), event.data.get("limit_s")
    limit_s = limit_s if isinstance(limit_s, int | float) else None
    if event.type == AWAITED:
        waited_s = event.data.get("waited_s")
        return PanelWait(waited_s if isinstance(waited_s, int | float) else 0.0, limit_s)
    if isinstance(heard_at, str):
        return PanelSilence(event.at, datetime.fromisoformat(heard_at))
    waited = timedelta(seconds=limit_s or 0.0)
    return PanelSilence(event.at, event.at - waited)
