"""Which cameras' zones are in doubt, read from the stored events: it rests on them alone, so no restart loses it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from custos.model.calibration import Calibration, begun
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


MOVED, RECALIBRATED, RESTORED = "camera.moved", "camera.recalibrated", "camera.restored"
PAGE = 100


@dataclass(frozen=True, slots=True)
class View:
    """The view that a camera has at the end of a span.

    Args:
        since: when it first had it; None when it had it from the beginning.
        elsewhere: from when to when the camera showed another one.
    """

    since: datetime | None
    elsewhere: tuple[tuple[datetime, datetime], ...]

    def elsewhere_s(self, since: datetime, until: datetime) -> float:
        """For how long of these seconds it showed another."""
        shared = (min(to, until) - max(from_, since) for from_, to in self.elsewhere)
        return sum(max(one.total_seconds(), 0.0) for one in shared)


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
            open_since, reason = max(begun(event), since), str(event.data.get("words", ""))
        elif event.type == RECALIBRATED and open_since is not None:
            if event.at > open_since:
                found.append(Doubt(open_since, event.at, reason))
            open_since = None
    return found if open_since is None else [*found, Doubt(open_since, None, reason)]


def last_view(store: Store, site_id: str, camera_id: str, since: datetime, until: datetime) -> View:
    """The view at the end of that span, with the times before it was moved away and after it was put back.

    Raises:
        CustosError: the store cannot be read.
    """
    query = EventQuery((MOVED, RESTORED, RECALIBRATED), camera_id, since=since, until=until)
    began: list[tuple[datetime, int]] = [(since, 0)]
    home: int | None = None
    is_accepted = False  # the camera.restored that follows says that a person is content, not that it was put back
    for event in reversed(list(_newest_first(store, site_id, query))):
        if event.type == MOVED:
            home, is_accepted = began[-1][1] if home is None else home, False
            began.append((max(begun(event), began[-1][0]), len(began)))
        elif event.type == RECALIBRATED:
            home, is_accepted = None, True
        elif event.data.get("was") == MOVED:
            if not is_accepted:  # one that was moved before the span comes back to a view that is new in it
                began.append((event.at, len(began) if home is None else home))
            home, is_accepted = None, False
    view, ends = began[-1][1], [*(at for at, _ in began[1:]), until]
    first = next(at for at, one in began if one == view)
    elsewhere = tuple((at, end) for (at, one), end in zip(began, ends, strict=True) if one != view)
    return View(None if view == 0 else first, elsewhere)


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
