"""What the use of one credential gives away by itself.

hear(event) -> list[Conclusion]         events in any order, conclusions at once
hear_in_turn(event) -> list[Conclusion] events in the order of their times: what order would change
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.access.conclusion import Conclusion, Who
from custos.access.door import into_of, who_of
from custos.access.ordering import Recent
from custos.model.access import AccessPlan, Credential, CredentialState, Door, Holder
from custos.model.event import Event, Json

READS = ("access.granted", "access.denied", "access.taken", "access.coerced")
DENIALS = 3
DENIALS_S = 120.0
"""So many refusals at one door, or of one credential, within this time are told."""
DOUBLE_S = 0.5
"""The same refusal told twice."""
PROBED_DOORS = 3
PROBED_S = 600.0
"""A credential refused at so many doors within this time is being tried out."""
HURRIED_DOORS = 4
HURRIED_S = 30.0
"""To badge, open, go through and reach the next reader takes some ten seconds even where doors adjoin: whoever is on a
patrol is slower, and one badge at so many doors within this time is more than one."""
READS_KEPT = 16
MAX_CREDENTIALS = 20_000
MAX_SAID = 20_000


@dataclass(frozen=True, slots=True)
class _Read:
    at: datetime
    door_id: str
    event_id: str
    is_granted: bool = False


class CredentialWatch:
    """The recent uses of every credential. Bounded."""

    def __init__(self, plan: AccessPlan) -> None:
        self._plan = plan
        self._walks = {(door.id, other): least_s for door in plan.doors for other, least_s in door.walk_s}
        self._reads: OrderedDict[str, deque[_Read]] = OrderedDict()
        self._in_turn: OrderedDict[str, deque[_Read]] = OrderedDict()
        self._denials: OrderedDict[str, deque[_Read]] = OrderedDict()
        self._said = Recent(MAX_SAID)
        self._heard = Recent(MAX_SAID)

    def hear(self, event: Event, door: Door) -> list[Conclusion]:
        """What this use of a credential gives away."""
        if event.type not in READS or not self._heard.is_new(event.id):
            return []
        who = who_of(event, self._plan)
        found: list[Conclusion] = []
        if event.type == "access.denied":
            found += self._refused(event, door, who)
        if not who.is_somebody:
            return found
        known = self._plan.credential(who.credential) if who.credential is not None else None
        if known is not None:
            found += self._duressed(event, door, who, known[1]) + self._misused(event, door, who, known[1])
        if event.type == "access.granted":
            found += self._exceeded(event, door, who)
        return found + self._travelled(event, door, who)

    def _refused(self, event: Event, door: Door, who: Who) -> list[Conclusion]:
        """Of somebody who is known, so that it stands in their log."""
        if who.holder_id is None:
            return []
        reason = f"{door.name} refused them: {event.data.get('reason', 'no reason told')}"
        place, rests = ("doors", door.id), (event.id,)
        return [Conclusion("access.refused", event.at, place, reason, rests, who.data, "", who.subject)]

    def _duressed(self, event: Event, door: Door, who: Who, credential: Credential) -> list[Conclusion]:
        if not credential.is_duress or event.type == "access.coerced":
            return []
        reason = f"The credential used at {door.name} says that its holder is under threat"
        return self._once("access.duressed", event, door, who, reason, {}, within_s=30.0)

    def _misused(self, event: Event, door: Door, who: Who, credential: Credential) -> list[Conclusion]:
        state = _state_of(credential, event.at)
        if state is None:
            return []
        words = {"early": "not valid yet", "expired": "no longer valid"}.get(state, f"reported {state}")
        granted = event.type != "access.denied"
        reason = f"A credential that is {words} was used at {door.name}" + (" and let in" if granted else "")
        told: dict[str, Json] = {"state": state, "granted": granted}
        return self._once("access.misused", event, door, who, reason, told, within_s=30.0)

    def _exceeded(self, event: Event, door: Door, who: Who) -> list[Conclusion]:
        holder = self._plan.holder(who.holder_id) if who.holder_id is not None else None
        into = into_of(event, door)
        if holder is None or not self._plan.roles or self._plan.permits(holder, door, into, event.at):
            return []
        if door.free is not None and self._plan.in_force(door.free, event.at):
            return []
        if self._stayed_too_long(holder, door, into, event.at):
            return []
        area = self._plan.area(into)
        reason = f"{door.name} let them into {area.name if area else into}, which their roles do not allow at this time"
        return self._once("access.exceeded", event, door, who, reason, {"into_area": into}, within_s=30.0)

    def _stayed_too_long(self, holder: Holder, door: Door, into: str, at: datetime) -> bool:
        """Whether they stayed beyond their hours, and are on their way out. Who may be where they come from goes on."""
        if into != door.areas[0] or not self._plan.permits_at_times(holder, door, into):
            return False
        inner = door.areas[1]
        return not any(self._plan.permits(holder, one, inner, at) for one in self._plan.doors if inner in one.areas)

    def hear_in_turn(self, event: Event, door: Door) -> list[Conclusion]:
        """What several uses of credentials say together: refusals one after the other, and one credential at many doors
        within moments (where one of the reads was let in). Each is told once of one such run. Heard as they came, other
        doors would be named than when the events are played again.
        """
        who = who_of(event, self._plan)
        denied = self._denied(event, door, who) if event.type == "access.denied" else []
        return denied + self._hurried(event, door, who)

    def _hurried(self, event: Event, door: Door, who: Who) -> list[Conclusion]:
        if event.type not in READS or not who.is_somebody:
            return []
        kept = _kept_of(self._in_turn, who)
        newest = _Read(event.at, door.id, event.id, event.type != "access.denied")
        kept.append(newest)
        for reads in _spans(kept, newest, HURRIED_S):
            doors = list(dict.fromkeys(read.door_id for read in reads))
            if len(doors) < HURRIED_DOORS or not any(read.is_granted for read in reads):
                continue
            last = reads[-1]
            slot = int(last.at.timestamp() // HURRIED_S)
            if not all(self._said.is_new(f"hurried|{who.key}|{n}") for n in (slot - 1, slot, slot + 1)):
                return []
            period_s = round((last.at - reads[0].at).total_seconds(), 3)
            reason = f"One credential was used at {len(doors)} doors within {period_s:.0f} s"
            names: list[Json] = list(doors)
            told: dict[str, Json] = {**who.data, "doors": names, "period_s": period_s}
            rests, place = tuple(read.event_id for read in reads), ("doors", last.door_id)
            return [Conclusion("access.hurried", last.at, place, reason, rests, told, "", who.subject)]
        return []

    def _travelled(self, event: Event, door: Door, who: Who) -> list[Conclusion]:
        kept = _kept_of(self._reads, who)
        read = _Read(event.at, door.id, event.id)
        found: list[Conclusion] = []
        for other in list(kept):
            least_s = self._walk_s(door.id, other.door_id)
            elapsed_s = abs((read.at - other.at).total_seconds())
            if other.door_id != door.id and elapsed_s < least_s:
                found += self._impossible(door, who, other, read, elapsed_s, least_s)
        kept.append(read)
        return found

    def _walk_s(self, door_id: str, other_id: str) -> float:
        """Told of either door, it holds both ways."""
        return max(self._walks.get((door_id, other_id), 0.0), self._walks.get((other_id, door_id), 0.0))

    def _impossible(
        self, door: Door, who: Who, other: _Read, read: _Read, elapsed_s: float, least_s: float
    ) -> list[Conclusion]:
        """One such pair of doors is told once within the time it takes to walk."""
        first, last = sorted((other, read), key=lambda r: (r.at, r.event_id))
        doors = "|".join(sorted((first.door_id, last.door_id)))
        slot = int(last.at.timestamp() // max(least_s, 1.0))
        if not all(self._said.is_new(f"travel|{who.key}|{doors}|{n}") for n in (slot, slot + 1)):
            return []
        one, two = self._plan.door(first.door_id), self._plan.door(last.door_id)
        names = [d.name if d is not None else "?" for d in (one, two)]
        reason = f"Read at {names[0]} and {elapsed_s:.0f} s later at {names[1]}; the walk takes {least_s:.0f} s"
        told: dict[str, Json] = {
            **who.data,
            "other_door_id": first.door_id,
            "elapsed_s": round(elapsed_s, 3),
            "least_s": least_s,
        }
        rests, place = (first.event_id, last.event_id), ("doors", last.door_id)
        return [Conclusion("access.travelled_impossibly", last.at, place, reason, rests, told, "", who.subject)]

    def _denied(self, event: Event, door: Door, who: Who) -> list[Conclusion]:
        read = _Read(event.at, door.id, event.id)
        keys = [f"doors/{door.id}", *([who.key] if who.is_somebody else [])]
        found: list[Conclusion] = []
        for key in keys:
            kept = self._denials.setdefault(key, deque(maxlen=READS_KEPT))
            self._denials.move_to_end(key)
            if not any(r.door_id == read.door_id and abs((r.at - read.at).total_seconds()) < DOUBLE_S for r in kept):
                kept.append(read)
            if len(self._denials) > MAX_CREDENTIALS:
                self._denials.popitem(last=False)
        found += self._repeatedly(event, door, who, [k for k in keys if self._count(k, event.at) >= DENIALS])
        return found + (self._probed(event, door, who) if who.is_somebody else [])

    def _near(self, key: str, at: datetime, within_s: float) -> list[_Read]:
        kept = self._denials.get(key, ())
        return sorted((r for r in kept if abs((r.at - at).total_seconds()) <= within_s), key=lambda r: r.at)

    def _count(self, key: str, at: datetime) -> int:
        return len(self._near(key, at, DENIALS_S))

    def _repeatedly(self, event: Event, door: Door, who: Who, keys: list[str]) -> list[Conclusion]:
        slot = int(event.at.timestamp() // DENIALS_S)
        for key in keys:
            if not all(self._said.is_new(f"denied|{key}|{n}") for n in (slot, slot + 1)):
                continue
            reads = self._near(key, event.at, DENIALS_S)
            what = "One credential was" if key == who.key else "Credentials were"
            reason = f"{what} refused {len(reads)} times within {DENIALS_S:.0f} s, last at {door.name}"
            told: dict[str, Json] = {**who.data, "count": len(reads), "period_s": DENIALS_S}
            rests, place = tuple(r.event_id for r in reads), ("doors", door.id)
            return [Conclusion("access.denied_repeatedly", event.at, place, reason, rests, told, "", who.subject)]
        return []

    def _probed(self, event: Event, door: Door, who: Who) -> list[Conclusion]:
        reads = self._near(who.key, event.at, PROBED_S)
        doors = list(dict.fromkeys(r.door_id for r in reads))
        slot = int(event.at.timestamp() // PROBED_S)
        if len(doors) < PROBED_DOORS or not all(self._said.is_new(f"probed|{who.key}|{n}") for n in (slot, slot + 1)):
            return []
        reason = f"One credential was refused at {len(doors)} doors within {PROBED_S / 60:.0f} min"
        names: list[Json] = list(doors)
        told: dict[str, Json] = {**who.data, "doors": names, "period_s": PROBED_S}
        rests, place = tuple(r.event_id for r in reads), ("doors", door.id)
        return [Conclusion("access.probed", event.at, place, reason, rests, told, "", who.subject)]

    def _once(
        self,
        type_: str,
        event: Event,
        door: Door,
        who: Who,
        reason: str,
        data: dict[str, Json],
        *,
        within_s: float,
    ) -> list[Conclusion]:
        """Granted, and then taken, is one use."""
        slot = int(event.at.timestamp() // within_s)
        if not all(self._said.is_new(f"{type_}|{who.key}|{door.id}|{n}") for n in (slot, slot + 1)):
            return []
        told: dict[str, Json] = {**who.data, **data}
        return [Conclusion(type_, event.at, ("doors", door.id), reason, (event.id,), told, "", who.subject)]


def _spans(reads: Iterable[_Read], among: _Read, within_s: float) -> Iterator[list[_Read]]:
    """From each of the reads on, all within that time, in the order of their times; those that hold `among`."""
    within = timedelta(seconds=within_s)
    near = [read for read in reads if -within <= read.at - among.at <= within]
    ordered = sorted(near, key=lambda read: (read.at, read.event_id))
    for n, first in enumerate(ordered):
        span = [read for read in ordered[n:] if read.at - first.at <= within]
        if among in span:
            yield span


def _kept_of(reads: OrderedDict[str, deque[_Read]], who: Who) -> deque[_Read]:
    """Those of one credential; the credential that was used longest ago is forgotten beyond the limit."""
    kept = reads.setdefault(who.key, deque(maxlen=READS_KEPT))
    reads.move_to_end(who.key)
    if len(reads) > MAX_CREDENTIALS:
        reads.popitem(last=False)
    return kept


def _state_of(credential: Credential, at: datetime) -> str | None:
    """Why the credential must not be used at `at`; None when it may."""
    if credential.state is not CredentialState.ACTIVE:
        return credential.state.value
    if credential.valid_from is not None and at < credential.valid_from:
        return "early"
    if credential.valid_until is not None and at >= credential.valid_until:
        return "expired"
    return None
