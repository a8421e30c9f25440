"""What devices tell and what was true: kept apart from the first line on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from custos.model.event import Event, Json
from custos.simulate.month.clocks import DeviceClock, keeps_time
from custos.simulate.month.premises import SITE_ID


@dataclass(frozen=True, slots=True)
class Telling:
    """An event and when the site's machine heard of it. `incident`: the number of the scripted incident it belongs to;
    never written with the events."""

    event: Event
    heard_at: datetime
    incident: int | None = None


@dataclass(slots=True)
class Truth:
    """A scripted incident.

    Args:
        number: from 1.
        kind: "forced-door", "tailgating", ...
        start_at, end_at: from the first act to the last.
        places: "doors/dock-side", "cameras/dock", "areas/dock", "tills/till-1".
        story: one sentence.
        event_ids: the events that betray it, in order.
    """

    number: int
    kind: str
    start_at: datetime
    end_at: datetime
    places: tuple[str, ...]
    story: str
    event_ids: list[str] = field(default_factory=list)


class Recorder:
    """Takes what happens and makes events of it, with the time of the device and the time of hearing.

    Args:
        seed: names the events' ids.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rng = Random(f"{seed}/hearing")
        self._clocks: dict[str, DeviceClock] = {}
        self._outages: list[tuple[str, datetime, datetime]] = []
        self._count = 0
        self.tellings: list[Telling] = []
        self.truths: dict[int, Truth] = {}

    def cut_off(self, source: str, since: datetime, until: datetime) -> None:
        """The connection to a device is down: what it tells arrives afterwards."""
        self._outages.append((source, since, until))

    def tell(
        self,
        type_: str,
        at: datetime,
        source: str,
        data: Mapping[str, Json],
        *,
        subject: str | None = None,
        incident: int | None = None,
        lossless: bool = False,
    ) -> str:
        """The event's id. `source`: "doors/front". Some are lost, some come twice, some come late."""
        self._count += 1
        event_id = f"m{self._seed}-{self._count:07d}"
        clock = self._clocks.get(source)
        if clock is None:
            clock = self._clocks[source] = DeviceClock(Random(f"{self._seed}/clock/{source}"), at, keeps_time(source))
        told_at = at + timedelta(seconds=clock.offset_s(at))
        event = Event(event_id, type_, told_at, f"/sites/{SITE_ID}/{source}", subject, data)
        if incident is not None:
            self.truths[incident].event_ids.append(event_id)
        chance = self._rng.random()
        if chance < 0.002 and not lossless and incident is None:
            return event_id
        self.tellings.append(Telling(event, self._heard_at(source, at), incident))
        if chance > 0.995:
            self.tellings.append(Telling(event, self._heard_at(source, at) + timedelta(seconds=1.5), incident))
        return event_id

    def _heard_at(self, source: str, at: datetime) -> datetime:
        late_s = self._rng.expovariate(1 / 0.25)
        if self._rng.random() < 0.002:
            late_s += self._rng.uniform(2, 60)
        heard_at = at + timedelta(seconds=late_s)
        for name, since, until in self._outages:
            if name == source and since <= heard_at < until:
                return until + (at - since) * 0.002  # it empties its buffer in order, quickly
        return heard_at
