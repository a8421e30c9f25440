"""What has been kept for long enough is deleted: `pruning.prune(retention) -> int`, where the clock can be believed.

What is deleted does not come back, and a clock that is wrongly a year ahead says of everything that it is old. So a
clock is believed that has gone on by itself for a day, or by which something was already stored a day ago.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from custos.model.blindness import PICTURE_GONE, SIGNAL_TYPES, SIGNALS_S, tells_of_picture
from custos.model.event import Event
from custos.model.site import Retention
from custos.model.state_types import STATE_TYPES
from custos.pipeline.ports import EventQuery, Store
from custos.pipeline.silences import last_told

log = logging.getLogger(__name__)
LEAP = timedelta(hours=1)
"""A smaller step of the clock deletes nothing that would not be deleted within the hour."""
DAY = timedelta(days=1)
UNBELIEVED = "nothing old is deleted until the clock has gone on for a day: it says %s, and knows of no day before"


class Pruning:
    """Of every site that the store knows: one that was renamed leaves records under its former id.

    Args:
        clock: the time of day, aware; anybody may set it.
        steady: seconds of a clock that only goes on.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._steady = steady
        self._since_at, self._since_s = clock(), steady()
        self._leapt = False
        self._is_held = False

    def prune(self, retention: Retention, *, keep: Sequence[str] = (), site_id: str = "") -> int:
        """How many records went; 0 as well while the clock is not believed.

        Args:
            keep: ids of events that stay with their pictures, however old.
            site_id: the site that is at work: of what tells how its doors, cameras and devices are, the newest stays.

        Raises:
            CustosError: the store cannot be read or written.
        """
        now, site_ids = self._clock(), self._store.site_ids()
        if not self._is_believed(now, site_ids):
            if not self._is_held and site_ids:
                log.info(UNBELIEVED, now.isoformat(timespec="seconds"))
            self._is_held = True
            return 0
        self._is_held = False
        before = now - timedelta(days=retention.events_days)
        resolved_before = now - timedelta(days=retention.incident_pictures_days)
        kept = [*keep, *self._still_so(site_id, now, before), *self._still_lost(site_id, now, before)]
        incidents_before = now - timedelta(days=retention.incidents_days) if retention.incidents_days else None
        gone = 0
        for one in site_ids:
            if incidents_before is not None and (cases := self._store.prune_incidents(one, before=incidents_before)):
                log.info("%d incidents of %s that were resolved long ago are deleted, with their timelines", cases, one)
                gone += cases
            gone += self._store.prune(one, before=before, resolved_before=resolved_before, keep=kept)
        return gone

    def _still_so(self, site_id: str, now: datetime, before: datetime) -> list[str]:
        """The ids of old events that tell how a door, camera, device or panel is to this day: a start asks for them."""
        newest = self._store.newest_states(site_id, STATE_TYPES, before=now)
        newest += last_told(self._store, site_id).values()
        return [event.id for event in newest if event.at < before]

    def _still_lost(self, site_id: str, now: datetime, before: datetime) -> list[str]:
        """The ids of old events that say that a camera's signal is lost, where none says that it is back."""
        since, newest = now - timedelta(seconds=SIGNALS_S), dict[str, Event]()
        if since < before:
            told = self._store.replay(site_id, since=since, types=SIGNAL_TYPES)
            for event in sorted(told, key=lambda event: event.at):
                if tells_of_picture(event) and event.at <= now:
                    newest[event.source] = event
        return [event.id for event in newest.values() if event.type in PICTURE_GONE and event.at < before]

    def _is_believed(self, now: datetime, site_ids: Sequence[str]) -> bool:
        ran = timedelta(seconds=self._steady() - self._since_s)
        ahead = now - (self._since_at + ran)
        if ahead >= LEAP:
            self._since_at, self._since_s, self._leapt = now, self._steady(), True
            return False
        if ahead <= -LEAP:
            self._since_at += ahead
        return ran >= DAY or (not self._leapt and any(self._knew(one, now) for one in site_ids))

    def _knew(self, site_id: str, now: datetime) -> bool:
        """Whether something was stored on the day before the last."""
        query = EventQuery(since=now - 2 * DAY, until=now - DAY)
        return bool(self._store.events(site_id, query, limit=1).items)
