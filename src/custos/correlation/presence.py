"""Someone in this zone outside these hours, for longer than N seconds.

    update(event) -> list[Signal]     advance(at) -> list[Signal]

A visit is one unbroken stay of one subject in one zone: from `zone.entered` to the `zone.left` that belongs
to it (its `dwell_s` reaches back to the entering). Five visits of two seconds are five visits, never one of
ten seconds.

    (coming) --a: zone.entered--> (inside) --b: zone.left--> (gone)
    (inside) --c: track.ended, camera.lost, camera.connected, another session of the camera, the subject's
                  next visit--> (unseen) --b--> (gone)

A visit speaks when it has lasted long enough outside the hours, then every minute while it goes on ("still
there"), and once when it is over. What it says depends on its events alone, not on when or in what order we
heard of them: (b) says at once what the whole visit says; `advance` says it as time passes, LATE_S behind,
because a `zone.left` that is on its way must be heard first. Of an unseen visit nobody knows how long it
lasted: it says no more, unless (b) comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from custos.correlation.hours import spans_outside
from custos.correlation.visits import Due, Place, Visit, Visits, entered_at
from custos.model.detections import class_ids, class_name
from custos.model.event import Event, Signal
from custos.model.site import PresenceRule, Site

LATE_S = 2.0
"""A `zone.left` may come this long after its time without making a visit look longer than it was."""
STILL_THERE_S = 60.0
MAX_STAY = timedelta(hours=48)
"""Nobody stays longer: the `zone.left` never came."""
MAX_VISITS = 2000
MAX_SESSIONS = 100


class PresenceTracker:
    """One presence rule and the visits to its zones. Bounded; the same events make the same signals."""

    def __init__(self, rule: PresenceRule, site: Site) -> None:
        self.rule_id = rule.id
        self._rule = rule
        self._site = site
        self._zone_names: dict[tuple[str, str], str] = {
            (c.id, z.id): f"“{z.name}” ({c.name})"
            for c in site.cameras
            for z in c.zones
            if c.enabled and (c.id, z.id) in rule.zones
        }
        self._cameras = {camera_id for camera_id, _ in self._zone_names}
        self._class_names = {class_name(class_id) for class_id in class_ids(rule.classes)}
        self._visits = Visits(MAX_VISITS)
        self._sessions: dict[str, dict[str, None]] = {}

    @property
    def remembered(self) -> int:
        """How many visits, and ends of visits that are still to come, it keeps in mind."""
        return len(self._visits)

    def update(self, event: Event) -> list[Signal]:
        """What the event brings to light. Doubles, strangers and malformed events do nothing."""
        camera_id = event.camera_id
        if event.site_id != self._site.id or camera_id is None or camera_id not in self._cameras:
            return []
        place = Place(camera_id, _text(event, "zone_id"), event.subject)
        if event.type == "zone.entered":
            return self._enter(event, place)
        if event.type == "zone.left":
            return self._leave(event, place)
        if event.type == "track.ended":
            self._visits.lose(lambda v: v.place.camera_id == camera_id and v.place.subject == event.subject, event.at)
        elif event.type in ("camera.lost", "camera.connected"):
            self._visits.lose(lambda v: v.place.camera_id == camera_id and v.entered.at <= event.at, event.at)
        return []

    def advance(self, at: datetime) -> list[Signal]:
        """What visits that go on have to say by now; forgets what is long over."""
        heard_until = at - timedelta(seconds=LATE_S)
        signals = [s for visit in self._visits.going() for s in self._speak(visit, heard_until)]
        self._visits.forget(at, longest=2 * MAX_STAY)
        return sorted(signals, key=lambda s: s.at)

    def _enter(self, event: Event, place: Place) -> list[Signal]:
        is_watched = (place.camera_id, place.zone_id) in self._zone_names
        if event.id in self._visits or not is_watched or _text(event, "class") not in self._class_names:
            return []
        self._notice_session(event, place.camera_id)
        self._follow(place, event.at)
        plan = self._plan(event.at)
        visit = Visit(event, place, plan, next(plan, None))
        left = self._visits.begin(visit)
        return self._speak(visit, event.at) if left is None else self._close(visit, left)

    def _leave(self, event: Event, place: Place) -> list[Signal]:
        if (place.camera_id, place.zone_id) not in self._zone_names:
            return []
        visit = self._visits.of_end(event, place)
        if visit is not None:
            return self._close(visit, event) if visit.left_at is None else []
        began_at = entered_at(event)
        if began_at is not None:
            self._visits.keep_end(event, place)
            self._follow(place, began_at)
        return []

    def _close(self, visit: Visit, left: Event) -> list[Signal]:
        """Everything the visit has to say that has not been said, and that it is over."""
        self._visits.end(visit, left.at)
        signals = self._speak(visit, left.at, left)
        if visit.has_spoken:
            dwell = _duration((left.at - visit.entered.at).total_seconds())
            signals.append(self._signal(visit, left.at, "left", (f"Left after {dwell}",), left, opens=False))
        return signals

    def _follow(self, place: Place, began_at: datetime) -> None:
        """Who enters at `began_at` is no longer on an earlier visit."""
        self._visits.lose(lambda v: v.place == place and v.entered.at < began_at, began_at)

    def _notice_session(self, event: Event, camera_id: str) -> None:
        """A camera that starts anew gives its tracks a new session: what the old one saw is over."""
        session = _session(event.subject)
        known = self._sessions.setdefault(camera_id, {})
        if session in known:
            return
        known[session] = None
        if len(known) > MAX_SESSIONS:
            del known[next(iter(known))]
        self._visits.lose(
            lambda v: (
                v.place.camera_id == camera_id and v.entered.at <= event.at and _session(v.place.subject) != session
            ),
            event.at,
        )

    def _plan(self, entered_at: datetime) -> Iterator[Due]:
        """When a visit that goes on speaks: LONGER into each span outside the hours, then again and again."""
        n, last = 0, entered_at + MAX_STAY
        every = timedelta(seconds=max(5.0, min(STILL_THERE_S, self._rule.group_gap_s / 2)))
        for span in spans_outside(self._rule.expected, entered_at):
            at, opens = span.start + timedelta(seconds=self._rule.longer_than_s), True
            while at <= last and (span.end is None or at < span.end):
                yield Due(at, n, span.start, opens)
                at, opens, n = at + every, False, n + 1
            if span.end is None or span.end > last:
                return

    def _speak(self, visit: Visit, until: datetime, because: Event | None = None) -> list[Signal]:
        signals: list[Signal] = []
        while visit.due is not None and visit.due.at <= until:
            due = visit.due
            signals.append(self._signal(visit, due.at, str(due.n), self._reasons(visit, due), because, opens=due.opens))
            visit.due, visit.has_spoken = next(visit.plan, None), True
        return signals

    def _reasons(self, visit: Visit, due: Due) -> tuple[str, ...]:
        stay = _duration((due.at - visit.entered.at).total_seconds())
        if not due.opens:
            return (f"Still there after {stay}",)
        rule, zone = self._rule, ZoneInfo(self._site.time_zone)
        who = _text(visit.entered, "class").capitalize()
        where = self._zone_names[(visit.place.camera_id, visit.place.zone_id)]
        reasons = [f"{who} in {where} since {visit.entered.at.astimezone(zone):%H:%M:%S}"]
        if rule.expected is None:
            reasons.append("Nobody is expected there at any hour")
        elif due.counted_from > visit.entered.at:
            reasons.append(f"The expected hours ended at {due.counted_from.astimezone(zone):%H:%M}")
        else:
            reasons.append("Outside the expected hours")
        if rule.longer_than_s:
            reasons.append(f"Longer than {_duration(rule.longer_than_s)}")
        return tuple(reasons)

    def _signal(
        self,
        visit: Visit,
        at: datetime,
        n: str,
        reasons: tuple[str, ...],
        because: Event | None,
        *,
        opens: bool,
    ) -> Signal:
        rule, entered = self._rule, visit.entered
        name = "|".join((rule.id, entered.subject or "", visit.place.camera_id, visit.place.zone_id, entered.id, n))
        allowed_s = max(rule.longer_than_s, 1.0)
        stay_s = max((at - entered.at).total_seconds(), allowed_s)
        return Signal(
            id="sig-" + sha256(name.encode()).hexdigest()[:32],
            rule_id=rule.id,
            at=at,
            site_id=self._site.id,
            camera_id=visit.place.camera_id,
            zone_id=visit.place.zone_id,
            subject=entered.subject,
            title=rule.title,
            severity=rule.severity.value,
            score=round(1 - 0.5 * allowed_s / stay_s, 3),
            reasons=reasons,
            event_ids=(entered.id,) if because is None else (entered.id, because.id),
            group=f"{rule.id}/{visit.place.camera_id}/{visit.place.zone_id}",
            group_gap_s=rule.group_gap_s,
            opens=opens,
        )


def _text(event: Event, name: str) -> str:
    value = event.data.get(name)
    return value if isinstance(value, str) else ""


def _session(subject: str | None) -> str:
    """Of "tracks/<camera>-<session>-<n>" everything before the number."""
    return (subject or "").rpartition("-")[0]


def _duration(seconds: float) -> str:
    """In words: "4 s", "2 min 10 s", "3 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == int(seconds) else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = whole // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
