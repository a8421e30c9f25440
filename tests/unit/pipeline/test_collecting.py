"""What is collected when an incident opens: at once what was, seconds later what came, and never again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.correlation.definition import Correlation, Kind, Pattern, RuleDefinition
from custos.incidents.context import AFTER_S
from custos.model.context import Collected, IncidentContext
from custos.model.errors import CustosError
from custos.model.event import Event, Incident, IncidentState, Json, Picture
from custos.model.live import CameraState
from custos.model.site import Site
from custos.pipeline.collecting import JOINED_S, SWEEP_S, WORKERS_S, ContextCollector
from custos.pipeline.context import DOOR_EVENTS, ContextFacts
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Commit, IncidentQuery
from custos.pipeline.premises import Premises
from custos.testing.cameras import ScriptedCameras
from custos.testing.clock import ManualClock
from custos.testing.devices import until
from custos.testing.premises import START, DoorEvents, at, site
from custos.testing.store import InMemoryStore

FORCED_S = 60.0
"""When the incident opens, in seconds from START."""
RULE = RuleDefinition(
    "door-forced", "Door forced", "high", "stable", "A door was forced.", "{door}", ("A key was used.",),
    {"forced": Pattern("forced", ("door.forced",))}, Correlation(Kind.EVENT, ("forced",)),
)  # fmt: skip


def incident(event_ids: tuple[str, ...], number: int = 1, seconds: float = FORCED_S) -> Incident:
    return Incident(
        id=f"inc-{number}",
        number=number,
        site_id="hq",
        title="Door forced",
        severity="high",
        risk=70,
        state=IncidentState.OPEN,
        opened_at=at(seconds),
        updated_at=at(seconds),
        group=f"door-forced/front-{number}",
        rule_id="door-forced",
        camera_id=None,
        zone_id=None,
        event_ids=event_ids,
        signal_ids=(),
        subjects=(),
        reasons=(),
        timeline=(),
    )


@dataclass
class Scene:
    """A site at a moment, its hub, and its collector; time passes only as the collector sleeps."""

    here: Site = field(default_factory=site)
    clock: ManualClock = field(default_factory=lambda: ManualClock(at(FORCED_S)))
    store: InMemoryStore = field(default_factory=InMemoryStore)
    bus: InProcessBus = field(default_factory=InProcessBus)
    cameras: ScriptedCameras = field(default_factory=ScriptedCameras)
    slept: list[float] = field(default_factory=list)
    sweeps: int = 1000
    """So often are incidents looked for that were left over."""
    passing: Callable[[], None] = lambda: None
    """What happens while time passes."""

    def __post_init__(self) -> None:
        self.hub = Hub("hq", self.store, self.bus, tuple, make_consumers=lambda: build_access(self.here), new_id=str)
        self.hub.start(at(0))
        self.cameras.states_told = {"lobby": CameraState("lobby", "connected", START)}
        self.restart()

    def restart(self) -> None:
        """A collector that knows of nothing but what is stored."""
        facts = ContextFacts(self.store, Premises(self.hub, self.clock), lambda: self.here, lambda: [RULE])
        self.collector = ContextCollector(
            self.store, self.bus, facts, self.cameras, site=lambda: self.here, clock=self.clock, sleep=self._sleep
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
        self.passing()
        self.sweeps -= seconds == SWEEP_S
        is_over = seconds == SWEEP_S and not self.sweeps
        await (asyncio.Event().wait() if is_over else asyncio.sleep(0))

    def show(self, *seconds: float, camera_id: str = "lobby") -> None:
        """The camera keeps pictures of these times."""
        kept = self.cameras.kept.setdefault(camera_id, [])
        kept += [Picture("recalled", camera_id, at(s), f"jpeg {s:g}".encode()) for s in seconds]

    def opens(self, *events: Event) -> Incident:
        self.hub.accept(events)
        opened = incident(tuple(e.id for e in events[-1:]))
        self.store.commit(Commit(incidents=[opened]))
        return opened

    def joins(self, opened: Incident, event: Event) -> None:
        """The incident goes on, and nobody is told."""
        self.hub.accept([event])
        went_on = replace(opened, event_ids=(*opened.event_ids, event.id), updated_at=event.at, version=2)
        self.store.commit(Commit(incidents=[went_on]))

    def found(self, about: str) -> list[str]:
        return [one.id for one in self.store.incidents("hq", IncidentQuery(about=about)).items]

    def collect(self, incident_id: str = "inc-1") -> IncidentContext | None:
        asyncio.run(self.collector.collect(incident_id))
        return self.store.context("hq", incident_id)


def taken(context: IncidentContext) -> list[float]:
    return [(shot.at - START).total_seconds() for strip in context.strips for shot in strip.shots]


def test_an_incident_that_is_not_there_has_no_context() -> None:
    assert Scene().collect("inc-9") is None


def test_an_incident_of_nothing_has_a_context_that_says_so() -> None:
    scene = Scene()
    scene.store.commit(Commit(incidents=[incident(())]))
    found = scene.collect()
    assert found is not None
    assert (found.state, found.places, found.strips, found.logs, found.people) == (Collected.DONE, (), (), (), ())
    assert found.cause.false_positives == ("A key was used.",)


def test_the_whole_picture() -> None:
    scene, door = Scene(), DoorEvents()
    scene.show(50, 52, 56, 60, 64, 68, 72)
    scene.opens(
        door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.closed(4), door.say("door.forced", 60)
    )
    scene.hub.advance(at(FORCED_S))  # since a start, doors hear nothing that lies ahead of the time they are told
    found = scene.collect()
    assert found is not None
    assert found.state is Collected.DONE
    assert [p.place for p in found.places] == ["doors/front", "areas/office"]
    assert taken(found) == [52, 56, 60, 64, 68]
    front, *_ = found.logs
    assert front.of == "doors/front"
    assert {"front-1", "front-2", "front-4", "front-5"} <= set(front.event_ids)
    assert front.event_ids[0] == "front-5", "the newest first"
    [office] = found.people
    assert [one.holder_id for one in office.inside] == ["ada"]
    shot = found.strips[0].shots[0]
    snapshot = scene.store.snapshot("hq", "inc-1", shot.snapshot_id)
    assert snapshot is not None
    assert (snapshot.jpeg, snapshot.at) == (b"jpeg 52", at(52))


def test_what_was_before_is_there_at_once_and_what_came_after_joins_it() -> None:
    scene, door = Scene(), DoorEvents()
    scene.show(52, 60)
    opened = scene.opens(door.say("door.forced", 60))
    seen: list[tuple[Collected, list[float]]] = []

    def later() -> None:
        before = scene.store.context("hq", opened.id)
        assert before is not None
        seen.append((before.state, taken(before)))
        scene.show(64)
        scene.hub.accept([door.closed(66)])

    scene.passing = later
    found = scene.collect()
    assert found is not None
    assert seen == [(Collected.BEGUN, [52, 60])]
    assert taken(found) == [52, 60, 64]
    assert found.logs[0].event_ids[0] == door.told[-1].id
    assert sum(scene.slept) >= AFTER_S


def test_an_incident_of_some_time_ago_waits_for_nothing() -> None:
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60))), DoorEvents()
    scene.show(52, 68)
    scene.opens(door.say("door.forced", 60))
    found = scene.collect()
    assert found is not None
    assert (taken(found), scene.slept) == ([52, 68], [])


def test_a_device_whose_clock_runs_ahead_does_not_keep_its_incident_waiting() -> None:
    """Symptom: an incident of a door whose clock was twenty minutes fast was collected twenty minutes later."""
    scene, door = Scene(clock=ManualClock(at(FORCED_S - 1200))), DoorEvents()
    scene.opens(door.say("door.forced", 60))
    found = scene.collect()
    assert found is not None
    assert found.state is Collected.DONE
    assert sum(scene.slept) < 30


def test_it_does_not_change_afterwards_and_is_told_once() -> None:
    scene, door = Scene(), DoorEvents()
    scene.opens(door.say("door.forced", 60))
    found = scene.collect()
    scene.show(52, 60)
    scene.hub.accept([door.opened(70)])
    scene.restart()
    assert scene.collect() == found
    told = [e for e in scene.store.replay("hq", since=START) if e.type == "incident.collected"]
    assert [(e.id, e.data["pictures"]) for e in told] == [("inc-1.collected", 0)]


def test_a_crash_between_opening_and_collecting_loses_nothing() -> None:
    """Killed after it had begun: the facts of then stay, and what came after is still collected."""
    scene, door = Scene(), DoorEvents()
    scene.show(52, 60)
    scene.opens(door.say("door.forced", 60))

    def killed() -> None:
        raise KeyboardInterrupt

    scene.passing = killed
    try:
        scene.collect()
    except KeyboardInterrupt:
        scene.passing = lambda: None
    begun = scene.store.context("hq", "inc-1")
    assert begun is not None
    assert begun.state is Collected.BEGUN
    scene.show(64)
    scene.restart()
    found = scene.collect()
    assert found is not None
    assert (found.known_at, found.people) == (begun.known_at, begun.people)
    assert taken(found) == [52, 60, 64]


def test_a_worker_that_has_not_called_yet_is_waited_for() -> None:
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60))), DoorEvents()
    scene.opens(door.say("door.forced", 60))
    scene.cameras.states_told["lobby"] = CameraState("lobby", "unserved", START)

    def calls() -> None:
        scene.show(60)
        scene.cameras.states_told["lobby"] = CameraState("lobby", "connected", START)

    scene.passing = calls
    found = scene.collect()
    assert found is not None
    assert taken(found) == [60]


def test_a_camera_that_nobody_serves_is_waited_for_once_and_asked_never() -> None:
    """Symptom: a camera that was switched off cost every incident 16 s, while others' pictures were thinned out."""
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60))), DoorEvents()
    scene.opens(door.say("door.forced", 60))
    scene.show(60)
    scene.cameras.states_told["lobby"] = CameraState("lobby", "unserved", START)
    found = scene.collect()
    assert found is not None
    assert (taken(found), scene.slept) == ([], [1.0] * WORKERS_S)
    scene.cameras.states_told["lobby"] = CameraState("lobby", "disabled", START)
    scene.store.commit(Commit(incidents=[incident(("front-1",), number=2)]))
    found = scene.collect("inc-2")
    assert found is not None
    assert (taken(found), len(scene.slept)) == ([], WORKERS_S)


