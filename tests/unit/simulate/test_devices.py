"""What the demo's devices tell: in time with the pictures, and with them the incidents that the story means.

The eyes here are perfect: they tell what the script says that is to be seen. With the real pipeline, the demo itself
shows it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.devices.mapping import LineForm, Mapper
from custos.adapters.devices.sia import SiaAdapter
from custos.adapters.sitefile.reader import read_site
from custos.app.demo_devices import Due, sia_frame
from custos.correlation import build_rules
from custos.correlation.trying import explain
from custos.model.devices import LineDevice, SiaReceiver
from custos.model.event import Event, Incident, Json
from custos.model.site import Site
from custos.pipeline.hub import Hub
from custos.pipeline.ports import IncidentQuery
from custos.simulate.devices import (
    ALARMS_S,
    CONTROLLER,
    GATES,
    PANEL,
    PANEL_ZONE,
    REFUND_S,
    DeviceAct,
    act_lines,
    device_acts,
    passages,
)
from custos.simulate.files import Happening, happenings
from custos.simulate.render import Settings
from custos.simulate.scenes import SCENES
from custos.simulate.sitefile import device_section, write_site_file
from custos.simulate.story import COVERED_S, Story
from custos.testing.devices import MemoryHub, outlet_of
from custos.testing.rules import shipped_rules
from custos.testing.store import InMemoryStore

STORY = Story(7)
ACTS = device_acts(STORY)
BEGAN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
RULES = shipped_rules()
WHO = {actor.id: name for name, actor in STORY.actors.items()}


def told(camera_id: str) -> list[Happening]:
    scene = SCENES[camera_id]
    return happenings(STORY, scene, scene.view(640, 360))


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """As `custos up --demo` has it."""
    file = tmp_path_factory.mktemp("demo") / "site.yaml"
    write_site_file(file, Settings())
    file.write_text(file.read_text() + device_section(9100, 9101))
    secrets = file.with_name("secrets.yaml")
    secrets.touch(0o600)
    secrets.write_text("demo-controller-token: a-token-of-the-tests-own\n")
    return read_site(file)


# -- in time with the pictures


def test_who_goes_through_the_street_door_is_who_crosses_its_line_in_the_picture() -> None:
    front = next(gate for gate in GATES if gate.door_id == "front")
    crossed = [(h.start_s, WHO[h.object_ids[0]], h.side == "right") for h in told("lobby") if h.place == "threshold"]
    through = passages(STORY, front)
    assert [(p.name, p.goes_in) for p in through] == [(name, goes_in) for _, name, goes_in in crossed]
    assert [p.at_s for p in through] == pytest.approx([at_s for at_s, *_ in crossed], abs=0.11)


def test_a_door_is_open_while_somebody_is_in_it() -> None:
    for gate in GATES:
        told_by_contact = [a for a in ACTS if a.source == f"doors/{gate.door_id}" and a.type.startswith("door.")]
        assert [a.type for a in told_by_contact[1::2]] == ["door.opened"] * (len(told_by_contact) // 2)
        assert {a.type for a in told_by_contact[::2]} == {"door.closed"}
        open_s = list(zip(told_by_contact[1::2], told_by_contact[2::2], strict=True))
        for passage in passages(STORY, gate):
            assert any(a.at_s + 1 <= passage.at_s <= b.at_s - 1 for a, b in open_s), passage


def test_two_come_in_on_one_badge() -> None:
    """The tailgater is not two seconds behind, and makes no reader speak."""
    front = next(gate for gate in GATES if gate.door_id == "front")
    clerk, follower = [p for p in passages(STORY, front) if 210 < p.at_s < 225]
    assert (clerk.name, clerk.uses_badge, follower.name, follower.uses_badge) == ("clerk", True, "waiter", False)
    assert 1 < follower.at_s - clerk.at_s < 2
    within = [a for a in ACTS if a.source == "doors/front" and 210 < a.at_s < 225]
    assert [a.type for a in within] == ["access.granted", "door.opened", "door.closed"]


def test_the_stock_is_opened_by_force_while_somebody_is_seen_and_after_its_camera_was_covered() -> None:
    opened = next(a.at_s for a in ACTS if a.source == "doors/stock" and a.type == "door.opened")
    asked = [a.at_s for a in ACTS if a.source == "doors/stock" and a.type in ("access.granted", "exit.requested")]
    assert min(asked) > opened
    (there,) = [a for a in STORY.appearances["dock"] if a.route.start_s < opened < a.route.end_s]
    assert there.actor.name == "lingerer"
    assert 20 < opened - COVERED_S[1] < 60
    seen = [a for a in STORY.appearances["dock"] if a.route.start_s < COVERED_S[1] + 2 and a.route.end_s > COVERED_S[0]]
    assert seen == []


def test_money_is_given_back_once_with_nobody_before_the_till_and_once_to_somebody() -> None:
    refunds = [a.at_s for a in ACTS if "REFUND" in a.line]
    stays = [h for h in told("shop") if h.kind == "zone.visited" and h.place == "till"]
    around = [[h for h in stays if h.start_s < s + 17 and h.end_s > s - 32] for s in refunds]
    assert refunds[0] == REFUND_S
    assert [len(found) for found in around] == [0, 1]


def test_acts_are_in_order_within_the_story_and_written_one_a_line() -> None:
    assert [a.at_s for a in ACTS] == sorted(a.at_s for a in ACTS)
    assert ACTS[0].at_s >= 0
    assert ACTS[-1].at_s < 240
    lines = [json.loads(line) for line in act_lines(ACTS).splitlines()]
    assert [line["teller"] for line in lines] == [a.teller for a in ACTS]
    assert act_lines([]) == ""


# -- the incidents it means


def seen_events() -> list[Event]:
    """What perfect eyes tell of one round."""
    events = []
    for camera_id in SCENES:
        source = f"/sites/demo/cameras/{camera_id}"

        def said(at_s: float, type_: str, who: str, data: dict[str, Json], source: str = source) -> None:
            name = f"{source.rpartition('/')[2]}-1-{who}"
            told: dict[str, Json] = {"class": "person", **data}
            events.append(Event(f"{type_}-{name}-{at_s}-{data}", type_, at(at_s), source, f"tracks/{name}", told))

        for n, stay in enumerate(a for a in STORY.appearances[camera_id] if a.actor.look is not None):
            said(stay.route.start_s + 1, "track.started", f"{n}", {})
            said(min(stay.route.end_s, 239.9), "track.ended", f"{n}", {})
        for h in told(camera_id):
            who = f"z{h.object_ids[0]}"
            if h.class_name != "person" or h.kind == "met":
                continue
            if h.kind == "zone.visited":
                said(h.start_s, "zone.entered", who, {"zone_id": h.place})
                said(h.end_s, "zone.left", who, {"zone_id": h.place, "dwell_s": h.end_s - h.start_s})
            else:
                place: dict[str, Json] = {"line_id" if h.kind == "line.crossed" else "zone_id": h.place}
                if h.side:
                    place["direction"] = h.side
                said(h.start_s, h.kind, who, place)
    source, subject = "/sites/demo/cameras/dock", "cameras/dock"
    events.append(Event("covered", "camera.covered", at(COVERED_S[0] + 5), source, subject, {}))
    over: dict[str, Json] = {"was": "camera.covered"}
    events.append(Event("over", "camera.restored", at(COVERED_S[1] + 4), source, subject, over))
    return events


def device_events(site: Site, acts: Iterable[DeviceAct]) -> list[Event]:
    """As the site's own entries for the devices read what they tell."""
    till, receiver = site.device("till"), site.device("alarm-receiver")
    assert isinstance(till, LineDevice)
    assert isinstance(receiver, SiaReceiver)
    panel_hub, now = MemoryHub(), BEGAN
    panel = SiaAdapter(receiver, outlet_of(receiver, panel_hub, lambda: now, site_id=site.id))
    form, mapper = LineForm.of(till.lines[0]), Mapper(till.mapping, site_id=site.id, scope="till")
    events = []
    for i, act in enumerate(acts):
        if act.teller == CONTROLLER:
            source = f"/sites/{site.id}/{act.source}"
            events.append(Event(f"d{i}", act.type, at(act.at_s), source, None, dict(act.data)))
        elif act.teller == PANEL:
            now = at(act.at_s)
            frame = sia_frame(Due(now.timestamp(), 0, i, json.loads(act_lines([act]))))
            answer = asyncio.run(panel.answer(frame[1:-1]))
            assert answer is not None
            assert b'"ACK"' in answer
        else:
            line = act.line.replace("{time}", at(act.at_s).isoformat()).replace("{receipt}", f"r{i}")
            record = form.read(line)
            assert record is not None
            events += mapper.events(record, received_at=at(act.at_s))
    return [*events, *panel_hub.of("panel.")]


