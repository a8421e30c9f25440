"""Areas, doors and people of a site file: read, from a file of their own too, and checked name by name.

read_people(document, tree, folder) -> People; check_premises(document, tree, people); access_plan(shape) -> AccessPlan
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from custos.adapters.sitefile.document import Document, Location, Value, read_document
from custos.adapters.sitefile.hours import read_hours
from custos.adapters.sitefile.phrases import problem_of
from custos.adapters.sitefile.problems import Problem, SiteFileError, did_you_mean
from custos.adapters.sitefile.shape import SiteFile
from custos.adapters.sitefile.shape_access import (
    AreaEntry,
    DoorEntry,
    HolderEntry,
    HoldersFile,
    RoleEntry,
    ScheduleEntry,
    ViewEntry,
)
from custos.model.access import (
    AccessPlan,
    AccessRole,
    Area,
    Credential,
    CredentialState,
    Door,
    Holder,
    Passback,
    Permission,
    Reader,
    Threshold,
    View,
)
from custos.model.instants import is_tellable
from custos.model.schedule import Holiday, Schedule, SiteSchedule

COLUMNS = ("id", "name", "roles", "needs_longer", "number", "state", "valid_from", "valid_until", "duress")
"""Of a CSV file of holders: one row for each credential; rows with one id are one holder."""


@dataclass(frozen=True, slots=True)
class People:
    """Where the holders stand: in the site file (`is_own` False), or in a file of their own."""

    document: Document
    is_own: bool

    def listed(self) -> Iterator[tuple[Location, dict[str, Value]]]:
        """The holders that are mappings, with where they stand."""
        return _items(self.document.tree, "holders")

    def entries(self) -> list[HolderEntry] | None:
        """The holders of a file of their own; problems are noted there. None when they stand in the site file."""
        if not self.is_own:
            return None
        try:
            return HoldersFile.model_validate(self.document.tree).holders
        except ValidationError as error:
            self.document.problems += [problem_of(self.document, d) for d in error.errors(include_url=False)]
            return []

    def problems(self) -> list[Problem]:
        return self.document.problems if self.is_own else []


def files_beside(text: str, path: Path) -> tuple[Path, ...]:
    """The files beside a site file at `path` with this text that belong to it: its holders', its plan's picture."""
    try:
        tree = read_document(text, str(path)).tree
    except SiteFileError:
        return ()
    if not isinstance(tree, dict):
        return ()
    plan = tree.get("plan")
    named = (tree.get("holders"), plan.get("image") if isinstance(plan, dict) else None)
    return tuple(path.parent / one for one in named if isinstance(one, str))


def read_people(document: Document, tree: dict[str, Value], folder: Path) -> People:
    """The holders; those of a file of their own are taken out of `tree`."""
    named = tree.get("holders")
    if not isinstance(named, str):
        return People(document, is_own=False)
    tree["holders"] = []
    path = folder / named
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"
        document.complain(("holders",), f"the holders cannot be read from {named!r}: {reason}")
        return People(Document(str(path), {"holders": []}), is_own=True)
    if path.suffix.lower() == ".csv":
        own = _of_csv(text, str(path))
    else:
        own = _of_yaml(text, str(path))
    _check_unique_ids(own)
    return People(own, is_own=True)


def _of_yaml(text: str, file: str) -> Document:
    """A list of holders, or `holders:` with one below it."""
    document = read_document(text, file)
    if isinstance(document.tree, dict):
        document.tree.setdefault("holders", [])
        return document
    held = Document(file, {"holders": [] if document.tree is None else document.tree}, document.problems)
    held.lines = {("holders", *at): line for at, line in document.lines.items()}
    held.key_lines = {("holders", *at): line for at, line in document.key_lines.items()}
    return held


def _of_csv(text: str, file: str) -> Document:
    """Rows of COLUMNS, of which id must be there; roles are separated by spaces."""
    holders: dict[str, dict[str, Value]] = {}
    document = Document(file, {"holders": []})
    document.lines = {(): 1, ("holders",): 1}
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        columns = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        for name in columns:
            if name not in COLUMNS:
                document.problems.append(Problem(file, 1, f"column {name!r} is not known", did_you_mean(name, COLUMNS)))
        if "id" not in columns:
            document.problems.append(Problem(file, 1, "column 'id' is missing", f"Columns: {', '.join(COLUMNS)}."))
            return document
        for row in reader:
            _take_row(document, holders, row, reader.line_num)
    except csv.Error as error:
        document.problems.append(Problem(file, reader.line_num, f"this is not CSV: {error}"))
    listed: list[Value] = list(holders.values())
    document.tree = {"holders": listed}
    return document


def _take_row(
    document: Document, holders: dict[str, dict[str, Value]], row: Mapping[str | None, str | None], line: int
) -> None:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        document.problems.append(Problem(document.file, line, "the row has more cells than there are columns"))
    is_new = cells["id"] not in holders
    holder = holders.setdefault(cells["id"], {"id": cells["id"], "credentials": []})
    at: Location = ("holders", list(holders).index(cells["id"]) if not is_new else len(holders) - 1)
    if is_new:
        document.lines[at] = document.lines[(*at, "id")] = line
    for name in ("name",):
        if cells[name]:
            _put(document, holder, at, name, cells[name], line)
    if cells["roles"]:
        _put(document, holder, at, "roles", list(cells["roles"].replace(";", " ").split()), line)
    if cells["needs_longer"]:
        _put(document, holder, at, "needs_longer", _flag(cells["needs_longer"]), line)
    if not cells["number"]:
        return
    credentials = holder["credentials"]
    assert isinstance(credentials, list)
    credential: dict[str, Value] = {"number": cells["number"]}
    where = (*at, "credentials", len(credentials))
    document.lines.setdefault((*at, "credentials"), line)
    document.lines[where] = document.lines[(*where, "number")] = line
    for name in ("state", "valid_from", "valid_until"):
        if cells[name]:
            _put(document, credential, where, name, cells[name], line)
    if cells["duress"]:
        _put(document, credential, where, "duress", _flag(cells["duress"]), line)
    credentials.append(credential)


def _put(document: Document, entry: dict[str, Value], at: Location, name: str, value: Value, line: int) -> None:
    entry[name] = value
    document.lines[(*at, name)] = line
    if isinstance(value, list):
        document.lines.update({(*at, name, i): line for i in range(len(value))})


def _flag(text: str) -> Value:
    """Yes and no as spreadsheets write them; anything else stays as it is, to be refused."""
    known: dict[str, Value] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return known.get(text.lower(), text)


def _check_unique_ids(document: Document) -> None:
    first: dict[str, int] = {}
    for at, entry in _items(document.tree, "holders"):
        one = entry.get("id")
        if not isinstance(one, str):
            continue
        if one in first:
            what = f"holder id {one!r} is used twice, first on line {first[one]}"
            document.complain((*at, "id"), what, "Every id must be unique.")
        first.setdefault(one, document.line_of((*at, "id")))


def _items(tree: Value, part: str, at: Location = ()) -> Iterator[tuple[Location, dict[str, Value]]]:
    entries = tree.get(part) if isinstance(tree, dict) else None
    if isinstance(entries, list):
        for i, entry in enumerate(entries):
            if isinstance(entry, dict):
                yield (*at, part, i), entry


@dataclass(frozen=True, slots=True)
class _Names:
    """What a site file has names for, by kind."""

    known: Mapping[str, set[str]]

    def check(self, document: Document, at: Location, kind: str, value: Value, hint: str = "") -> None:
        """Complain of a name, or of names of a list, that nothing here has."""
        if isinstance(value, list):
            for i, one in enumerate(value):
                self.check(document, (*at, i), kind, one, hint)
        elif isinstance(value, str) and value not in self.known[kind]:
            remedy = did_you_mean(value, self.known[kind]) or hint or f"This file has no {kind}s."
            document.complain(at, f"there is no {kind} {value!r}", remedy)


def check_premises(document: Document, tree: dict[str, Value], people: People) -> None:
    """Complain of every name that means nothing, every line that cannot be a threshold, every number used twice."""
    names = _Names(_names_of(tree))
    for at, area in _items(tree, "areas"):
        names.check(document, (*at, "first_in"), "role", area.get("first_in"))
        names.check(document, (*at, "zones"), "zone", area.get("zones"), "Zones are named 'camera/zone'.")
    for at, door in _items(tree, "doors"):
        _check_door(document, names, at, door)
    for at, role in _items(tree, "roles"):
        for inner, may in _items(role, "may", at):
            names.check(document, (*inner, "areas"), "area", may.get("areas"))
            names.check(document, (*inner, "doors"), "door", may.get("doors"))
            names.check(document, (*inner, "schedule"), "schedule", may.get("schedule"))
    for at, view in _items(tree, "views"):
        names.check(document, (*at, "cameras"), "camera", view.get("cameras"))
        names.check(document, (*at, "zones"), "zone", view.get("zones"), "Zones are named 'camera/zone'.")
        names.check(document, (*at, "areas"), "area", view.get("areas"))
    for at, holder in people.listed():
        names.check(people.document, (*at, "roles"), "role", holder.get("roles"))
    _check_once(document, "reader", "id", (one for at, d in _items(tree, "doors") for one in _items(d, "readers", at)))
    credentials = (one for at, h in people.listed() for one in _items(h, "credentials", at))
    _check_once(people.document, "credential", "number", credentials)
    zone = _zone_of(tree)
    if zone is not None:
        _check_validity(people, zone)
    _check_thresholds(document, tree)


def _names_of(tree: dict[str, Value]) -> dict[str, set[str]]:
    known = {
        kind: {str(entry.get("id")) for _, entry in _items(tree, f"{kind}s")}
        for kind in ("area", "door", "role", "schedule", "camera")
    }
    for kind in ("zone", "line"):
        known[kind] = {
            f"{camera.get('id')}/{entry.get('id')}"
            for at, camera in _items(tree, "cameras")
            for _, entry in _items(camera, f"{kind}s", at)
        }
    return known


def _check_door(document: Document, names: _Names, at: Location, door: dict[str, Value]) -> None:
    names.check(document, (*at, "areas"), "area", door.get("areas"))
    names.check(document, (*at, "cameras"), "camera", door.get("cameras"))
    names.check(document, (*at, "threshold"), "line", door.get("threshold"), "Lines are named 'camera/line'.")
    names.check(document, (*at, "free"), "schedule", door.get("free"))
    names.check(document, (*at, "interlock"), "door", door.get("interlock"))
    walks = door.get("walk_s")
    for other in walks if isinstance(walks, dict) else ():
        names.check(document, (*at, "walk_s", other), "door", other)
    areas = door.get("areas")
    joined = [one for one in areas if isinstance(one, str)] if isinstance(areas, list) else []
    if len(joined) == 2 and joined[0] == joined[1]:
        document.complain((*at, "areas"), f"the door joins {joined[0]!r} with itself")
    for inner, reader in _items(door, "readers", at):
        into = reader.get("into")
        if isinstance(into, str) and len(joined) == 2 and into not in joined:
            what = f"reader {str(reader.get('id'))!r} leads into {into!r}, which this door does not join"
            document.complain((*inner, "into"), what, did_you_mean(into, joined))
    _check_timers(document, at, door)


def _check_timers(document: Document, at: Location, door: dict[str, Value]) -> None:
    def seconds(key: str, default: float) -> float:
        value = door.get(key, default)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    open_s = seconds("open_time_s", 30.0)
    if seconds("extended_open_time_s", 2 * open_s) < open_s:
        what = f"extended_open_time_s is shorter than open_time_s, {open_s:g} s"
        document.complain((*at, "extended_open_time_s"), what)
    if seconds("pre_alarm_time_s", 0.0) >= open_s > 0:
        what = f"pre_alarm_time_s must be shorter than open_time_s, {open_s:g} s"
        document.complain((*at, "pre_alarm_time_s"), what, "It counts back from the alarm.")


def _check_once(document: Document, what: str, key: str, entries: Iterable[tuple[Location, dict[str, Value]]]) -> None:
    first: dict[str, int] = {}
    for at, entry in entries:
        one = entry.get(key)
        if not isinstance(one, str):
            continue
        if one in first:
            told = f"{what} {key} {one!r} is used twice, first on line {first[one]}"
            document.complain((*at, key), told, f"Every {key} must be unique.")
        first.setdefault(one, document.line_of((*at, key)))


def _zone_of(tree: dict[str, Value]) -> ZoneInfo | None:
    """The site's; None when it is none, of which others complain."""
    site = tree.get("site")
    named = site.get("time_zone", "UTC") if isinstance(site, dict) else "UTC"
    try:
        return ZoneInfo(named) if isinstance(named, str) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _check_validity(people: People, zone: ZoneInfo) -> None:
    """Complain of credentials whose beginning or end cannot be told: it is the instant in UTC that counts."""
    for holder_at, holder in people.listed():
        for at, credential in _items(holder, "credentials", holder_at):
            for key in ("valid_from", "valid_until"):
                text, is_end = credential.get(key), key == "valid_until"
                if isinstance(text, str) and not _can_be_told(text, zone, is_end=is_end):
                    which = f"the end of {text!r}" if is_end and len(text) == 10 else repr(text)
                    what = f"{which}, in UTC, lies outside the years 1970 to 9000"
                    mend = "Leave the key out for one that was always valid, or never ends."
                    people.document.complain((*at, key), what, mend)