def test_a_camera_without_a_picture_says_why() -> None:
    scene, door = Scene(), DoorEvents()
    scene.opens(door.say("door.forced", 60))
    scene.cameras.states_told["lobby"] = CameraState("lobby", "lost", START, "refused")
    found = scene.collect()
    assert found is not None
    assert [(s.camera_id, s.missing) for s in found.strips] == [("lobby", "The camera is lost: refused.")]


def test_logs_are_bounded_and_a_holders_is_of_the_day() -> None:
    scene, door = Scene(), DoorEvents()
    yesterday = replace(door.denied(0, "1001"), at=START - timedelta(hours=20))
    scene.hub.accept([yesterday, *(door.denied(n, "1001") for n in range(30))])
    scene.opens(door.denied(60, "1001"))
    found = scene.collect()
    assert found is not None
    front, ada = found.logs
    assert (len(front.event_ids), ada.of) == (DOOR_EVENTS, "holders/ada")
    told = scene.store.events_by_id("hq", ada.event_ids)
    assert told
    assert all(e.at.date() == START.date() and e.subject == "holders/ada" for e in told)


def test_related_incidents_are_earlier_ones_of_the_day_that_share_a_place() -> None:
    scene, door, safe = Scene(), DoorEvents(), DoorEvents("safe")
    events = [door.denied(10, "1001"), safe.denied(20, "1004"), door.denied(61, "1001")]
    scene.hub.accept(events)
    first, other, after = (incident((e.id,), n, s) for e, n, s in zip(events, (2, 3, 4), (10, 20, 61), strict=True))
    old = replace(incident((events[0].id,), 5), opened_at=at(FORCED_S) - timedelta(hours=25))
    scene.store.commit(Commit(incidents=[first, other, after, old]))
    scene.opens(door.denied(60, "1001"))
    found = scene.collect()
    assert found is not None
    assert [(one.number, one.shared) for one in found.related] == [
        (2, ("doors/front", "areas/office", "holders/ada")), (3, ("areas/office",)),
    ]  # fmt: skip


