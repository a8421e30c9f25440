"""The machine's clock is set while doors and people are waited for: nothing stands still, comes twice, or too soon."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.store import open_store
from custos.app.ordered_hub import OrderedHub
from custos.correlation import build_rules
from custos.model.event import Event, Json
from custos.model.event_types import EVENT_TYPES
from custos.model.site import PresenceRule, Site
from custos.pipeline.clock import CLOCK_SET, ClockStep, ClockWatch, heard_again, spans_before
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Heard, IncidentQuery, Store
from custos.testing.premises import DoorEvents, at
from custos.testing.premises import site as site_of_doors
from custos.testing.store import InMemoryStore

HOUR = 3600.0


def site() -> Site:
    """The office with its doors, and a rule of its own about a zone."""
    found = site_of_doors()
    camera = next(camera for camera in found.cameras if camera.zones)
    zones = ((camera.id, camera.zones[0].id),)
    return Site(found.id, found.name, cameras=found.cameras, access=found.access, rules=(
        PresenceRule("there", "Somebody there", zones, None, 10.0),
    ))  # fmt: skip


class Room:
    """A hub on a machine whose clock somebody sets."""

    def __init__(self, store: Store) -> None:
        self.store, self.ids = store, count()
        self.now_s = self.set_by_s = 0.0
        self.door = DoorEvents()
        self.begin()

    def begin(self) -> None:
        """The hub starts, or starts again."""
        inner = Hub(
            "hq", self.store, InProcessBus(), lambda: build_rules(site()), make_consumers=lambda: build_access(site()),
            new_id=lambda: f"{next(self.ids)}", settle_s=0.0,
        )  # fmt: skip
        inner.start(self.clock())
        self.hub = OrderedHub(inner, clock=self.clock, steady=lambda: self.now_s, grace_s=0.0)

    def clock(self) -> datetime:
        return at(self.now_s + self.set_by_s)

    async def until(self, now_s: float) -> list[str]:
        """Time passes, half a second at a time; what the hub says meanwhile."""
        before = len(self.told())
        while self.now_s < now_s:
            self.now_s += 0.5
            await self.hub.advance()
        return self.told()[before:]

    async def accept(self, event: Event) -> list[str]:
        return [one.type for one in await self.hub.accept([event])]

    def told(self) -> list[str]:
        """Of doors, and of the clock, in the order in which it was stored."""
        wanted = ("door.forced", "door.held", "door.propped", CLOCK_SET)
        return [e.type for e in self.store.replay("hq", since=at(-9e6)) if e.type in wanted]

    def moved(self, kind: str, seconds: float, **data: Json) -> Event:
        """Somebody in the zone of the rule, by the camera's time."""
        ((camera_id, zone_id),) = site().rules[0].zones
        told: dict[str, Json] = {"zone_id": zone_id, "class": "person", **data}
        source = f"/sites/hq/cameras/{camera_id}"
        return Event(f"{kind}-{seconds}", kind, at(seconds), source, f"tracks/{camera_id}-s1-1", told)