def incidents(site: Site, events: Iterable[Event]) -> dict[str, Incident]:
    """By rule, of one round of the story and a minute more."""
    ids, store = count(1), InMemoryStore()
    hub = Hub(
        site.id, store, InProcessBus(), lambda: build_rules(site, RULES), make_consumers=lambda: build_access(site),
        new_id=lambda: f"{next(ids):04}", settle_s=0,
    )  # fmt: skip
    in_order = sorted(events, key=lambda e: e.at)
    clock_s = (in_order[0].at - BEGAN).total_seconds()
    hub.start(at(clock_s))
    for event in in_order:
        while at(clock_s) < event.at:
            hub.advance(at(clock_s))
            clock_s += 1.0
        hub.accept([event])
    for _ in range(60):
        hub.advance(at(clock_s))
        clock_s += 1.0
    return {one.rule_id: one for one in store.incidents(site.id, IncidentQuery(), limit=100).items}


MEANT = {
    "dock-restricted": "Someone in the restricted part of the dock",
    "lobby-door": "Someone lingers inside the street door",
    "tailgating": "Tailgating",
    "loitering-then-tailgating": "Waited at a door, then went in behind somebody",
    "camera-attacked": "Camera attacked",
    "camera-attacked-then-door": "Camera attacked, then the door beside it",
    "door-forced-somebody-seen": "Door forced, somebody seen",
    "refund-nobody-there": "Refund with nobody in front of the till",
    "panel-alarm-verified": "Panel alarm, somebody seen",
}


