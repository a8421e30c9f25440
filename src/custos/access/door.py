"""One door's state machine, in ONVIF's terms; events come in the order of their times.

    hear(event) -> list[Outcome]     tick(at) -> list[Outcome]

            (A) door.opened                      (C) open_time_s              (D) propped_after_s
    closed ----------------> open, legitimate --------------------> held ----------------------> propped
      ^   \\                     |                                     |                             |
      |    (B) door.opened      |(E) door.closed                      |(E)                          |(E)
      |     \\--> forced --(E)---+-------------------------------------+-----------------------------+
      +-------------------------------- settled after BOUNCE_S ----------------------------------------+

(A) There was a grant, a release, a request to exit, a shunt, or it stands unlocked (a schedule, a mode, a key). (B)
There was none, and none has come SETTLE_S later. (C) counts from the opening, or from when a shunt or the free hours
ended; holders who need longer have their extended time; PreAlarmTime before it a warning is told. (E) A contact that
bounces makes one opening. A controller that tells alarms of its own, and none of this, contradicts: a grant is on its
way, or the contact's word was lost. A grant is *taken* when the controller says so, or when the door opens while it
holds; it is *unused* when it does not. A door that is offline is not judged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from custos.access.conclusion import Conclusion, Passage, Unread, Who
from custos.access.opening import Crossing, Excess, Grant, Judged, Opening, Release, excess_of
from custos.model.access import AccessPlan, Door
from custos.model.calibration import MOVE_TOLD_S
from custos.model.event import Event, Json

Outcome = Conclusion | Passage | Unread

SETTLE_S = 0.5
"""Within one controller a grant may be stamped so long after the opening it allowed."""
BOUNCE_S = 1.0
"""A door that opens again sooner had not been closed."""
UNUSED_AFTER = timedelta(seconds=SETTLE_S + BOUNCE_S)
"""A grant that nobody used so long after it ended was not used."""
DOUBLE_S = 1.0
"""The same credential at the same reader within this time is one use."""
PASS_S = 1.5
"""A camera's clock and the door's may differ by so much when somebody crosses the threshold."""
CONFIRM_S = 3.0
"""A controller that tells alarms of its own tells one so soon after what it saw; otherwise it contradicts."""
FOLLOW_S = 2.0
"""A badge may come so long after its holder has crossed."""
MAX_JUDGED = 50
MAX_UNOPENED = 10
MAX_GRANTS = 200
MAX_RECENT_CROSSINGS = 200
OPEN_MODES = ("Unlocked", "LockedOpen")
FORCED, HELD = "DoorForcedOpen", "DoorOpenTooLong"
"""ONVIF's DoorAlarm, as controllers tell it."""