@pytest.fixture(params=["memory", "sqlite"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    if request.param == "memory":
        yield Room(InMemoryStore())
        return
    store = open_store(f"sqlite:///{tmp_path / 'custos.db'}", is_scratch=True)
    yield Room(store)
    store.close()


async def opened(room: Room) -> None:
    """A door that was opened with a badge, and stands open since 5 s; it is held after 30 s."""
    await room.until(10.0)
    await room.accept(room.door.granted(9.0, "1001"))
    await room.accept(room.door.opened(10.0))
    assert await room.until(15.0) == []


@pytest.mark.parametrize("set_by_s", [-HOUR, -30.0, 30.0, HOUR, 3 * 24 * HOUR, -3 * 24 * HOUR])
def test_a_door_is_held_when_its_time_is_over_however_the_clock_was_set(room: Room, set_by_s: float) -> None:
    """A clock that was set back by an hour held up every door for an hour; one set forward made all of them held."""

    async def main() -> None:
        await opened(room)
        room.set_by_s = set_by_s
        assert await room.until(41.5) == [CLOCK_SET]
        assert await room.until(43.0) == ["door.held"]
        held = next(e for e in room.store.replay("hq", since=at(-9e6)) if e.type == "door.held")
        assert held.at == at(40.0 + set_by_s)
        await room.accept(room.door.closed(43.0 + set_by_s))
        assert await room.until(100.0) == []

    asyncio.run(main())


@pytest.mark.parametrize("set_by_s", [-0.5, 0.5, -1.9, 1.9])
def test_a_small_step_is_no_matter(room: Room, set_by_s: float) -> None:
    async def main() -> None:
        await opened(room)
        room.set_by_s = set_by_s
        assert await room.until(39.5) == []
        assert await room.until(45.0) == ["door.held"]

    asyncio.run(main())


def test_small_steps_that_add_up_are_one(room: Room) -> None:
    async def main() -> None:
        await opened(room)
        for n in range(1, 9):
            room.set_by_s = -0.5 * n
            await room.until(room.now_s + 0.5)
        assert room.told() == [CLOCK_SET, CLOCK_SET]
        assert await room.until(43.0) == ["door.held"]

    asyncio.run(main())


def test_the_step_is_told_once_and_says_what_it_was(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        await opened(room)
        room.set_by_s = -HOUR
        with caplog.at_level(logging.WARNING):
            await room.until(20.0)

    asyncio.run(main())
    (event,) = [e for e in room.store.replay("hq", since=at(-9e6)) if e.type == CLOCK_SET]
    assert event.at == at(15.5 - HOUR)
    assert event.data == {"by_s": -HOUR, "from_at": at(15.5).isoformat(), "since_at": at(0).isoformat()}
    assert set(event.data) == {field.name for field in EVENT_TYPES[CLOCK_SET].fields}
    assert ClockStep.of(event).event(event.id, "hq") == event
    (told,) = [record.getMessage() for record in caplog.records]
    assert "set back by 3600.0 s" in told


@pytest.mark.parametrize("set_by_s", [-HOUR, HOUR])
def test_what_was_told_is_not_told_again_and_there_and_back_is_no_matter(room: Room, set_by_s: float) -> None:
    async def main() -> None:
        await opened(room)
        assert await room.until(45.0) == ["door.held"]
        room.set_by_s = set_by_s
        await room.until(50.0)
        room.set_by_s = 0.0
        await room.until(55.0)
        assert room.told() == ["door.held", CLOCK_SET, CLOCK_SET]
        await room.accept(room.door.closed(55.0))
        await room.accept(room.door.granted(56.0, "1001"))
        await room.accept(room.door.opened(57.0))
        assert await room.until(88.5) == []
        assert await room.until(90.0) == ["door.held"]

    asyncio.run(main())


def test_a_restart_knows_that_the_clock_was_set(room: Room) -> None:
    async def main() -> None:
        await opened(room)
        room.set_by_s = -HOUR
        assert await room.until(16.0) == [CLOCK_SET]
        room.begin()
        await room.accept(room.door.say("door.locked", 20.0 - HOUR))
        assert await room.until(41.5) == []
        assert await room.until(43.0) == ["door.held"]

    asyncio.run(main())


@pytest.mark.parametrize("set_by_s", [-HOUR, HOUR])
def test_a_visit_lasts_as_long_as_it_lasts(room: Room, set_by_s: float) -> None:
    """What the camera saw before the step arrives after it, and ends the visit; it had not lasted for an hour."""

    async def main() -> None:
        await room.accept(room.moved("zone.entered", 1.0))
        await room.until(5.0)
        room.set_by_s = set_by_s
        await room.until(6.0)
        left = room.moved("zone.left", 5.0, dwell_s=4.0)
        (stored,) = await room.hub.accept([left])
        assert stored.at == at(5.0 + set_by_s)
        await room.until(60.0)
        assert room.store.incidents("hq", IncidentQuery()).items == []
        await room.accept(room.moved("zone.entered", 60.0 + set_by_s))
        await room.until(75.0)
        (incident,) = room.store.incidents("hq", IncidentQuery()).items
        assert incident.opened_at == at(70.0 + set_by_s)
        await room.until(100.0)
        assert len(room.store.incidents("hq", IncidentQuery()).items) == 1

    asyncio.run(main())


def test_after_a_start_senders_have_as_long_as_ever(room: Room) -> None:
    """The clock is often set within seconds of a start."""

    async def main() -> None:
        inner = Hub("hq", room.store, InProcessBus(), list, make_consumers=lambda: build_access(site()),
                    new_id=lambda: "x", settle_s=10.0)  # fmt: skip
        inner.start(room.clock())
        room.hub = OrderedHub(inner, clock=room.clock, steady=lambda: room.now_s, grace_s=10.0)
        await room.until(1.0)
        room.set_by_s = -HOUR
        await room.until(2.0)
        await room.accept(room.door.opened(2.0 - HOUR))
        assert await room.until(20.0) == ["door.forced"]

    asyncio.run(main())


def test_an_event_of_old_is_heard_as_of_now_and_a_devices_own_time_is_left_alone() -> None:
    door = DoorEvents()
    step = ClockStep(at(0), at(100), timedelta(seconds=-50))
    again = ClockStep(at(-50), at(80), timedelta(seconds=1000))
    own = door.say("door.closed", 40.0, received_at=at(90).isoformat())
    stored = [door.opened(-1), door.opened(90), own, step.event("c1", "hq"), door.closed(70), again.event("c2", "hq")]
    told = [Heard(n, event, at(90)) for n, event in enumerate([*stored, door.opened(1090)])]
    told.insert(0, Heard(0, door.closed(30), is_imported=True))
    heard = [*heard_again(told, [step, again])]
    assert [h.event.at for h in heard] == [at(30), at(-1), at(1040), at(40), at(1050), at(1070), at(1080), at(1090)]
    assert [h.told_at for h in heard] == [None, *[at(1040)] * 4, *[at(90)] * 3]
    assert [h.is_imported for h in heard] == [True] + [False] * 7
    assert [*heard_again([], [])] == []


def test_what_was_stored_before_a_restart_is_of_the_same_clock(room: Room) -> None:
    """Symptom: a door was opened, the process began anew, the clock went back: the door lay in the future and was
    never held."""

    async def main() -> None:
        await opened(room)
        room.begin()
        await room.until(20.0)
        room.set_by_s = -HOUR
        assert await room.until(41.5) == [CLOCK_SET]
        assert await room.until(43.0) == ["door.held"]

    asyncio.run(main())


def test_a_disagreement_is_told_once_though_the_clock_is_set(room: Room) -> None:
    """Its id was made of the time at which it was told, which is another when the past is heard again."""

    def disagreements() -> int:
        return sum(e.type == "area.disagreed" for e in room.store.replay("hq", since=at(-9e6)))

    async def main() -> None:
        await room.until(1.0)
        for n in (1, 2):
            who = f"tracks/lobby-1-{n}"
            told: dict[str, Json] = {"zone_id": "floor", "class": "person"}
            await room.accept(Event(f"z{n}", "zone.entered", at(1.0), "/sites/hq/cameras/lobby", who, told))
        await room.until(95.0)
        assert disagreements() == 1
        room.set_by_s = HOUR
        await room.until(110.0)
        assert disagreements() == 1

    asyncio.run(main())


BOOT = datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)


def boots(count: int, every: timedelta) -> list[ClockStep]:
    """A board without a battery is started again and again, and set right each time after twenty seconds."""
    right = [at(20) - every * n for n in reversed(range(count))]
    return [ClockStep(BOOT, BOOT + timedelta(seconds=20), now - (BOOT + timedelta(seconds=20))) for now in right]


def test_a_board_that_boots_in_1970_knows_what_it_stored_there(room: Room) -> None:
    """Symptom: everything that was stored was read at each start, and after the 36th within the hours that are read the
    start failed: the sum of the steps led to before the year 1."""
    steps = boots(40, timedelta(minutes=1))
    room.store.append([step.event(f"clock-{n}", "hq") for n, step in enumerate(steps[:-1])])
    door = DoorEvents()
    told = (door.granted(14, "1001"), door.opened(15))
    then = [replace(event, at=BOOT + (event.at - at(0))) for event in told]
    room.store.append([*then, steps[-1].event("clock-last", "hq")])
    room.now_s = 20.0

    async def main() -> None:
        room.begin()
        assert await room.until(44.0) == []
        assert await room.until(48.0) == ["door.held"]

    asyncio.run(main())


def test_only_what_is_of_then_is_read() -> None:
    assert spans_before(at(0), []) == []
    run = [(BOOT, BOOT + timedelta(seconds=22))]
    assert spans_before(at(-HOUR), boots(1, timedelta())) == run
    assert spans_before(at(-HOUR), boots(40, timedelta(minutes=1))) == run, "each begins at the same time"
    assert spans_before(at(HOUR), boots(40, timedelta(minutes=1))) == [], "of then nothing was stamped by another clock"
    year = timedelta(days=365)
    forward = ClockStep(at(0) - year, at(0), timedelta(seconds=60))
    assert spans_before(at(-30), [forward]) == [(at(-90), at(-30))], "not the whole year"
    back = ClockStep(at(0) - year, at(0), -year)
    assert spans_before(at(-30), [back]) == [(at(0) - year, at(0) - year)], "it says that what follows is not to come"
    again = ClockStep(at(0) - year + timedelta(seconds=60), at(100), timedelta(seconds=100))
    assert spans_before(at(30), [forward, again]) == [(at(-130), at(30))], "both, for who was stamped before both"


@pytest.mark.parametrize("set_by_s", [0.0, -HOUR])
def test_a_process_that_is_stopped_between_two_clocks_has_not_set_one(set_by_s: float) -> None:
    now_s, stops_s, is_set = 100.0, [0.0], [False]

    def clock() -> datetime:
        nonlocal now_s
        now_s += stops_s.pop() if stops_s else 0.0
        return at(now_s + (set_by_s if is_set[0] else 0.0))

    watch = ClockWatch(clock, lambda: now_s)
    stops_s[:], is_set[0] = [5.0, 5.0], True
    step = watch.look()
    assert (step and step.by.total_seconds()) == (set_by_s or None)
    assert step is None or step.since_at == at(0)
    stops_s[:] = [5.0] * 9
    assert watch.look() is None, "it cannot be told; the next look will"