def test_the_story_makes_these_incidents_and_no_other(site: Site) -> None:
    found = incidents(site, [*seen_events(), *device_events(site, ACTS)])
    assert {rule: one.title for rule, one in found.items()} == MEANT
    assert "2 people went in through Street door, and one credential was used" in found["tailgating"].reasons


def test_the_panel_alarms_once_with_somebody_there_and_once_with_nobody(site: Site) -> None:
    stays = [
        h for h in told("dock") if h.kind == "zone.visited" and h.place == "restricted" and h.class_name == "person"
    ]
    around = [[h for h in stays if h.start_s < s + 32 and h.end_s > s - 62] for s in ALARMS_S]
    assert [bool(found) for found in around] == [True, False]
    assert min(h.start_s for h in stays) > ALARMS_S[1] + 32 - 240, "nor in the round that follows"
    assert stays[1].start_s < ALARMS_S[0] < stays[1].end_s, "it is there at that moment"
    alarms = [e for e in device_events(site, ACTS) if e.type == "panel.alarmed"]
    assert [(e.data["zone"], e.data["kind"], e.at) for e in alarms] == [
        (PANEL_ZONE, "burglary", at(second)) for second in ALARMS_S
    ]
    tried = explain(next(r for r in RULES if r.id == "panel-alarm-contradicted"), [*seen_events(), *alarms], site)
    assert [e for signal in tried.fired for e in signal.event_ids] == [alarms[1].id]


def late_worker(site: Site, acts: Iterable[DeviceAct]) -> dict[str, Incident]:
    """What comes of the late worker's way from the street to the lift, with these acts of the devices."""
    seen = [e for e in seen_events() if at(170) < e.at < at(188.5) and e.camera_id == "lobby"]
    return incidents(site, [*seen, *device_events(site, acts)])


def test_the_late_worker_is_entitled_and_opens_nothing(site: Site) -> None:
    """By force, or on the badge of somebody whose hours are over, the same pictures would."""
    acts = [a for a in ACTS if 170 < a.at_s < 188.5]
    assert [a.type for a in acts].count("access.granted") == 2
    assert late_worker(site, acts) == {}
    assert "door-forced-somebody-seen" in late_worker(site, [a for a in acts if a.type != "access.granted"])
    others = [replace(a, data=tuple((k, "0041" if v == "0023" else v) for k, v in a.data)) for a in acts]
    assert set(late_worker(site, others)) == {"let-in-against-the-plan"}