class DoorMachine:
    """The state of one door. Bounded."""

    def __init__(self, door: Door, plan: AccessPlan) -> None:
        self.door = door
        self._plan = plan
        self.is_open: bool | None = None
        self.is_online = True
        self.is_tampered = False
        self.mode = ""
        self.own_alarm = ""
        self.own_alarm_at: datetime | None = None
        self.changed_at: datetime | None = None
        self.blind = ""
        self.unlocked_at: datetime | None = None
        self.opening: Opening | None = None
        self._grants: deque[Grant] = deque(maxlen=MAX_GRANTS)
        self._releases: deque[Release] = deque(maxlen=MAX_GRANTS)
        self._exit_until: datetime | None = None
        self._exits: deque[datetime] = deque(maxlen=MAX_GRANTS)
        self._exit_id = ""
        self._shunted_until: datetime | None = None
        self._recent: deque[Crossing] = deque(maxlen=MAX_RECENT_CROSSINGS)
        self._unopened: deque[tuple[datetime, str]] = deque(maxlen=MAX_UNOPENED)  # closings without an opening
        self._judged: deque[Judged] = deque(maxlen=MAX_JUDGED)
        self._hear: dict[str, Callable[[Event], list[Outcome]]] = {
            "access.granted": self._granted,
            "access.taken": self._taken,
            "access.not_taken": self._not_taken,
            "exit.requested": self._exit_requested,
            "door.opened": self._opened,
            "door.closed": self._closed,
            "door.locked": self._locked,
            "door.unlocked": self._unlocked,
            "door.mode_changed": self._mode_changed,
            "door.alarmed": self._alarmed,
            "door.tampered": self._tampered,
            "door.shunted": self._shunted,
            "door.unshunted": self._unshunted,
        }

    # -- what is known of it

    @property
    def alarm(self) -> str:
        """ONVIF's DoorAlarm, with `propped` told apart: normal, forced, held, propped."""
        return self.opening.alarm or "normal" if self.opening is not None else "normal"

    def is_shunted(self, at: datetime) -> bool:
        return self._shunted_until is not None and at < self._shunted_until

    def stands_open_to_all(self, at: datetime) -> str:
        """Why nobody needs a credential at `at`: `shunt`, `free`, `unlocked`; or ""."""
        if self.is_shunted(at):
            return "shunt"
        if self.door.free is not None and self._plan.in_force(self.door.free, at):
            return "free"
        return "unlocked" if self.unlocked_at is not None and self.unlocked_at <= at else ""

    @property
    def counts_people(self) -> bool:
        """Whether a camera that sees counts people here now."""
        return not self._uncounted()

    def uncounted(self) -> str:
        """Why people cannot be counted here, or could not during all of the present opening; "" when they can."""
        return self._uncounted() or (self.opening.uncounted if self.opening is not None else "")

    def _uncounted(self) -> str:
        if self.door.threshold is None:
            return "No camera sees this door's threshold"
        return self.blind and f"Camera {self.door.threshold.camera_id} {self.blind}"

    def see(self, blind: str) -> None:
        """What its threshold's camera does ("is covered"), so that nobody is counted; "" when it sees."""
        self.blind = blind
        if self.opening is not None and self.opening.closed_at is None:
            self.opening.uncounted = self.opening.uncounted or self._uncounted()

    # -- what it hears

    def hear(self, event: Event) -> list[Outcome]:
        """What the event leads to."""
        take = self._hear.get(event.type)
        if take is None:
            return []
        self.changed_at = event.at if self.changed_at is None else max(self.changed_at, event.at)
        return take(event)

    def cross(self, crossing: Crossing) -> list[Outcome]:
        """Somebody crossed its threshold."""
        self._recent.append(crossing)
        opening = self.opening
        if opening is None or not opening.may_hold(crossing.at, PASS_S):
            return []
        opening.cross(crossing)
        outcomes = self._doubt(crossing.at)
        return [self._came_unread(opening), *outcomes] if self._let_one_in(opening) else outcomes

    def withdraw(self, since: datetime) -> None:
        """Its camera was being moved from then on: what crossed the threshold was the picture, and nobody."""
        self._recent = deque((one for one in self._recent if one.at < since), maxlen=MAX_RECENT_CROSSINGS)
        for judged in self._judged:
            judged.opening.withdraw(since)
        opening = self.opening
        if opening is None or not opening.withdraw(since):
            return
        opening.uncounted = opening.uncounted or self._uncounted()
        more = {excess.direction: excess.more for excess in excess_of(opening, self.door)}
        opening.told_excess = {way: min(told, more.get(way, 0)) for way, told in opening.told_excess.items()}
        if not more:
            opening.unsure_until = None

    def lose(self) -> None:
        """Its controller is gone: what it does not say means nothing."""
        self.is_online, self.is_open, self.opening = False, None, None
        self._grants.clear()
        self._releases.clear()
        self._unopened.clear()

    def find(self) -> None:
        self.is_online = True

    def _granted(self, event: Event) -> list[Outcome]:
        grant = self._grant_of(event)
        if not grant.who.is_somebody:
            return self._released(event)
        for known in self._grants:
            if grant.into == known.into and grant.who.is_same(known.who) and self._are_one_use(known, grant):
                known.is_inferred = False
                return []
        self._grants.append(grant)
        self._released_for(grant.at)
        opening = self.opening
        if opening is not None and opening.closed_at is None and self._may_use(opening, grant):
            opening.grants.append(grant)
            if opening.because == "":
                opening.because, grant.is_key = "grant", True
            return self._pass(grant, max(grant.at, opening.opened_at))
        if not self.door.has_sensor:
            return self._open_unseen(grant)
        return []

    def _are_one_use(self, known: Grant, grant: Grant) -> bool:
        """Whether both were told of one use: at one time, or what was let in is heard after the controller said that it
        went."""
        if _near(known.at, grant.at, DOUBLE_S):
            return True
        return known.is_inferred and timedelta(0) <= known.at - grant.at <= self._longest()

    def _may_use(self, opening: Opening, one: Grant | Release) -> bool:
        """Whether it held when the door was opened, or was told while it stood open.

        What is heard late may have been for another time.
        """
        in_time = opening.closed_at is None or one.at <= opening.closed_at
        return in_time and opening.opened_at <= one.until + timedelta(seconds=SETTLE_S)

    def _released(self, event: Event) -> list[Outcome]:
        """A button, or somebody at a desk: the door opens for one who stands there."""
        if any(_near(known.at, event.at, DOUBLE_S) for known in self._releases):
            return []
        is_named = _text(event, "reader_id") is not None or _text(event, "direction") is not None
        into = into_of(event, self.door) if is_named else None
        until = event.at + timedelta(seconds=self.door.release_time_s)
        release = Release(event.id, event.at, into, until)
        self._releases.append(release)
        if into is None:
            self._exit_requested(event)
        self._released_for(event.at)
        opening = self.opening
        if opening is None or opening.closed_at is not None or not self._may_use(opening, release):
            return []
        release.is_used = True
        opening.releases.append(release)
        if opening.because in ("", "exit"):
            opening.because = "release"
        outcomes = self._doubt(event.at)
        return [self._came_unread(opening), *outcomes] if self._let_one_in(opening) else outcomes

    def _released_for(self, at: datetime) -> None:
        """A lock that was released just now was released for this, and does not stand unlocked; unless by its mode."""
        if self.unlocked_at is not None and _near(self.unlocked_at, at, DOUBLE_S) and self.mode not in OPEN_MODES:
            self.unlocked_at = None

    def _let_one_in(self, opening: Opening) -> bool:
        """Whether somebody may come in through this opening whom nobody asked for a credential: by a release only."""
        return any(release.into != self.door.areas[0] for release in opening.releases)

    def _came_unread(self, opening: Opening) -> Unread:
        """Somebody may have been let in of whom no reader knows."""
        return Unread(opening.opened_at, *self.door.areas)

    def _grant_of(self, event: Event) -> Grant:
        who = who_of(event, self._plan)
        holder = self._plan.holder(who.holder_id) if who.holder_id is not None else None
        until = event.at + timedelta(seconds=self.door.release_time_s)
        longer = holder is not None and holder.needs_longer
        return Grant(event.id, event.at, who, into_of(event, self.door), until, longer)

    def _open_unseen(self, grant: Grant) -> list[Outcome]:
        """A door without a contact is taken to be open for as long as it is released."""
        if self.opening is None:
            self.opening = Opening(grant.event_id, grant.at, "grant", uncounted=self._uncounted())
            self._collect(self.opening)
        grant.is_key = True
        if self.opening.opened_at <= grant.until:
            self.opening.grants.append(grant)
            self.opening.closed_at = max(grant.until, self.opening.closed_at or grant.until)
        return self._pass(grant, grant.at)

    def _taken(self, event: Event) -> list[Outcome]:
        grant = self._match(event)
        if grant is None:
            grant = self._grant_of(event)
            if not grant.who.is_somebody:
                return []
            grant.is_inferred = True
            self._grants.append(grant)
            if self.opening is not None and self._may_use(self.opening, grant):
                self.opening.grants.append(grant)
        grant.told_by, grant.is_refuted = "controller", False
        return self._pass(grant, event.at)

    def _not_taken(self, event: Event) -> list[Outcome]:
        grant = self._match(event)
        if grant is None:
            return self._release_unused(event)
        if grant.is_refuted:
            return []
        grant.is_refuted, grant.is_key = True, True
        outcomes: list[Outcome] = []
        if grant.has_passed:
            outcomes.append(self._passage(grant, grant.at, is_undone=True))
        grant.has_passed = True  # nothing more will be said of it
        return outcomes + self._doubt(event.at)

    def _release_unused(self, event: Event) -> list[Outcome]:
        """Whoever was let in without a credential did not go."""
        if who_of(event, self._plan).is_somebody or not self._releases:
            return []
        release = self._releases.pop()
        if self.opening is not None and release in self.opening.releases:
            self.opening.releases.remove(release)
        return self._doubt(event.at)

    def _match(self, event: Event) -> Grant | None:
        """The newest grant that this is about; None where it is about a release, or nothing known."""
        who, into = who_of(event, self._plan), into_of(event, self.door)
        longest = self._longest()
        if not who.is_somebody and self._releases and self._releases[-1].at >= self._newest_grant_at(event.at):
            return None
        for grant in reversed(self._grants):
            same = grant.who.key == who.key and grant.into == into if who.is_somebody else True
            if same and grant.at - timedelta(seconds=DOUBLE_S) <= event.at <= grant.at + longest:
                return grant
        return None

    def _newest_grant_at(self, at: datetime) -> datetime:
        """Of the grants; long before `at` where there are none."""
        return max((grant.at for grant in self._grants), default=at - 2 * self._longest())

    def _longest(self) -> timedelta:
        """A controller says within this time whether a grant was taken."""
        return timedelta(seconds=self.door.release_time_s + self.door.extended_open_time_s + 10)

    def _exit_requested(self, event: Event) -> list[Outcome]:
        until = event.at + timedelta(seconds=self.door.release_time_s)
        self._exit_until = until if self._exit_until is None else max(until, self._exit_until)
        self._exit_id = event.id
        self._exits.append(event.at)
        opening, slack = self.opening, timedelta(seconds=SETTLE_S)
        if opening is not None and opening.closed_at is None and opening.opened_at <= until + slack:
            opening.by_exit = True
            opening.because = opening.because or "exit"
        return []

    def _opened(self, event: Event) -> list[Outcome]:
        earlier = self.opening
        closing = self._take_closing(event.at)  # there is one where it was heard so late that it is over
        if earlier is None:
            return self._begin(event, *closing)
        if earlier.closed_at is None and self._is_opened_anew(earlier, event.at):
            self._end_unheard(earlier, event.at)
        if earlier.closed_at is None or event.at < earlier.closed_at:
            return []
        if self.door.has_sensor and event.at - earlier.closed_at < timedelta(seconds=BOUNCE_S):
            earlier.closed_at, earlier.closed_id = closing
            self.is_open = earlier.closed_at is None
            return []
        strays = earlier.part_with_strays(event.at, PASS_S)
        outcomes = self._settle(earlier, earlier.closed_at)
        self._recent.extend(strays)
        return outcomes + self._begin(event, *closing)

    def _take_closing(self, opened_at: datetime) -> tuple[datetime | None, str | None]:
        """The first closing after an opening at this time, where it was heard before the opening."""
        closing = min((one for one in self._unopened if one[0] >= opened_at), default=None)
        if closing is None:
            return None, None
        self._unopened.remove(closing)
        return closing

    def _is_opened_anew(self, opening: Opening, at: datetime) -> bool:
        """Whether a door that is open is opened by somebody: they were let through since, or nobody needs to be. Else a
        controller that was connected anew only says again that it stands open."""
        if at - opening.opened_at <= timedelta(seconds=max(BOUNCE_S, PASS_S)):
            return False
        if self.stands_open_to_all(at):
            return True
        let: list[Grant | Release] = [*(grant for grant in self._grants if not grant.is_key), *self._releases]
        if any(self._unlocked_since(opening, one.at, one.until, at) for one in let):
            return True
        until, lasts = self._exit_until, timedelta(seconds=self.door.release_time_s)
        return until is not None and self._unlocked_since(opening, until - lasts, until, at)

    def _unlocked_since(self, opening: Opening, told_at: datetime, until: datetime, at: datetime) -> bool:
        """Whether what was told since this opening began holds at `at`."""
        since = opening.opened_at + timedelta(seconds=BOUNCE_S)
        return since <= told_at <= at <= until + timedelta(seconds=SETTLE_S)

    def _end_unheard(self, opening: Opening, at: datetime) -> None:
        """The door is opened anew at `at`: the word of its closing was lost, and it was closed then at the latest. What
        it is opened by now was not for this opening."""
        closed_at = opening.closed_at = at - timedelta(seconds=PASS_S)
        opening.grants = [
            one
            for one in opening.grants
            if one.is_key or (one.at <= closed_at and not self._unlocked_since(opening, one.at, one.until, at))
        ]
        for release in [r for r in opening.releases if self._unlocked_since(opening, r.at, r.until, at)]:
            opening.releases.remove(release)
            release.is_used = False

    def _begin(self, event: Event, closed_at: datetime | None = None, closed_id: str | None = None) -> list[Outcome]:
        """It was opened; and has been closed since, where that was heard first."""
        opening = self.opening = Opening(
            event.id, event.at, closed_at=closed_at, closed_id=closed_id, watched_from=event.at,
            uncounted=self._uncounted(),
        )  # fmt: skip
        self.is_open = closed_at is None
        self._collect(opening)
        slack = timedelta(seconds=SETTLE_S)
        free = self.stands_open_to_all(event.at)
        opening.is_free = bool(free)
        lasts = timedelta(seconds=self.door.release_time_s) + slack
        asked = [at for at in self._exits if event.at <= at + lasts and (closed_at is None or at <= closed_at)]
        opening.by_exit = bool(asked)
        self._take_up_unused(opening)
        valid = [g for g in self._grants if not g.is_key and self._may_use(opening, g)]
        opening.grants = valid
        judged_at = self._judged_at(opening)  # what came later let nobody open it, however late that is heard
        unlocking = [g for g in valid if g.at < judged_at]
        if unlocking:
            unlocking[0].is_key = True
        opening.releases = [r for r in self._releases if not r.is_used and self._may_use(opening, r)]
        for release in opening.releases:
            release.is_used = True
        if self.is_shunted(event.at):
            opening.watched_from = self._shunted_until
        released = any(release.at < judged_at for release in opening.releases)
        let_through = "release" if released else "exit" if any(at < judged_at for at in asked) else ""
        opening.because = "grant" if unlocking else free or let_through
        outcomes: list[Outcome] = [one for g in valid for one in self._pass(g, max(g.at, event.at))]
        return outcomes + self._unread(opening) + self._doubt(event.at)

    def _take_up_unused(self, opening: Opening) -> None:
        """Grants that were said to be unused, and were not: the opening was heard too late."""
        for grant in self._grants:
            if grant.is_unused and not grant.is_refuted and self._may_use(opening, grant):
                grant.is_unused = grant.has_passed = grant.is_key = False

    def _unread(self, opening: Opening) -> list[Outcome]:
        """Ways that took no credential: somebody may have gone that way, and nobody knows who."""
        outside, inside = self.door.areas
        ways: list[Outcome] = []
        if opening.is_free or not self.door.has_reader_into(outside) or opening.by_exit:
            ways.append(Unread(opening.opened_at, inside, outside))
        if opening.is_free or self._let_one_in(opening) or not self.door.has_reader_into(inside):
            ways.append(Unread(opening.opened_at, outside, inside))
        return ways

    def _collect(self, opening: Opening) -> None:
        """Crossings that were heard before the opening: those just before it, by the contact's clock.

        Where the contact told of it so late that more have crossed, all until it was closed, once that is heard.
        """
        until = (opening.closed_at or opening.opened_at) + timedelta(seconds=PASS_S)
        known = {one.event_id for one in opening.crossings}
        for crossing in self._recent:
            if crossing.event_id not in known and crossing.at <= until and opening.may_hold(crossing.at, PASS_S):
                opening.cross(crossing)
        opening.crossings.sort(key=lambda one: one.at)

    def _closed(self, event: Event) -> list[Outcome]:
        opening = self.opening
        if opening is None:
            self.is_open = False
            return self._closed_unopened(event)
        known_at, known_id = opening.closed_at, opening.closed_id
        if known_at is not None and known_id is not None and opening.opened_at <= event.at < known_at:
            self._unopened.append((known_at, known_id))  # of another opening, or only said again
        elif known_at is not None or event.at < opening.opened_at:
            return []
        self.is_open = False
        opening.close(event.at, event.id, PASS_S)
        self._collect(opening)
        return self._doubt(event.at)

    def _closed_unopened(self, event: Event) -> list[Outcome]:
        """Its opening is late, or lost. Who asked to go through just before has gone; of others nothing is known: a
        controller that was connected anew says again that it is closed."""
        self._unopened.append((event.at, event.id))
        longest = timedelta(seconds=self.door.open_time_s)
        if self._exit_until is None or event.at > self._exit_until + longest:
            return []
        free = bool(self.stands_open_to_all(event.at))
        return self._unread(Opening(event.id, event.at, is_free=free, by_exit=True))

    def _locked(self, event: Event) -> list[Outcome]:
        self.unlocked_at = None
        return []

    def _unlocked(self, event: Event) -> list[Outcome]:
        """Unlocked for a grant it is released; otherwise it stands unlocked."""
        released = self._exit_until is not None and event.at <= self._exit_until
        let_in: list[Grant | Release] = [*self._grants, *self._releases]
        released = released or any(one.at <= event.at <= one.until for one in let_in)
        if not released:
            self._stand_unlocked(event.at)
        return []

    def _stand_unlocked(self, at: datetime) -> None:
        self.unlocked_at = at
        if self.opening is not None and self.opening.closed_at is None:
            self.opening.is_free = True
            self.opening.because = self.opening.because or "unlocked"

    def _mode_changed(self, event: Event) -> list[Outcome]:
        self.mode = str(event.data.get("mode", ""))
        if self.mode in OPEN_MODES:
            self._stand_unlocked(event.at)
        elif self.mode != "Accessed":
            self.unlocked_at = None
        return []

    def _alarmed(self, event: Event) -> list[Outcome]:
        self.own_alarm, self.own_alarm_at = str(event.data.get("alarm", "")), event.at
        return []

    def _is_confirmed(self, opening: Opening, alarm: str) -> bool | None:
        """Whether the controller itself says so; None when it has never told an alarm, nor that there is none."""
        if self.own_alarm_at is None:
            return None
        return self.own_alarm == alarm and self.own_alarm_at >= opening.opened_at - timedelta(seconds=PASS_S)

    def _wait_s(self, opening: Opening, alarm: str) -> float:
        """For how long its word is waited for."""
        return CONFIRM_S if self._is_confirmed(opening, alarm) is False else 0.0

    def _contradicted(self, opening: Opening, alarm: str) -> dict[str, Json]:
        return {"contradicted": True} if self._is_confirmed(opening, alarm) is False else {}

    def _tampered(self, event: Event) -> list[Outcome]:
        self.is_tampered = event.data.get("active") is True
        return []

    def _shunted(self, event: Event) -> list[Outcome]:
        for_s = event.data.get("for_s")
        lasts_s = float(for_s) if isinstance(for_s, int | float) and for_s > 0 else 30 * 86_400.0
        self._shunted_until = event.at + timedelta(seconds=min(lasts_s, 30 * 86_400.0))
        if self.opening is not None and self.opening.closed_at is None:
            self.opening.is_free = True
            self.opening.because = self.opening.because or "shunt"
            self.opening.watched_from = self._shunted_until
        return []

    def _unshunted(self, event: Event) -> list[Outcome]:
        self._shunted_until = None
        if self.opening is not None and self.opening.closed_at is None:
            self.opening.watched_from = event.at
        return []

    # -- what time brings

    def due_at(self) -> datetime | None:
        """When `tick` has something to do next."""
        unused = min((g.until for g in self._grants if not g.has_passed), default=None)
        moments = [] if unused is None else [unused + UNUSED_AFTER]
        moments += [judged.until for judged in self._judged]
        if self.opening is not None:
            moments += self._opening_due(self.opening)
        return min(moments, default=None)

    def _opening_due(self, opening: Opening) -> list[datetime]:
        moments: list[datetime] = []
        if opening.because == "":
            moments.append(self._judged_at(opening))
        if opening.unsure_until is not None:
            moments.append(opening.unsure_until)
        if opening.closed_at is not None:
            moments.append(self._settles_at(opening, opening.closed_at))
        elif opening.watched_from is not None:
            moments.append(opening.watched_from + timedelta(seconds=self._next_limit_s(opening)))
        return moments

    def _judged_at(self, opening: Opening) -> datetime:
        """When an opening without a reason counts as forced."""
        return opening.opened_at + timedelta(seconds=SETTLE_S + self._wait_s(opening, FORCED))

    def _settles_at(self, opening: Opening, closed_at: datetime) -> datetime:
        """After a bounce, after late crossings, and, when that would tell, after the controller's "not taken"."""
        settled = closed_at + timedelta(seconds=max(BOUNCE_S, PASS_S if self.counts_people else 0.0))
        if opening.crossings:  # the last may belong to an opening that is about to be told
            settled = max(settled, opening.crossings[-1].at + timedelta(seconds=PASS_S))
        if self.counts_people and any(g.told_by == "controller" for g in opening.grants):
            untold = [g.until for g in opening.grants if g.told_by == "door" and not g.is_refuted]
            settled = max([settled, *(u + timedelta(seconds=SETTLE_S) for u in untold)])
        return settled

    def _limit_s(self, opening: Opening) -> float:
        longer = any(g.needs_longer for g in opening.grants)
        return self.door.extended_open_time_s if longer else self.door.open_time_s

    def _next_limit_s(self, opening: Opening) -> float:
        limit_s = self._limit_s(opening)
        if opening.alarm == "propped":
            return 365 * 86_400.0
        if opening.alarm == "held":
            return limit_s + self.door.propped_after_s
        if self.door.pre_alarm_time_s and not opening.has_warned:
            return limit_s - self.door.pre_alarm_time_s
        return limit_s + self._wait_s(opening, HELD)

    def tick(self, at: datetime) -> list[Outcome]:
        """It is `at`: everything that was due by then, in order."""
        outcomes: list[Outcome] = []
        while (due := self.due_at()) is not None and due <= at:
            outcomes += self._expire(due) + self._tell_judged(due)
            if self.opening is not None:
                outcomes += self._proceed(self.opening, due)
        return outcomes

    def _expire(self, at: datetime) -> list[Outcome]:
        """Grants that nobody used; forgets those that are long over."""
        outcomes: list[Outcome] = []
        while self._grants and self._grants[0].has_passed and self._grants[0].at + self._longest() < at:
            self._grants.popleft()
        for grant in list(self._grants):
            if grant.has_passed or grant.until + UNUSED_AFTER > at:
                continue
            grant.has_passed = grant.is_key = grant.is_unused = True
            if self.door.has_sensor and self.is_online:
                reason = f"Let in, and {self.door.name} was not opened within {self.door.release_time_s:g} s"
                place, rests = ("doors", self.door.id), (grant.event_id,)
                outcomes.append(
                    Conclusion(
                        "access.unused", grant.until, place, reason, rests, grant.who.data, "", grant.who.subject
                    )
                )
        return outcomes

    def _proceed(self, opening: Opening, at: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = []
        if opening.because == "" and self._judged_at(opening) <= at:
            outcomes += self._force(opening)
        if opening.unsure_until is not None and opening.unsure_until <= at:
            opening.unsure_until = None
            self._judge_excess(opening)
        if opening.closed_at is not None:
            if self._settles_at(opening, opening.closed_at) <= at:
                outcomes += self._settle(opening, opening.closed_at)
        elif opening.watched_from is not None:
            outcomes += self._hold(opening, opening.watched_from, at)
        return outcomes

    def _force(self, opening: Opening) -> list[Outcome]:
        opening.because, opening.alarm = "forced", "forced"
        reason = f"{self.door.name} was opened with no grant, no request to exit and no shunt"
        told = self._contradicted(opening, FORCED)
        return [self._say("door.forced", opening.opened_at, reason, (opening.event_id,), told)]

    def _hold(self, opening: Opening, since: datetime, at: datetime) -> list[Outcome]:
        due = since + timedelta(seconds=self._next_limit_s(opening))
        if due > at:
            return []
        if self.stands_open_to_all(due):
            opening.watched_from = due  # looked at again when the time has passed once more
            return []
        open_s = round((due - opening.opened_at).total_seconds(), 3)
        told: dict[str, Json] = {"open_s": open_s, **self._contradicted(opening, HELD)}
        rests = (opening.event_id, *(g.event_id for g in opening.grants))
        key = f"{opening.event_id}|{(since - opening.opened_at).total_seconds():g}"  # holds however the clock is set
        limit_s = self._limit_s(opening)
        if opening.alarm == "held":
            opening.alarm = "propped"
            reason = f"{self.door.name} has stood open for {_span(open_s)}: somebody must have fixed it"
            return [self._say("door.propped", due, reason, rests, told, key)]
        if self.door.pre_alarm_time_s and not opening.has_warned:
            opening.has_warned = True
            reason = f"{self.door.name} has been open for {_span(open_s)} and may be for {_span(limit_s)}"
            return [self._say("door.hold_warned", due, reason, rests, {"open_s": open_s}, key)]
        opening.alarm = "held"
        if not self.uncounted():
            told["people"] = sum(opening.people())
        holder = next((g.who.holder_id for g in reversed(opening.grants)), None)
        told["holder_id"] = holder
        reason = f"{self.door.name} has been open for {_span(open_s)}; {_span(limit_s)} are allowed"
        return [self._say("door.held", due, reason, rests, told, key)]

    def _settle(self, opening: Opening, closed_at: datetime) -> list[Outcome]:
        """The opening is over: who went through, and how it ended."""
        self._judge_excess(opening)
        self._judge_undone(opening, closed_at)
        open_s = round((closed_at - opening.opened_at).total_seconds(), 3)
        outcomes: list[Outcome] = [self._used(opening, closed_at, open_s)]
        if opening.alarm:
            told: dict[str, Json] = {"alarm": opening.alarm, "open_s": open_s}
            reason = f"{self.door.name} is closed again after {_span(open_s)}"
            outcomes.append(self._say("door.secured", closed_at, reason, opening.rests_on(), told, opening.event_id))
        self.opening = None
        until = closed_at + timedelta(seconds=PASS_S)  # who crossed later may have gone through the next
        self._recent = deque((one for one in self._recent if one.at > until), maxlen=MAX_RECENT_CROSSINGS)
        return outcomes

    def _used(self, opening: Opening, closed_at: datetime, open_s: float) -> Conclusion:
        outside, inside = self.door.areas
        users_in, users_out = len(opening.users(inside)), len(opening.users(outside))
        told: dict[str, Json] = {"open_s": open_s, "because": opening.because or "forced"}
        told |= {"credentials_in": users_in, "credentials_out": users_out}
        if opening.releases:
            told["releases"] = len(opening.releases)
        uncounted = self.uncounted()
        if uncounted:
            told["uncounted"] = uncounted
            people = f"nobody counted the people: {uncounted[0].lower()}{uncounted[1:]}"
        else:
            told["people_in"], told["people_out"] = went = opening.people()
            people = _ways(went, "person went", "people went") or "nobody went through"
        used = _ways((users_in, users_out), "credential was used to go", "credentials were used to go")
        reason = f"{used or 'No credential was used'}; {people}"
        return self._say("door.used", closed_at, reason, opening.rests_on(), told, opening.event_id)

    # -- tailgating

    def _doubt(self, at: datetime) -> list[Outcome]:
        """More people than credentials: tell it when no badge has come FOLLOW_S later, also where not all were seen."""
        opening = self.opening
        if opening is None:
            return []
        more = any(e.more > opening.told_excess.get(e.direction, 0) for e in excess_of(opening, self.door))
        if not more:
            opening.unsure_until = None
        elif opening.unsure_until is None:
            opening.unsure_until = at + timedelta(seconds=FOLLOW_S)
        return []

    def _judge_excess(self, opening: Opening) -> None:
        """It stands, unless it comes out within MOVE_TOLD_S that the camera was being moved then."""
        self._judge(opening, excess_of(opening, self.door))

    def _judge_undone(self, opening: Opening, closed_at: datetime) -> None:
        """Who followed and went back has not gone; unless it comes out as late that it was the picture that went back:
        then it is told of the others who crossed."""
        since = closed_at - timedelta(seconds=MOVE_TOLD_S)
        for crossing in opening.crossings[:-1]:
            if crossing.at >= since:
                self._judge(opening, excess_of(opening.until(crossing.at), self.door))

    def _judge(self, opening: Opening, found: list[Excess]) -> None:
        for excess in found:
            told = opening.told_excess.get(excess.direction, 0)
            if excess.more <= told:
                continue
            opening.told_excess[excess.direction] = excess.more
            until = opening.crossings[-1].at + timedelta(seconds=MOVE_TOLD_S)
            self._judged.append(Judged(opening.as_judged(), excess.direction, told, until))

    def _tell_judged(self, at: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for judged in [one for one in self._judged if one.until <= at]:
            self._judged.remove(judged)
            followed = judged.opening.followed
            for excess in excess_of(judged.opening, self.door):
                told = (excess.direction, excess.more)
                if excess.direction != judged.direction or excess.more <= judged.told or told in followed:
                    continue
                followed.add(told)
                outcomes.append(self._tailgated(judged.opening, excess))
        return outcomes

    def _tailgated(self, opening: Opening, excess: Excess) -> Conclusion:
        step = 1 if excess.direction == "in" else -1
        crossed = [c for c in opening.crossings if c.step == step]
        who = excess.users[-1] if excess.users else Who(None, None)
        threshold = self.door.threshold
        told: dict[str, Json] = {
            "direction": excess.direction,
            "people": excess.people,
            "credentials": len(excess.users),
            "camera_id": None if threshold is None else threshold.camera_id,
            **who.data,
        }
        used = {0: "no credential was", 1: "one credential was"}.get(
            len(excess.users), f"{len(excess.users)} credentials were"
        )
        reason = f"{excess.people} people went {excess.direction} through {self.door.name}, and {used} used"
        if excess.released:
            reason += f"; {excess.released} had been let through without one"
        if not excess.users and opening.by_exit and opening.people()[1]:
            reason += ", while somebody left"
        let_in = (*(g.event_id for g in opening.grants), *(r.event_id for r in opening.releases))
        rests = (opening.event_id, *let_in, *(c.event_id for c in crossed))
        key = f"{opening.event_id}|{excess.direction}|{excess.more}"
        place = ("doors", self.door.id)
        return Conclusion("access.tailgated", crossed[-1].at, place, reason, rests, told, key, who.subject)

    # -- saying so

    def _pass(self, grant: Grant, at: datetime) -> list[Outcome]:
        if grant.has_passed:
            return self._doubt(at)
        grant.has_passed = True
        passage = self._passage(grant, at)
        told: dict[str, Json] = {
            **grant.who.data,
            "from_area": passage.from_area,
            "into_area": passage.into_area,
            "told_by": grant.told_by,
        }
        reason = "The controller says so" if grant.told_by == "controller" else "The door opened after the grant"
        place, rests = ("doors", self.door.id), (grant.event_id,)
        said = Conclusion("access.passed", at, place, reason, rests, told, "", grant.who.subject)
        return [said, passage, *self._doubt(at)]

    def _passage(self, grant: Grant, at: datetime, *, is_undone: bool = False) -> Passage:
        from_area = self.door.other_side(grant.into)
        return Passage(at, self.door.id, from_area, grant.into, grant.who, grant.event_id, is_undone)

    def _say(
        self,
        type_: str,
        at: datetime,
        reason: str,
        rests_on: tuple[str, ...],
        data: dict[str, Json] | None = None,
        key: str = "",
    ) -> Conclusion:
        return Conclusion(type_, at, ("doors", self.door.id), reason, rests_on, data or {}, key)


def who_of(event: Event, plan: AccessPlan) -> Who:
    """Whose credential an event is about: as it says, or as the site file knows the number."""
    number, holder_id = _text(event, "credential"), _text(event, "holder_id")
    if holder_id is None and number is not None:
        known = plan.credential(number)
        holder_id = known[0].id if known is not None else None
    return Who(holder_id, number)


def into_of(event: Event, door: Door) -> str:
    """The area the reader leads into; where none is named, the direction, or the door's only reader, tells."""
    reader_id, direction = _text(event, "reader_id"), _text(event, "direction")
    named = next((r.into for r in door.readers if r.id == reader_id), None)
    if named is not None:
        return named
    if direction in ("in", "out"):
        return door.areas[1] if direction == "in" else door.areas[0]
    intos = {r.into for r in door.readers}
    return intos.pop() if len(intos) == 1 else door.areas[1]


def _text(event: Event, name: str) -> str | None:
    value = event.data.get(name)
    return value if isinstance(value, str) and value else None


def _near(one: datetime, other: datetime, within_s: float) -> bool:
    return abs((one - other).total_seconds()) <= within_s


def _ways(counts: tuple[int, int], one: str, more: str) -> str:
    """ "1 person went in and 2 out", "2 people went out"; "" where nobody did."""
    ways = [(count, way) for count, way in zip(counts, ("in", "out"), strict=True) if count]
    if not ways:
        return ""
    (count, way), *rest = ways
    return " and ".join([f"{count} {one if count == 1 else more} {way}", *(f"{n} {other}" for n, other in rest)])


def _span(seconds: float) -> str:
    """ "45 s", "2 min 30 s"."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
