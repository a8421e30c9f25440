"""The site: what is refused, and in which words; and its hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from custos.model.site import Camera, Hours, Line, Point, PresenceRule, Schedule, Site, Zone

TRIANGLE: tuple[Point, ...] = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))


def zone(
    zone_id: str = "dock",
    polygon: tuple[Point, ...] = TRIANGLE,
    *,
    loiter_s: float | None = None,
    min_dwell_s: float = 0.3,
) -> Zone:
    return Zone(zone_id, "Dock", polygon, loiter_s=loiter_s, min_dwell_s=min_dwell_s)


def camera(camera_id: str = "yard", url: str = "rtsp://camera.example/1", zones: tuple[Zone, ...] = ()) -> Camera:
    return Camera(camera_id, "Yard", url, zones)


def rule(rule_id: str = "night", zones: tuple[tuple[str, str], ...] = (("yard", "dock"),)) -> PresenceRule:
    return PresenceRule(rule_id, "Somebody at the dock", zones, None, 10)


def test_the_smallest_site() -> None:
    site = Site("hq", "Headquarters")
    assert site.camera("yard") is None
    assert not site.cameras
    assert not site.rules


def test_a_whole_site() -> None:
    site = Site("hq", "Headquarters", cameras=(camera(zones=(zone(),)),), rules=(rule(),))
    found = site.camera("yard")
    assert found is not None
    assert found.zones[0].id == "dock"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        pytest.param(lambda: zone(""), "zone id .* got ''", id="empty id"),
        pytest.param(lambda: zone("Dock"), "'Dock'", id="capital"),
        pytest.param(lambda: zone("dock\n"), r"'dock\\n'", id="line end"),
        pytest.param(lambda: zone("a" * 64), "at most 63", id="long id"),
        pytest.param(lambda: zone(polygon=TRIANGLE[:2]), "3 different points or more, got 2", id="two points"),
        pytest.param(lambda: zone(polygon=(*TRIANGLE[:2], TRIANGLE[0])), "got 2", id="a point twice"),
        pytest.param(lambda: zone(polygon=(*TRIANGLE, (1.2, 0.5))), r"\(1\.2, 0\.5\)", id="outside the picture"),
        pytest.param(lambda: zone(polygon=(*TRIANGLE, (float("nan"), 0.5))), "nan", id="nan"),
        pytest.param(lambda: zone(loiter_s=0), "loiter_s must lie in 0..86400 s, got 0", id="no time to loiter"),
        pytest.param(lambda: zone(min_dwell_s=61), "min_dwell_s .* got 61", id="long dwell"),
        pytest.param(lambda: Zone("dock", "Dock", TRIANGLE, ("ghost",)), "'ghost'", id="no such class"),
        pytest.param(lambda: Line("gate", "Gate", ((0.5, 0.5), (0.5, 0.5))), "the same", id="line without length"),
        pytest.param(lambda: replace(zone(), sensitivity=1.5), "sensitivity must lie in 0..1, got 1.5", id="too keen"),
        pytest.param(lambda: Line("gate", "Gate", ((0.5, -0.5), (0.5, 0.5))), "-0.5", id="line outside"),
        pytest.param(lambda: camera(url=""), "url is empty", id="no url"),
        pytest.param(lambda: Camera("yard", "Yard", "x", transport="tls"), "'tls'", id="transport"),
        pytest.param(lambda: Camera("yard", "Yard", "x", detect_fps=0), "detect_fps .* got 0", id="never looks"),
        pytest.param(lambda: camera(zones=(zone(), zone())), "'dock' is used twice", id="zone twice"),
        pytest.param(lambda: Site("hq", "HQ", cameras=(camera(), camera())), "'yard' is used twice", id="camera twice"),
        pytest.param(lambda: Site("hq", "HQ", rules=(rule(),)), "no zone 'yard/dock'", id="rule without its zone"),
        pytest.param(lambda: rule(zones=()), "names no zone", id="rule for nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()


def test_time_zones_are_known_by_name() -> None:
    with pytest.raises(KeyError, match="Mars/Olympus"):
        Site("hq", "HQ", time_zone="Mars/Olympus")


WEEKDAYS = frozenset(range(5))
DAY = Schedule((Hours(WEEKDAYS, time(8), time(18)),), "Europe/Berlin")
NIGHT = Schedule((Hours(frozenset({4}), time(22), time(6)),), "Europe/Berlin")
"""Friday to Saturday."""
ALWAYS = Schedule((Hours(frozenset(range(7)), time(0), time(0)),), "UTC")


@pytest.mark.parametrize(
    ("schedule", "at", "expected"),
    [
        pytest.param(Schedule((), "UTC"), "2026-05-04T12:00", False, id="never"),
        pytest.param(DAY, "2026-05-04T06:00", True, id="8:00 in Berlin: in"),
        pytest.param(DAY, "2026-05-04T05:59", False, id="before"),
        pytest.param(DAY, "2026-05-04T16:00", False, id="18:00 in Berlin: out"),
        pytest.param(DAY, "2026-01-05T06:30", False, id="winter time"),
        pytest.param(DAY, "2026-05-09T10:00", False, id="Saturday"),
        pytest.param(NIGHT, "2026-05-08T20:00", True, id="Friday 22:00"),
        pytest.param(NIGHT, "2026-05-09T03:59", True, id="Saturday 5:59"),
        pytest.param(NIGHT, "2026-05-09T04:00", False, id="Saturday 6:00"),
        pytest.param(NIGHT, "2026-05-08T02:00", False, id="Friday 4:00 is Thursday's night"),
        pytest.param(NIGHT, "2026-05-09T21:00", False, id="Saturday 23:00"),
        pytest.param(ALWAYS, "2026-05-09T00:00", True, id="round the clock, midnight"),
        pytest.param(ALWAYS, "2026-05-09T23:59", True, id="round the clock, before midnight"),
    ],
)
def test_hours(schedule: Schedule, at: str, expected: bool) -> None:
    assert schedule.covers(datetime.fromisoformat(at).replace(tzinfo=UTC)) is expected


NIGHTS_AND_DAYS = Schedule(
    (Hours(frozenset({4}), time(22), time(0)), Hours(frozenset({5}), time(0), time(6)), *DAY.hours), "Europe/Berlin"
)


@pytest.mark.parametrize(
    ("schedule", "since", "until", "expected"),
    [
        pytest.param(Schedule((), "UTC"), "2026-05-04T12:00", "2026-05-04T12:00", False, id="never"),
        pytest.param(ALWAYS, "2026-05-04T12:00", "2026-05-07T12:00", True, id="always"),
        pytest.param(DAY, "2026-05-04T06:00", "2026-05-04T15:59", True, id="from begin to end"),
        pytest.param(DAY, "2026-05-04T15:59", "2026-05-04T16:00", False, id="it ends then"),
        pytest.param(DAY, "2026-05-04T05:59", "2026-05-04T06:01", False, id="it begins in between"),
        pytest.param(DAY, "2026-05-04T12:00", "2026-05-05T12:00", False, id="two days with a night between"),
        pytest.param(NIGHTS_AND_DAYS, "2026-05-08T20:00", "2026-05-09T03:59", True, id="one span after the other"),
        pytest.param(NIGHT, "2026-10-24T23:50", "2026-10-25T00:20", False, id="no night of Saturday"),
    ],
)
def test_hours_that_cover_all_of_a_time(schedule: Schedule, since: str, until: str, expected: bool) -> None:
    first, last = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (since, until))
    minutes = int((last - first).total_seconds()) // 60
    assert all(schedule.covers(first + timedelta(minutes=n)) for n in range(minutes + 1)) is expected
    assert schedule.covers_all(first, last) is expected