def _can_be_told(text: str, zone: ZoneInfo, *, is_end: bool) -> bool:
    try:
        at = _instant(text, zone, is_end=is_end)
    except OverflowError:  # the end of 9999
        return False
    except ValueError:  # neither a day nor a time, of which others complain
        return True
    return at is None or is_tellable(at)


def _check_thresholds(document: Document, tree: dict[str, Value]) -> None:
    one_way = {
        f"{camera.get('id')}/{line.get('id')}": line.get("direction")
        for at, camera in _items(tree, "cameras")
        for _, line in _items(camera, "lines", at)
        if line.get("direction", "any") != "any"
    }
    at_times = {
        f"{camera.get('id')}/{line.get('id')}"
        for at, camera in _items(tree, "cameras")
        for _, line in _items(camera, "lines", at)
        if line.get("hours")
    }
    for at, door in _items(tree, "doors"):
        named = door.get("threshold")
        if isinstance(named, str) and named in one_way:
            what = f"line {named!r} counts only {one_way[named]!r}; a threshold counts both directions"
            document.complain((*at, "threshold"), what, "Take the line's direction out.")
        if isinstance(named, str) and named in at_times:
            what = f"line {named!r} counts at some hours only; a threshold counts at all hours"
            document.complain((*at, "threshold"), what, "Take the line's hours out.")