def test_a_store_that_cannot_store_is_asked_again() -> None:
    """Symptom: a full disk at the wrong moment left an incident without its pictures for ever."""
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60))), DoorEvents()
    scene.opens(door.say("door.forced", 60))

    class Full(InMemoryStore):
        """Its disk is full once."""

        refusals = 1

        def commit(self, commit: Commit) -> list[Event]:
            if commit.contexts and self.refusals:
                self.refusals -= 1
                raise CustosError("the disk is full")
            return super().commit(commit)

    full = Full()
    full.__dict__.update(scene.store.__dict__)
    scene.store = full
    scene.restart()

    async def run_until_done() -> None:
        told = scene.bus.subscribe("incident.collected")
        collector = asyncio.create_task(scene.collector.run())
        async with asyncio.timeout(60):
            await anext(told)
        collector.cancel()

    asyncio.run(run_until_done())
    assert SWEEP_S in scene.slept


def test_an_incident_that_opens_is_collected_by_itself() -> None:
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60)), sweeps=1), DoorEvents()

    async def main() -> None:
        swept = asyncio.Event()
        scene.passing = swept.set
        collector = asyncio.create_task(scene.collector.run())
        await swept.wait()  # it has looked for those left over, and looks no more
        told = scene.bus.subscribe("incident.collected")
        opened = scene.opens(door.say("door.forced", 60))
        data: dict[str, Json] = {"incident_id": opened.id}
        scene.bus.publish(Event("o", "incident.opened", opened.opened_at, "/sites/hq/incidents", None, data))
        async with asyncio.timeout(60):
            assert (await anext(told)).data["incident_id"] == opened.id
        collector.cancel()

    asyncio.run(main())


