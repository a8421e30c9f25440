"""A large site for benchmarks of the event walk: the month's harbour works many times over, and its days as one stream.

    write_campus(copies, folder) -> Path          the site file, with its holders beside it
    Campus(copies, rate).told() -> Iterator[Told]       events at a steady rate, for ever

Every copy plays the simulated working days, each shifted against the others, so that it is all hours of the day at
once somewhere and the rate is steady. Days are as much shorter as the rate asks: what an event says of time is
shortened with them, so that the order of a badge, its door and its picture is that of the month. Nothing depends on the
hour at which the benchmark runs: rules that ask for the night see the middle of the day.
"""

from __future__ import annotations

import csv
import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from custos.model.event import Event, Json
from custos.simulate.month import MonthRequest, Telling, simulate_month
from custos.simulate.month.sitefile import people_file, site_file

SITE_ID = "campus"
DAYS = 5
"""Monday to Friday."""
DAY_S = 86400.0
SEED = 11
MOVED_S = 1.5
"""So late are those that come late within the tolerance of rules and doors; more would change what is concluded."""
LATE_SHARE, DOUBLE_SHARE = 0.01, 0.01
_OWN = ("door_id", "reader_id", "holder_id", "till_id", "panel_id", "sensor_id", "operator")


@dataclass(frozen=True, slots=True)
class Told:
    """An event to be sent. `due_s`: seconds since the stream began. `lag_s`: how long before it happened."""

    due_s: float
    lag_s: float
    id: str
    type: str
    source: str
    subject: str | None
    data: dict[str, Json]

    def event(self, began: datetime) -> Event:
        """The event of a stream that began at `began`."""
        at = began + timedelta(seconds=self.due_s - self.lag_s)
        return Event(self.id, self.type, at, self.source, self.subject, self.data)


class Campus:
    """The stream of `copies` harbours, `rate` events a second; the same each time."""

    def __init__(self, copies: int, rate: float) -> None:
        self.copies = copies
        self.rate = rate

    @cached_property
    def day(self) -> list[tuple[float, float, Telling]]:
        """What a harbour tells in its working days: (seconds, seconds from happening to hearing, told), in order."""
        month = simulate_month(MonthRequest(DAYS, SEED))
        first = month.tellings[0].heard_at
        return [
            ((t.heard_at - first).total_seconds(), (t.heard_at - t.event.at).total_seconds(), t) for t in month.tellings
        ]

    @property
    def faster(self) -> float:
        """How many times faster than in life the days pass."""
        return self.rate * self.day[-1][0] / (len(self.day) * self.copies)

    def told(self) -> Iterator[Told]:
        """Every event once, in the order of sending; one in a hundred late, by up to MOVED_S."""
        held: list[tuple[int, int, Told]] = []
        for n, told in enumerate(self._steady()):
            late_s = MOVED_S * ((n * 7919) % 1000) / 1000 if n % round(1 / LATE_SHARE) == 0 else 0.0
            heapq.heappush(held, (n + round(late_s * self.rate), n, told))
            while held and held[0][0] <= n:
                yield self._sent(n, heapq.heappop(held))

    def _sent(self, n: int, entry: tuple[int, int, Told]) -> Told:
        _, made, told = entry
        due_s = n / self.rate
        late_s = (n - made) / self.rate
        return Told(due_s, told.lag_s + late_s, told.id, told.type, told.source, told.subject, told.data)

    def _steady(self) -> Iterator[Told]:
        length_s = self.day[-1][0]
        streams = [self._copy(n, length_s * n / self.copies) for n in range(self.copies)]
        for n, (_, copy, turn, lag_s, telling) in enumerate(heapq.merge(*streams, key=lambda entry: entry[0])):
            yield _told(n / self.rate, lag_s / self.faster, copy, turn, telling)

    def _copy(self, copy: int, shift_s: float) -> Iterator[tuple[float, int, int, float, Telling]]:
        """One harbour's days again and again, beginning `shift_s` into them; what its devices doubled comes once."""
        length_s = self.day[-1][0]
        turn = 0
        while True:
            for at_s, lag_s, telling in self.day:
                when_s = at_s - shift_s + turn * length_s
                if when_s >= 0:
                    yield when_s, copy, turn, lag_s, telling
            turn += 1