def access_plan(shape: SiteFile) -> AccessPlan:
    """The areas, doors and people that a checked site file describes."""
    zone = shape.site.time_zone
    return AccessPlan(
        areas=tuple(_area(entry) for entry in shape.areas),
        doors=tuple(_door(entry) for entry in shape.doors),
        holders=tuple(_holder(entry, ZoneInfo(zone)) for entry in shape.holders if not isinstance(entry, str)),
        roles=tuple(_role(entry) for entry in shape.roles),
        schedules=tuple(_schedule(entry, zone) for entry in shape.schedules),
        holidays=tuple(Holiday(date.fromisoformat(entry.date), entry.name) for entry in shape.holidays),
        views=tuple(_view(entry) for entry in shape.views),
    )


def _pairs(names: list[str]) -> tuple[tuple[str, str], ...]:
    """Zones, written as camera/zone."""
    return tuple((camera, zone) for camera, _, zone in (name.partition("/") for name in names))


def _area(entry: AreaEntry) -> Area:
    return Area(
        id=entry.id,
        name=entry.name or entry.id,
        is_outside=entry.outside,
        passback=Passback(entry.passback),
        passback_s=entry.passback_s,
        forgive_at=None if entry.forgive_at == "never" else time.fromisoformat(entry.forgive_at),
        first_in=tuple(entry.first_in),
        max_people=entry.max_people,
        zones=_pairs(entry.zones),
        outline=tuple((x, y) for x, y in entry.outline or ()),
    )