def test_who_joins_an_incident_later_finds_it_as_well() -> None:
    """Symptom: of a badge that was tried at door after door, the second holder's page did not know."""
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60)), sweeps=1), DoorEvents()
    opened = scene.opens(door.denied(60, "1001"))
    scene.collect()
    found = scene.found

    async def main() -> None:
        swept = asyncio.Event()
        scene.passing = swept.set
        collector = asyncio.create_task(scene.collector.run())
        await swept.wait()
        scene.joins(opened, door.denied(70, "1002"))
        data: dict[str, Json] = {"incident_id": opened.id}
        for n in range(2):
            event_at = opened.opened_at
            scene.bus.publish(Event(f"u{n}", "incident.updated", event_at, "/sites/hq/incidents", None, data))
        await until(lambda: bool(found("holders/ben")))
        collector.cancel()

    assert (found("holders/ada"), found("holders/ben")) == ([opened.id], [])
    asyncio.run(main())
    assert found("holders/ada") == found("holders/ben") == [opened.id]
    assert scene.slept.count(JOINED_S) == 1, "a burst is one look"


def test_of_an_incident_that_goes_on_only_what_is_new_is_read_again() -> None:
    """Symptom: every few seconds five hundred events of an incident that goes on for hours were read for the newest."""
    scene, door = Scene(), DoorEvents()
    opened = scene.opens(door.denied(60, "1001"))
    facts = ContextFacts(scene.store, Premises(scene.hub, scene.clock), lambda: scene.here, lambda: [RULE])
    assert facts.about(opened).places == ("doors/front", "areas/office", "holders/ada")
    assert facts.about(opened, set(opened.event_ids)).places == ()
    scene.joins(opened, door.denied(70, "1002"))
    went_on = scene.store.incident("hq", opened.id)
    assert went_on is not None
    assert "holders/ada" not in facts.about(went_on, set(opened.event_ids)).places
    assert "holders/ben" in facts.about(went_on, set(opened.event_ids)).places


