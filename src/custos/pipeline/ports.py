"""What the walks ask of the world. Every implementation passes the suite of the same name in `custos.testing`.

Source     __iter__() -> Iterator[SourceItem]; closes; reconnects by itself
Decoder    decode(packet) -> list[Frame]
Detector   detect(frames) -> list[Detections]
Behaviour  update(tracks, *, at) -> list[Sighting]   (custos.vision.behaviours)
Consumer   update(event) / advance(at) -> list[Event]
Rule       update(event) / advance(at) -> list[Signal]
Store      append, commit, named queries
Bus        publish(event), subscribe(...)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar, runtime_checkable

from custos.model.context import About, IncidentContext, Snapshot
from custos.model.detections import Detections
from custos.model.event import Event, Incident, Picture, Signal
from custos.model.frame import Frame, Packet, SourceItem

T = TypeVar("T")


class Source(Protocol):
    """One camera's packets. A lost stream is reported as StreamLost and comes back by itself as StreamOpened.

    A finite source (a file that does not loop) ends; a live one ends only when closed.
    """

    def __iter__(self) -> Iterator[SourceItem]: ...

    def close(self) -> None:
        """End the iteration, from any thread, within a second; idempotent."""
        ...


class Decoder(Protocol):
    """Turns packets of one stream into pictures. Damaged packets are counted, not raised."""

    damaged: int

    def decode(self, packet: Packet) -> list[Frame]: ...

    def flush(self) -> list[Frame]:
        """The pictures still inside. Decoding may go on with any key frame, also an earlier one."""
        ...


class Detector(Protocol):
    """A model that finds objects in pictures. Thread-safe; keeps nothing between calls."""

    name: str
    """Registry name and the first 8 digits of the model's hash: "centernet-mb3@1a2b3c4d"."""
    batch: int
    """How many pictures at once are worth while; 1 where the model takes one at a time."""

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame, in order; boxes clipped to the frame; low confidences (>= 0.1) included."""
        ...


class Consumer(Protocol):
    """A domain that concludes: events in, further events out. Bounded; the same events make the same events, ids and
    all, so that what is concluded anew after a restart is known."""

    memory: Mapping[str, float]
    """The types it hears, each with how much of its past a start must hear again, in seconds."""

    def update(self, event: Event) -> list[Event]: ...

    def advance(self, at: datetime) -> list[Event]:
        """Time has passed and nothing else happened."""
        ...


class Rule(Protocol):
    """Correlation: events in, signals out. Bounded state; the same events make the same signals."""

    rule_id: str

    def update(self, event: Event) -> list[Signal]: ...

    def advance(self, at: datetime) -> list[Signal]:
        """Time has passed and nothing else happened."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A rule whose conditions ask for what was long before the events that it hears again at a start."""

    memory: Mapping[str, float]
    """The types, each with how much of its past a start must let it remember, in seconds."""

    def remember(self, event: Event) -> None:
        """Called before `update`, the oldest first."""
        ...


@runtime_checkable
class Lasting(Protocol):
    """A consumer or rule to which what was said long before the events that it hears again at a start still applies."""

    lasting: Mapping[str, float]
    """The types of states, each with how much of its past `memory` lets it hear again, in seconds."""

    def recall(self, events: Sequence[Event]) -> None:
        """The newest event of each of those types by each source, from before that; the oldest first. Called before
        `update`; of a rule that takes over from others, after it."""
        ...


@dataclass(frozen=True, slots=True)
class Commit:
    """What one step of the event walk changes; stored whole or not at all."""

    events: Sequence[Event] = ()
    pictures: Sequence[Picture] = ()
    signals: Sequence[Signal] = ()
    incidents: Sequence[Incident] = ()
    contexts: Sequence[IncidentContext] = ()
    snapshots: Sequence[Snapshot] = ()
    abouts: Sequence[About] = ()
    told_at: datetime | None = None  # what time consumers had been told when they heard these events
    rules_told_at: datetime | None = None  # and rules, which are kept still after a start
    is_imported: bool = False  # the events are of a table that was imported: nobody heard them


