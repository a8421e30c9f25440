"""Doors: passages to openings, and openings to what readers, contacts, locks and controllers tell.

A controller knows only its own door: an opening without a grant or an exit sensor that it heard of is forced to it, and
one that lasts is held. That is where most false alarms come from: contacts chatter, exit sensors miss people, doors do
not fall shut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from custos.model.event import Json
from custos.simulate.month.movements import Passage
from custos.simulate.month.premises import DOOR, DoorPlan, is_in
from custos.simulate.month.sight import Cameras
from custos.simulate.month.telling import Recorder

OPENS_AFTER_S = (0.8, 1.8)
CROSSES_AFTER_S = (0.6, 1.3)
SHUTS_AFTER_S = (2.0, 4.0)
FOLLOWS_WITHIN_S = 7.2
"""Whoever comes to the door this soon after another finds it open still, and goes through the same opening."""
EXIT_SENSOR_MISSES = 0.0025
NOT_TAKEN = 0.006
LEFT_OPEN_S = (60.0, 1500.0)


@dataclass(slots=True)
class _Opening:
    """One time that a door is open."""

    first: Passage
    passages: list[Passage]


class Doors:
    """Every door of the site."""

    def __init__(self, recorder: Recorder, cameras: Cameras, seed: int) -> None:
        self._recorder, self._cameras = recorder, cameras
        self._rng = Random(f"{seed}/doors")

    def play(self, passages: Iterable[Passage]) -> None:
        """All passages of the month, in any order."""
        by_door: dict[str, list[Passage]] = {}
        for passage in sorted(passages, key=lambda p: (p.at, p.door_id, p.holder_id or "", p.into)):
            by_door.setdefault(passage.door_id, []).append(passage)
        for door_id in sorted(by_door):
            self._connect(DOOR[door_id], by_door[door_id][0].at - timedelta(minutes=10))
            open_until: datetime | None = None
            for opening in _openings(by_door[door_id]):
                open_until = self._play(DOOR[door_id], opening, open_until)

    def _connect(self, door: DoorPlan, at: datetime) -> None:
        """A controller tells its door's state when it is first asked (ONVIF: a property event, Initialized)."""
        told: dict[str, Json] = {"door_id": door.id, "alarm": "Normal"}
        self._recorder.tell("door.alarmed", at, f"doors/{door.id}", told, lossless=True)

    def _play(self, door: DoorPlan, opening: _Opening, open_until: datetime | None) -> datetime:
        """Tell of an opening; when the door is shut again."""
        rng, first = self._rng, opening.first
        stood_open = open_until is not None and first.at < open_until
        has_leave, granted = False, []
        for passage in opening.passages:
            has_leave, grant = self._ask(door, passage, has_leave)
            granted.append(grant)
        goes = [p for p in opening.passages if p.goes]
        if not goes:
            for passage in opening.passages:
                self._taken(door, passage, passage.at + timedelta(seconds=8), "access.not_taken")
            return open_until or first.at
        opened_at = goes[0].at + timedelta(seconds=rng.uniform(*OPENS_AFTER_S))
        incident = first.incident
        if not stood_open:
            self._contact(door, "door.opened", opened_at, incident)
            if not has_leave and first.how != "free":
                self._alarm(door, "DoorForcedOpen", opened_at, incident)
        crossed_at = opened_at
        for passage, grant in zip(opening.passages, granted, strict=True):
            crossed_at = max(crossed_at, passage.at + timedelta(seconds=0.8)) + timedelta(
                seconds=rng.uniform(*CROSSES_AFTER_S)
            )
            if passage.goes:
                self._cameras.crossing(door.id, passage.into, crossed_at, passage.incident)
            if grant:
                told = "access.taken" if passage.goes else "access.not_taken"
                self._taken(door, passage, crossed_at + timedelta(seconds=0.2), told)
        if stood_open and open_until is not None:
            return max(open_until, crossed_at)
        return self._shut(door, opening, opened_at, crossed_at, incident)

    def _shut(
        self, door: DoorPlan, opening: _Opening, opened_at: datetime, crossed_at: datetime, incident: int | None
    ) -> datetime:
        rng = self._rng
        held_s = max(p.hold_s for p in opening.passages)
        sticks = incident is None and held_s == 0 and rng.random() < door.latches_badly
        open_s = rng.uniform(*LEFT_OPEN_S) if sticks else held_s
        shut_at = crossed_at + timedelta(seconds=rng.uniform(*SHUTS_AFTER_S) + open_s)
        if (shut_at - opened_at).total_seconds() > door.open_time_s:
            at = opened_at + timedelta(seconds=door.open_time_s)
            self._alarm(door, "DoorOpenTooLong", at, incident)
            self._alarm(door, "Normal", shut_at + timedelta(seconds=0.3), None)
        self._contact(door, "door.closed", shut_at, incident)
        return shut_at

    def _ask(self, door: DoorPlan, passage: Passage, has_leave: bool) -> tuple[bool, bool]:
        """What the reader or the exit sensor tells; (whether the controller lets the door be opened, whether a
        credential was let in)."""
        if passage.how == "badge":
            self._recorder.tell(
                "access.granted", passage.at, f"doors/{door.id}", _of(door, passage),
                incident=passage.incident, lossless=True,
            )  # fmt: skip
            return True, True
        if passage.how == "handle" and self._rng.random() >= EXIT_SENSOR_MISSES:
            told: dict[str, Json] = {"door_id": door.id}
            self._recorder.tell(
                "exit.requested", passage.at, f"doors/{door.id}", told, incident=passage.incident, lossless=True
            )
            return True, False
        return has_leave, False

    def _taken(self, door: DoorPlan, passage: Passage, at: datetime, told: str) -> None:
        if passage.how == "badge":
            self._recorder.tell(told, at, f"doors/{door.id}", _of(door, passage), incident=passage.incident)

    def _contact(self, door: DoorPlan, type_: str, at: datetime, incident: int | None) -> None:
        """The contact; one that is worn tells it several times over."""
        told: dict[str, Json] = {"door_id": door.id}
        self._recorder.tell(type_, at, f"doors/{door.id}", told, incident=incident)
        if self._rng.random() < door.bounces:
            other = "door.closed" if type_ == "door.opened" else "door.opened"
            for i in range(self._rng.randint(1, 3)):
                chatter_at = at + timedelta(seconds=0.06 + 0.09 * i)
                self._recorder.tell(other, chatter_at, f"doors/{door.id}", told)
                self._recorder.tell(type_, chatter_at + timedelta(seconds=0.04), f"doors/{door.id}", told)
            if type_ == "door.closed":
                self._alarm(door, "DoorForcedOpen", at + timedelta(seconds=0.1), None)

    def _alarm(self, door: DoorPlan, alarm: str, at: datetime, incident: int | None) -> None:
        told: dict[str, Json] = {"door_id": door.id, "alarm": alarm}
        self._recorder.tell("door.alarmed", at, f"doors/{door.id}", told, incident=incident)

    def deny(
        self,
        door_id: str,
        at: datetime,
        reason: str,
        credential: str,
        holder_id: str | None,
        *,
        way: str = "in",
        incident: int | None = None,
    ) -> str:
        """A credential that is refused, on the way "in" or "out"; the event's id."""
        told: dict[str, Json] = {
            "door_id": door_id, "reader_id": f"{door_id}-{way}", "credential": credential, "reason": reason,
        }  # fmt: skip
        if holder_id is not None:
            told["holder_id"] = holder_id
        return self._recorder.tell("access.denied", at, f"doors/{door_id}", told, incident=incident)


def _of(door: DoorPlan, passage: Passage) -> dict[str, Json]:
    way = "in" if is_in(door, passage.into) else "out"
    told: dict[str, Json] = {"door_id": door.id, "reader_id": f"{door.id}-{way}", "direction": way}
    if passage.credential is not None:
        told["credential"] = passage.credential
    if passage.holder_id is not None:
        told["holder_id"] = passage.holder_id
    return told


def _openings(passages: list[Passage]) -> Iterable[_Opening]:
    """Passages by one door, in order, that share an opening."""
    current: _Opening | None = None
    for passage in passages:
        follows = current is not None and (
            passage.how == "open"
            or (passage.at - current.passages[-1].at).total_seconds() <= FOLLOWS_WITHIN_S + current.passages[-1].hold_s
        )
        if current is not None and follows:
            current.passages.append(passage)
        else:
            if current is not None:
                yield current
            current = _Opening(passage, [passage])
    if current is not None:
        yield current
