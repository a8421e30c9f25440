"""Which cameras' zones are in doubt, read from the stored events: it rests on them alone, so no restart loses it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from custos.model.calibration import Calibration
from custos.model.event import Event, Json, camera_source
from custos.pipeline.ports import EventQuery, Store

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