def _door(entry: DoorEntry) -> Door:
    threshold = None
    if entry.threshold is not None:
        camera_id, _, line_id = entry.threshold.partition("/")
        threshold = Threshold(camera_id, line_id, entry.threshold_inward)
    extended = entry.extended_open_time_s
    return Door(
        id=entry.id,
        name=entry.name or entry.id,
        areas=(entry.areas[0], entry.areas[1]),
        readers=tuple(Reader(one.id, one.into) for one in entry.readers),
        has_sensor=entry.sensor,
        release_time_s=entry.release_time_s,
        open_time_s=entry.open_time_s,
        extended_open_time_s=min(2 * entry.open_time_s, 86_400.0) if extended is None else extended,
        pre_alarm_time_s=entry.pre_alarm_time_s,
        propped_after_s=entry.propped_after_s,
        cameras=tuple(dict.fromkeys([*entry.cameras, *([threshold.camera_id] if threshold else [])])),
        threshold=threshold,
        free=entry.free,
        interlock=tuple(entry.interlock),
        walk_s=tuple(entry.walk_s.items()),
        position=(entry.position[0], entry.position[1]) if entry.position else None,
        device=entry.device,
    )


def _view(entry: ViewEntry) -> View:
    position = (entry.position[0], entry.position[1]) if entry.position else None
    return View(entry.of, tuple(entry.cameras), _pairs(entry.zones), position, tuple(entry.areas))


