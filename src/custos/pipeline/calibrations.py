"""Which cameras' zones are in doubt, read from the stored events: it rests on them alone, so no restart loses it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from custos.model.calibration import Calibration
from custos.model.event import Event, Json, camera_source
from custos.pipeline.ports import EventQuery, Store


@dataclass(frozen=True, slots=True)
class Doubt:
    """From when to when a camera's zones were in doubt, as far as it lies in what was asked for.

    Args:
        until: None while nobody has looked. reason: what moved, in words.
    """

    since: datetime
    until: datetime | None
    reason: str


MOVED, RECALIBRATED = "camera.moved", "camera.recalibrated"
PAGE = 100


def read_calibrations(store: Store, site_id: str, camera_ids: Collection[str]) -> dict[str, Calibration]:
    """By camera, of those that were ever moved and still have the event.

    Raises:
        CustosError: the store cannot be read.
    """
    moved = _newest(store, site_id, MOVED, camera_ids)
    confirmed = _newest(store, site_id, RECALIBRATED, moved) if moved else {}
    return {
        camera_id: Calibration(
            event.at,
            str(event.data.get("words", "")),
            confirmed[camera_id].at if camera_id in confirmed else None,
            event.id,
        )
        for camera_id, event in moved.items()
    }


def doubts(store: Store, site_id: str, camera_id: str, since: datetime, until: datetime) -> list[Doubt]:
    """When the camera's zones were in doubt in that span, oldest first.

    Raises:
        CustosError: the store cannot be read.
    """
    kinds = (MOVED, RECALIBRATED)
    before = store.events(site_id, EventQuery(types=kinds, camera_id=camera_id, until=since), limit=1, cursor=None)
    told = list(_newest_first(store, site_id, EventQuery(kinds, camera_id, since=since, until=until)))
    found: list[Doubt] = []
    open_since: datetime | None = None
    reason = ""
    for event in (*before.items, *reversed(told)):
        if event.type == MOVED and open_since is None:
            open_since, reason = max(event.at, since), str(event.data.get("words", ""))
        elif event.type == RECALIBRATED and open_since is not None:
            if event.at > open_since:
                found.append(Doubt(open_since, event.at, reason))
            open_since = None
    return found if open_since is None else [*found, Doubt(open_since, None, reason)]


def moved_last(store: Store, site_id: str, camera_id: str, since: datetime, until: datetime) -> datetime | None:
    """When the camera was last moved in that span; None when it was not.

    Raises:
        CustosError: the store cannot be read.
    """
    query = EventQuery((MOVED,), camera_id, since=since, until=until)
    return next((event.at for event in store.events(site_id, query, limit=1, cursor=None).items), None)


def _newest_first(store: Store, site_id: str, query: EventQuery) -> Iterator[Event]:
    cursor: str | None = None
    while True:
        page = store.events(site_id, query, limit=PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def recalibrated(
    calibration: Calibration, *, site_id: str, camera_id: str, how: str, actor: str, at: datetime
) -> Event:
    """The event by which a person ends the doubt. Its id is the move's: one is enough."""
    moved_at = "" if calibration.moved_at is None else calibration.moved_at.isoformat()
    data: dict[str, Json] = {"how": how, "actor": actor, "moved_at": moved_at}
    source, subject = camera_source(site_id, camera_id), f"cameras/{camera_id}"
    return Event(f"{calibration.event_id}.recalibrated", RECALIBRATED, at, source, subject, data)


def _newest(store: Store, site_id: str, kind: str, camera_ids: Collection[str]) -> dict[str, Event]:
    """Each camera's newest event of a kind."""
    wanted, found, cursor = set(camera_ids), dict[str, Event](), None
    while wanted - found.keys():
        page = store.events(site_id, EventQuery(types=(kind,)), limit=PAGE, cursor=cursor)
        for event in page.items:
            if event.camera_id in wanted:
                found.setdefault(str(event.camera_id), event)
        cursor = page.next_cursor
        if cursor is None:
            break
    return found