def _told(due_s: float, lag_s: float, copy: int, turn: int, telling: Telling) -> Told:
    event, mark = telling.event, f"-{copy:02d}"
    _, _, _, kind, own = event.source.split("/")
    data = {name: f"{value}{mark}" if name in _OWN else value for name, value in event.data.items()}
    if "credential" in data:
        data["credential"] = f"{copy:02d}{data['credential']}"
    if kind == "cameras" and isinstance(data.get("subjects"), list):
        data["subjects"] = [_subject(str(one), own, mark, turn) for one in data["subjects"]]  # type: ignore[union-attr]
    subject = _subject(event.subject, own, mark, turn) if event.subject is not None else None
    source = f"/sites/{SITE_ID}/{kind}/{own}{mark}"
    return Told(due_s, lag_s, f"{event.id}{mark}-{turn}", event.type, source, subject, data)


def _subject(subject: str, camera_id: str, mark: str, turn: int) -> str:
    rest = subject.removeprefix(f"tracks/{camera_id}")
    return f"tracks/{camera_id}{mark}-t{turn}{rest.removeprefix('-')}"


def write_campus(copies: int, folder: Path) -> Path:
    """The site file of `copies` harbours and their people; where it is."""
    tree: dict[str, Any] = YAML(typ="safe").load(site_file())
    rows = list(csv.DictReader(people_file(simulate_month(MonthRequest(1, SEED)).people).splitlines()))
    campus: dict[str, Any] = {
        "site": {"id": SITE_ID, "name": "Campus", "time_zone": _noon_zone(datetime.now(UTC))},
        "holders": "people.csv",
        **{name: [] for name in ("areas", "roles", "doors", "cameras")},
    }
    with (folder / "people.csv").open("w", newline="") as file:
        people = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        people.writeheader()
        for copy in range(copies):
            mark = f"-{copy:02d}"
            campus["areas"] += [_area(one, mark) for one in tree["areas"]]
            campus["roles"] += [_role(one, mark) for one in tree["roles"]]
            campus["doors"] += [_door(one, mark) for one in tree["doors"]]
            campus["cameras"] += [
                {**one, "id": one["id"] + mark, "name": one["name"] + mark} for one in tree["cameras"]
            ]
            for row in rows:
                number, roles = f"{copy:02d}{row['number']}", row["roles"] and row["roles"] + mark
                people.writerow({**row, "id": row["id"] + mark, "roles": roles, "number": number})
    path = folder / "site.yaml"
    path.write_text(json.dumps(campus, indent=1))  # which is YAML too, and quickly written
    return path


def _noon_zone(now: datetime) -> str:
    """A time zone in which it is about eleven in the morning."""
    ahead = (11 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _area(one: dict[str, Any], mark: str) -> dict[str, Any]:
    zones = [zone.replace("/", f"{mark}/") for zone in one.get("zones", [])]
    return {**one, "id": one["id"] + mark, "name": one["name"] + mark, **({"zones": zones} if zones else {})}


def _role(one: dict[str, Any], mark: str) -> dict[str, Any]:
    """At all hours: the benchmark's days are minutes long."""
    may = [{"areas": [area + mark for area in entry["areas"]]} for entry in one["may"]]
    return {**one, "id": one["id"] + mark, "name": one["name"] + mark, "may": may}


def _door(one: dict[str, Any], mark: str) -> dict[str, Any]:
    """Without the least times to walk from door to door, which days of minutes would break all the time."""
    door = {name: value for name, value in one.items() if name not in ("walk_s", "free")}
    door["id"], door["name"] = one["id"] + mark, one["name"] + mark
    door["areas"] = [area + mark for area in one["areas"]]
    door["readers"] = [{"id": r["id"] + mark, "into": r["into"] + mark} for r in one.get("readers", [])]
    if "cameras" in one:
        door["cameras"] = [camera + mark for camera in one["cameras"]]
        door["threshold"] = one["threshold"].replace("/", f"{mark}/")
    return door