def _role(entry: RoleEntry) -> AccessRole:
    return AccessRole(
        id=entry.id,
        name=entry.name or entry.id,
        may=tuple(Permission(tuple(one.areas), tuple(one.doors), one.schedule) for one in entry.may),
        needs_escort=entry.needs_escort,
        escorts=entry.escorts,
        is_exempt=entry.passback_exempt,
    )


def _holder(entry: HolderEntry, zone: ZoneInfo) -> Holder:
    credentials = tuple(
        Credential(
            number=one.number,
            state=CredentialState(one.state),
            valid_from=_instant(one.valid_from, zone, is_end=False),
            valid_until=_instant(one.valid_until, zone, is_end=True),
            is_duress=one.duress,
        )
        for one in entry.credentials
    )
    return Holder(entry.id, entry.name or entry.id, tuple(entry.roles), credentials, entry.needs_longer)


def _instant(text: str | None, zone: ZoneInfo, *, is_end: bool) -> datetime | None:
    """A day means its beginning, or its end."""
    if text is None:
        return None
    if len(text) == 10:
        day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
        return datetime.combine(day, time(), zone)
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def _schedule(entry: ScheduleEntry, zone: str) -> SiteSchedule:
    holidays = Schedule(read_hours(entry.on_holidays) if entry.on_holidays else (), zone)
    return SiteSchedule(entry.id, entry.name or entry.id, Schedule(read_hours(entry.hours), zone), holidays)