@dataclass(frozen=True, slots=True)
class Heard:
    """A stored event as consumers and rules heard it.

    Args:
        sequence: its place in the order of storing.
        told_at: what time consumers had been told then; None where nobody knows, as of what an older Custos stored.
        rules_told_at: the same of rules.
        is_imported: of a table that was imported: nobody heard it, and it is history.
    """

    sequence: int
    event: Event
    told_at: datetime | None = None
    rules_told_at: datetime | None = None
    is_imported: bool = False

    def told_until(self, at: datetime) -> Self:
        """Without a time that is later."""
        if max(self.told_at or at, self.rules_told_at or at) <= at:
            return self
        known, rules_known = (told if told and told <= at else None for told in (self.told_at, self.rules_told_at))
        return type(self)(self.sequence, self.event, known, rules_known, self.is_imported)


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Filters; all that are given must hold. `types` match whole or as a prefix ending in ".": "zone."."""

    types: tuple[str, ...] = ()
    camera_id: str | None = None
    subject: str | None = None
    source: str | None = None
    since: datetime | None = None  # at >= since
    until: datetime | None = None  # at < until


@dataclass(frozen=True, slots=True)
class MeasureQuery:
    """What to add up, of one camera's events of one type, in buckets of time.

    Args:
        keys: fields of the data by which sums are kept apart: ("behaviour_id",).
        fields: fields of the data that are numbers.
        since, until: the first bucket begins at `since`; `until` is out.
        bucket_s: whole seconds, 1 or more.
        closes: the events tell of the time up to them, so one at a bucket's end belongs to it.
        only: fields of the data and the texts they must have.
    """

    camera_id: str
    type: str
    since: datetime
    until: datetime
    bucket_s: int
    keys: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    closes: bool = False
    only: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.bucket_s < 1:
            raise ValueError(f"bucket_s must be 1 or more, got {self.bucket_s}")


@dataclass(frozen=True, slots=True)
class Measured:
    """The events of one bucket and one set of keys, added up.

    Args:
        keys: the texts that the query's key fields have; "" for one that is missing.
        count: how many events.
        sums, peaks: of each field that was asked for, 0 where no event has it.
    """

    from_at: datetime
    keys: tuple[str, ...]
    count: int
    sums: tuple[float, ...]
    peaks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    states: tuple[str, ...] = ()
    camera_id: str | None = None
    about: str | None = None  # a place or a holder its context names: "doors/front", "holders/ada"
    since: datetime | None = None  # opened_at >= since
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items, newest first, and the cursor of the next page (None at the end). Cursors are opaque text and stay
    valid while new items arrive; a cursor that was not made by the store raises `ValueError`."""

    items: list[T]
    next_cursor: str | None = None


class Conflict(Exception):
    """The incident has changed since the version this change names."""


