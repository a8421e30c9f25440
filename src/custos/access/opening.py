"""One opening of a door: what unlocked it, whose credentials were used, and whom a camera saw cross its threshold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from custos.access.conclusion import Who
from custos.model.access import Door

MAX_CROSSINGS = 1000


@dataclass(slots=True)
class Grant:
    """Somebody was let in.

    Args:
        into: the area the reader leads into.
        until: how long the door stays unlocked for it.
        is_key: an opening has used it: it unlocks no other.
        has_passed: it is taken for a passage. is_refuted: the controller said that nobody went.
        told_by: "controller" once the controller itself has said that it was taken.
        is_inferred: all that was heard of it is that it was taken; the grant itself is late, or lost.
        is_unused: it was said that nobody used it.
    """

    event_id: str
    at: datetime
    who: Who
    into: str
    until: datetime
    needs_longer: bool = False
    is_key: bool = False
    has_passed: bool = False
    is_refuted: bool = False
    told_by: str = "door"
    is_inferred: bool = False
    is_unused: bool = False


@dataclass(slots=True)
class Release:
    """The door was released for somebody without a credential: by an operator, or a button at a desk.

    Args:
        into: the area it lets them into; None where nobody says which way.
        until: how long it lasts. is_used: an opening has used it: it lets nobody through another.
    """

    event_id: str
    at: datetime
    into: str | None
    until: datetime
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody crossed the threshold; `step` +1 inwards, -1 outwards."""

    at: datetime
    subject: str
    step: int
    event_id: str


@dataclass(slots=True)
class Opening:
    """From opened to closed. Reopened within moments (a bouncing contact) it is the same opening."""

    event_id: str
    opened_at: datetime
    because: str = ""
    closed_at: datetime | None = None
    closed_id: str | None = None
    grants: list[Grant] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    by_exit: bool = False
    is_free: bool = False
    """It stood unlocked, or was shunted, at some time during this opening: nobody needed a credential."""
    crossings: list[Crossing] = field(default_factory=list)
    uncounted: str = ""
    """Why not everybody was counted who went through; "" where they were."""
    watched_from: datetime | None = None
    alarm: str = ""
    has_warned: bool = False
    told_excess: dict[str, int] = field(default_factory=dict)
    unsure_until: datetime | None = None
    """More people than credentials, and a badge may still come: judged then."""
    followed: set[tuple[str, int]] = field(default_factory=set)
    """How many more than credentials have been told, by direction; of the opening and of all that was judged of it."""

    def cross(self, crossing: Crossing) -> None:
        if len(self.crossings) < MAX_CROSSINGS:
            self.crossings.append(crossing)

    def may_hold(self, at: datetime, slack_s: float) -> bool:
        """Whether somebody who crossed at `at` went through this opening, clocks differing by so much at most."""
        slack = timedelta(seconds=slack_s)
        return self.opened_at - slack <= at and (self.closed_at is None or at <= self.closed_at + slack)

    def close(self, at: datetime, event_id: str, slack_s: float) -> None:
        """It was closed at `at`; where that was heard late, those who crossed since went through another opening."""
        self.closed_at, self.closed_id = at, event_id
        self.crossings = [one for one in self.crossings if self.may_hold(one.at, slack_s)]

    def part_with_strays(self, opened_at: datetime, slack_s: float) -> list[Crossing]:
        """Give up those who crossed after it was closed, and just before the next opening at `opened_at`: theirs."""
        closed_at = self.closed_at
        if closed_at is None:
            return []
        since = opened_at - timedelta(seconds=slack_s)
        strays = [one for one in self.crossings if one.at > closed_at and one.at >= since]
        self.crossings = [one for one in self.crossings if one not in strays]
        return strays

    def withdraw(self, since: datetime) -> bool:
        """Nobody crossed from then on after all; whether somebody was taken to have."""
        kept = [one for one in self.crossings if one.at < since]
        was_counted, self.crossings = len(kept) < len(self.crossings), kept
        return was_counted

    def until(self, at: datetime) -> Opening:
        """As if nobody had crossed after `at`."""
        return replace(self, crossings=[one for one in self.crossings if one.at <= at])

    def as_judged(self) -> Opening:
        """As it is now: what is heard later changes nothing of it, except what has been told."""
        grants = [replace(grant) for grant in self.grants]
        return replace(self, grants=grants, releases=[*self.releases], crossings=[*self.crossings], told_excess={})

    def people(self) -> tuple[int, int]:
        """(in, out): a track that went in and came out again is neither."""
        net: dict[str, int] = {}
        for one in self.crossings:
            net[one.subject] = net.get(one.subject, 0) + one.step
        steps = list(net.values())
        return sum(n > 0 for n in steps), sum(n < 0 for n in steps)

    def users(self, into: str) -> list[Who]:
        """Whose credentials were used into this area; the same person twice is one."""
        by_key = {g.who.key: g.who for g in self.grants if g.into == into and not g.is_refuted and g.who.is_somebody}
        return list(by_key.values())

    def rests_on(self) -> tuple[str, ...]:
        let_in = [*(g.event_id for g in self.grants), *(r.event_id for r in self.releases)]
        ids = [self.event_id, *let_in, *(c.event_id for c in self.crossings)]
        return (*ids, self.closed_id) if self.closed_id is not None else tuple(ids)


@dataclass(frozen=True, slots=True)
class Excess:
    """More people than credentials and releases, one way."""

    direction: str
    people: int
    users: tuple[Who, ...]
    released: int = 0

    @property
    def more(self) -> int:
        return self.people - len(self.users) - self.released


@dataclass(slots=True)
class Judged:
    """More people than credentials, told when it is certain that the camera was not being moved meanwhile.

    Args:
        opening: as it was judged. direction: `in` or `out`. told: how many more had been judged before. until: then.
    """

    opening: Opening
    direction: str
    told: int
    until: datetime


def excess_of(opening: Opening, door: Door) -> list[Excess]:
    """Where more people crossed than were let through; [] where nobody needed that.

    Each way is counted by itself: who leaves while another enters is no tailgater. A way without a reader needs no
    credential, nor does leaving after a request to exit. A release lets one person through.
    """
    if opening.is_free or opening.because in ("forced", "") or not opening.crossings:
        return []
    found: list[Excess] = []
    people_in, people_out = opening.people()
    for direction, into, people in (("in", door.areas[1], people_in), ("out", door.areas[0], people_out)):
        if not people or not door.has_reader_into(into) or (direction == "out" and opening.by_exit):
            continue
        released = _released(opening, door, direction, people_out)
        found.append(Excess(direction, people, tuple(opening.users(into)), released))
    return [one for one in found if one.more > 0]


def _released(opening: Opening, door: Door, direction: str, people_out: int) -> int:
    """How many were let through this way without a credential.

    A release that says which way counts that way. One that does not counts for one who comes in unless somebody left by
    it. A request to exit lets nobody in: most are a sensor's, which whoever waits outside can have somebody set off.
    """
    outside, inside = door.areas
    named_out = sum(one.into == outside for one in opening.releases)
    if direction == "out":
        return named_out
    either = sum(one.into is None for one in opening.releases)
    left = max(0, people_out - len(opening.users(outside)) - named_out)
    return sum(one.into == inside for one in opening.releases) + max(0, either - left)
