"""Tills: which there are, and what they did lately. Their log is `GET /events` with their source."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from custos.model.event import source_of
from custos.server.access import Access
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import not_found
from custos.server.routes.events import last_told
from custos.server.shapes.base import Page
from custos.server.shapes.till import WEEK_TYPES, TillTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["tills"], responses=problems(*EVERYWHERE))

WEEK = timedelta(days=7)
OTHER_TYPES = ("pos.signed_on", "pos.signed_off")
"""They say that there is a till, and are not counted."""


@router.get("/tills")
def tills(reach: Reach, wiring: Wired) -> Page[TillTold]:
    """Every till that the site file names in a view or that has spoken in the last seven days, by id."""
    return Page[TillTold](items=_tills(reach, wiring), next_cursor=None)


@router.get("/tills/{till_id}")
def till(till_id: str, reach: Reach, wiring: Wired) -> TillTold:
    """One of them."""
    found = next((one for one in _tills(reach, wiring) if one.id == till_id), None)
    if found is None:
        raise not_found("till")
    return found


def _tills(reach: Access, wiring: Wiring) -> list[TillTold]:
    site, store = reach.site(), wiring.deps.store
    since = wiring.deps.clock() - WEEK
    counts = store.event_counts(site.id, types=[*WEEK_TYPES, *OTHER_TYPES], since=since)
    begins = source_of(site.id, "tills", "")
    spoken = {source.removeprefix(begins) for source, _ in counts if source.startswith(begins)}
    viewed = {view.of.removeprefix("tills/") for view in site.access.views if view.of.startswith("tills/")}
    sources = {one: source_of(site.id, "tills", one) for one in sorted(spoken | viewed)}
    newest = store.newest_of_sources(site.id, list(sources.values()))
    told = []
    for one, source in sources.items():
        week = {type_: counts.get((source, type_), 0) for type_ in WEEK_TYPES}
        last = last_told(newest.get(source), reach)
        told.append(TillTold.of(one, [v for v in site.access.views if v.of == f"tills/{one}"], week, last))
    return told