def test_who_joins_between_a_crash_and_the_restart_finds_the_incident() -> None:
    """Symptom: begun with Ada, killed, joined by Ben, restarted: it was collected, and Ben's page did not know."""
    scene, door = Scene(), DoorEvents()
    opened = scene.opens(door.denied(60, "1001"))

    def killed() -> None:
        raise KeyboardInterrupt

    scene.passing = killed
    with pytest.raises(KeyboardInterrupt):
        scene.collect()
    scene.joins(opened, door.denied(62, "1002"))
    scene.passing = lambda: None
    scene.restart()
    found = scene.collect()
    assert found is not None
    assert (found.state, found.holders) == (Collected.DONE, ("ada",))
    assert scene.found("holders/ada") == scene.found("holders/ben") == [opened.id]


@pytest.mark.parametrize("newer", [0, 600])
def test_who_joined_before_a_restart_finds_the_incident_after_it(newer: int) -> None:
    """Symptom: stopped within seconds of the event, the hub never looked up whom it had brought along; nor, later, of
    an incident that was not among the five hundred newest."""
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60))), DoorEvents()
    opened = scene.opens(door.denied(60, "1001"))
    context = scene.collect()
    assert context is not None
    others = [incident((), n, FORCED_S + 1) for n in range(2, newer + 2)]
    done = [replace(context, incident_id=one.id, holders=()) for one in others]
    scene.store.commit(Commit(incidents=others, contexts=done))
    scene.joins(opened, door.denied(70, "1002"))
    scene.restart()

    async def main() -> None:
        collector = asyncio.create_task(scene.collector.run())
        await until(lambda: bool(scene.found("holders/ben")))
        collector.cancel()

    assert scene.found("holders/ben") == []
    asyncio.run(main())
    assert scene.found("holders/ben") == [opened.id]


def test_who_joins_while_the_store_cannot_store_finds_the_incident_later() -> None:
    """Symptom: unless the incident went on again, a full disk kept it from whoever had joined."""
    scene, door = Scene(clock=ManualClock(at(FORCED_S + 60))), DoorEvents()

    class Full(InMemoryStore):
        """Its disk is full when it should say whom incidents are about, so many times."""

        refusals = 0

        def commit(self, commit: Commit) -> list[Event]:
            if commit.abouts and self.refusals:
                self.refusals -= 1
                raise CustosError("the disk is full")
            return super().commit(commit)

    opened = scene.opens(door.denied(60, "1001"))
    scene.collect()
    full = Full()
    full.__dict__.update(scene.store.__dict__)
    scene.store = full
    scene.restart()

    async def main() -> None:
        swept = asyncio.Event()
        scene.passing = swept.set
        collector = asyncio.create_task(scene.collector.run())
        await swept.wait()  # it has caught up; what follows it must hear
        scene.joins(opened, door.denied(70, "1002"))
        full.refusals = 2
        data: dict[str, Json] = {"incident_id": opened.id}
        scene.bus.publish(Event("u", "incident.updated", opened.opened_at, "/sites/hq/incidents", None, data))
        await until(lambda: bool(scene.found("holders/ben")))
        collector.cancel()

    asyncio.run(main())
    assert full.refusals == 0, "refused when it was heard of, and when it was made up for"