class Store(Protocol):
    """Remembers. Synchronous and thread-safe; every method is one transaction; SQLite and PostgreSQL alike.

    Every query names the site: nothing crosses sites by accident.
    """

    def append(self, events: Sequence[Event]) -> list[Event]:
        """Store those not yet known by id; return those, in order."""
        ...

    def commit(self, commit: Commit) -> list[Event]:
        """Store events (skipping known ids), pictures, signals (skipping known ids), incidents (insert, or
        replace where the stored version is exactly one lower, else Conflict), contexts (insert, or replace one that is
        not done) and snapshots (skipping known ids) in one transaction; return the events that were new. Contexts and
        snapshots of incidents that are not there are left out."""
        ...

    def known_event_ids(self, ids: Sequence[str]) -> set[str]: ...
    def known_signal_ids(self, ids: Sequence[str]) -> set[str]: ...
    def signal_counts(self, site_id: str, *, since: datetime) -> Mapping[str, int]:
        """How many signals each rule has made, by its id, with at >= since."""
        ...

    def event_counts(self, site_id: str, *, types: Sequence[str], since: datetime) -> Mapping[tuple[str, str], int]:
        """How many events of these types each source has, by (source, type), with at >= since."""
        ...

    def event(self, site_id: str, event_id: str) -> Event | None: ...
    def events(
        self, site_id: str, query: EventQuery, *, limit: int = 100, cursor: str | None = None
    ) -> Page[Event]: ...
    def newest_of_sources(self, site_id: str, sources: Sequence[str]) -> Mapping[str, Event]:
        """The newest event of each of these sources that has any, by the source."""
        ...

    def newest_of_subjects(self, site_id: str, subjects: Sequence[str]) -> Mapping[str, Event]:
        """The newest event about each of these subjects that has any, by the subject."""
        ...

    def newest_states(self, site_id: str, types: Sequence[str], *, before: datetime) -> list[Event]:
        """Of each of these types, which are of `custos.model.state_types`, the newest event of each source with
        at < before, however old; oldest first. Others raise `ValueError`."""
        ...

    def events_by_id(self, site_id: str, ids: Sequence[str]) -> list[Event]:
        """Those that exist, oldest first."""
        ...

    def replay(
        self,
        site_id: str,
        *,
        since: datetime,
        types: Sequence[str] = (),
        also: Sequence[tuple[datetime, datetime]] = (),
    ) -> Iterator[Event]:
        """Events with at >= since, of these types (of all, when none is named), in the order in which they were
        stored; `also` those of these few spans of time before, ends included."""
        ...

    def heard(
        self,
        site_id: str,
        *,
        since: datetime,
        types: Sequence[str] = (),
        also: Sequence[tuple[datetime, datetime]] = (),
    ) -> Iterator[Heard]:
        """As `replay`, each with its place, and the times that the commit that stored it said had been told; none of
        what it said was imported."""
        ...

    def measures(self, site_id: str, query: MeasureQuery) -> list[Measured]:
        """Sums by bucket and keys, in this order; buckets without an event are left out."""
        ...

    def incident(self, site_id: str, incident_id: str) -> Incident | None: ...
    def incidents(
        self, site_id: str, query: IncidentQuery, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Incident]: ...
    def live_incident_of_group(self, site_id: str, group: str) -> Incident | None:
        """The newest incident of the group that is not resolved."""
        ...

    def next_incident_number(self, site_id: str) -> int: ...
    def context(self, site_id: str, incident_id: str) -> IncidentContext | None:
        """What was collected when the incident opened."""
        ...

    def snapshot(self, site_id: str, incident_id: str, snapshot_id: str) -> Snapshot | None: ...
    def kept_snapshots(self, site_id: str, incident_id: str) -> set[str]:
        """The ids of those snapshots of an incident that have not been deleted; reads no picture."""
        ...

    def uncollected(self, site_id: str, *, since: datetime) -> list[str]:
        """Ids of the incidents with opened_at >= since whose context is missing or not done, the oldest first."""
        ...

    def gone_on(self, site_id: str, *, since: datetime) -> list[str]:
        """Ids of the incidents that have changed since they opened, with updated_at >= since, longest ago first."""
        ...

    def picture(self, site_id: str, picture_id: str) -> Picture | None: ...
    def pictured(self, site_id: str, event_ids: Sequence[str]) -> list[str]:
        """Which of these events have a picture, in the order given; reads no picture."""
        ...

    def site_ids(self) -> list[str]:
        """Every site that has records here, also those that are called otherwise now."""
        ...

    def prune(
        self, site_id: str, *, before: datetime, resolved_before: datetime | None = None, keep: Sequence[str] = ()
    ) -> int:
        """Delete, in small steps, events and pictures older than `before` that no incident rests on or has in its
        context; of incidents that were resolved before `resolved_before` the snapshots, and the pictures of the
        events on which no other incident rests, of whatever age. What is in `keep` stays. How many went."""
        ...

    def prune_incidents(self, site_id: str, *, before: datetime) -> int:
        """Delete, in small steps, incidents that were resolved before `before`, with their timelines, contexts and
        snapshots, and the signals until then that no incident rests on any more. Their events and pictures are from
        then on as any others. The site's newest incident stays until there is another: its number is not given again.
        How many incidents went."""
        ...

    def close(self) -> None: ...


class Subscription(Protocol):
    """Live events; a slow reader loses the oldest, and `dropped` says how many."""

    @property
    def dropped(self) -> int: ...

    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> Event: ...
    def close(self) -> None: ...


class Bus(Protocol):
    """Carries events to whoever listens. `subjects`: types, prefixes ending in ".", or "*"; none means all as well."""

    def publish(self, event: Event) -> None:
        """Thread-safe; never blocks."""
        ...

    def subscribe(self, *subjects: str, durable: str | None = None) -> Subscription:
        """Must be called inside the event loop that will read it."""
        ...
