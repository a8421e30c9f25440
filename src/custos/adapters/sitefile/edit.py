"""Changes to a site file's text that leave everything else as people wrote it.

The lines of a camera, a door, an area are cut out, changed by ruamel's round trip (which keeps comments), and put
back; the rest of the file stays byte for byte. Where its form does not allow that, the whole file makes the round trip.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from custos.adapters.sitefile.hours import read_hours, week_of
from custos.model.behaviours import BehaviourSpec
from custos.model.ground import Ground
from custos.model.plan import CameraPlace, Placing
from custos.model.schedule import Schedule
from custos.model.site import PERSON, Camera, HeightReference, Line, Point, Zone

_KEY_THEN_DASH = re.compile(r"^(?P<key> *(?:- +)*)[A-Za-z_]+: *(?:#.*)?\n(?: *(?:#.*)?\n)*(?P<dash> *)- ", re.MULTILINE)
Scalar = str | float | bool | None
_DIGITS = 5
"""Coordinates are written to a hundred-thousandth of the picture."""
_METRE_DIGITS = 3


def put_camera(text: str, camera: Camera, url: str | TaggedScalar | None) -> str:
    """`text` with `camera` added, or in place of the one of its id.

    Args:
        url: what is to stand as `url` in the file; None leaves what is there.
    """
    index = _index_of(text, "cameras", camera.id)
    if index is not None:
        return _change(text, "cameras", index, lambda entry: _write_camera(entry, camera, url))
    entry = CommentedMap()
    _write_camera(entry, camera, url)
    return _append(text, entry)


def remove_camera(text: str, camera_id: str) -> str:
    """`text` without the camera of this id."""
    index = _index_of(text, "cameras", camera_id)
    if index is None:
        return text
    span = _span(text, "cameras", index)
    if span is not None and "&" not in span.block:  # what an anchor names may be needed further down
        return span.before + span.after
    document = _yaml(text).load(text)
    del document["cameras"][index]
    return _dump(_yaml(text), document)


def put_places(text: str, placing: Placing) -> str:
    """`text` with things on the plan where `placing` says; the lines of everything else stay as they are."""
    changes: list[tuple[str, str, Callable[[CommentedMap], None]]] = [
        *(("areas", one, partial(_write_points, "outline", points)) for one, points in placing.areas.items()),
        *(("doors", one, partial(_write_position, point)) for one, point in placing.doors.items()),
        *(("cameras", one, partial(_write_place, place)) for one, place in placing.cameras.items()),
        *(("views", one, partial(_write_position, point)) for one, point in placing.things.items()),
    ]
    root, lines = YAML().compose(text), _lines(text)  # once: that takes longest, and a plan has hundreds of things
    mended: list[tuple[int, int, str]] = []
    anchored: list[tuple[str, int, Callable[[CommentedMap], None]]] = []
    for part, one, change in changes:
        listed = _listed_in(root, part)
        index = _index_in(listed, one, key="of" if part == "views" else "id")
        if listed is None or index is None:
            continue
        where = _lines_of(listed, index, lines)
        block = "" if where is None else "".join(lines[slice(*where)])
        if where is None or _reaches_out(block):
            anchored.append((part, index, change))
        else:
            mended.append((*where, _changed(text, block, " " * listed.start_mark.column, change)))
    for start, end, block in sorted(mended, reverse=True):
        lines[start:end] = [block]
    text = "".join(lines)
    if anchored:
        document = _yaml(text).load(text)
        for part, index, change in anchored:
            change(document[part][index])
        text = _dump(_yaml(text), document)
    return text


def put_rules_off(text: str, rule_ids: Sequence[str]) -> str:
    """`text` with these rules, in this order, under `rules_off`; nothing else of the file changes.

    A list written one below the other keeps its lines and comments: lines go, and new ones come at its end.
    """
    root = YAML().compose(text)
    told = "rules_off: [" + ", ".join(rule_ids) + "]\n" if rule_ids else ""
    for key, value in root.value if isinstance(root, MappingNode) else ():
        if key.value != "rules_off":
            continue
        lines = text.splitlines(keepends=True)
        start = key.start_mark.line
        if isinstance(value, SequenceNode) and not value.flow_style and rule_ids:
            return _relisted(lines, value, rule_ids)
        end = start + 1 if isinstance(value, ScalarNode) else value.end_mark.line + int(value.flow_style)
        while end > start + 1 and _stands_between(lines[end - 1], 0):
            end -= 1
        return "".join(lines[:start]) + told + "".join(lines[end:])
    return text + told


def _relisted(lines: list[str], there: SequenceNode, rule_ids: Sequence[str]) -> str:
    last = there.value[-1].start_mark.line
    new = [one for one in rule_ids if one not in {item.value for item in there.value}]
    indent = " " * there.start_mark.column
    gone = {item.start_mark.line for item in there.value if item.value not in rule_ids}
    kept = [line for i, line in enumerate(lines[: last + 1]) if i not in gone]
    return "".join(kept) + "".join(f"{indent}- {one}\n" for one in new) + "".join(lines[last + 1 :])


def rounded_places(placing: Placing) -> Placing:
    """The same as it will read back: with the digits that are written."""
    return Placing(
        areas={one: tuple(map(_round, points)) for one, points in placing.areas.items()},
        doors={one: point and _round(point) for one, point in placing.doors.items()},
        cameras={one: place and _rounded_place(place) for one, place in placing.cameras.items()},
        things={one: point and _round(point) for one, point in placing.things.items()},
    )


def _rounded_place(place: CameraPlace) -> CameraPlace:
    bearing = None if place.bearing_deg is None else round(place.bearing_deg, 1)
    return CameraPlace(_round(place.position), bearing, round(place.view_deg, 1), round(place.range_m, 2))


def secret(name: str) -> TaggedScalar:
    """`!secret name`, as a value to write."""
    return TaggedScalar(value=name, style=None, tag="!secret")


def rounded(camera: Camera) -> Camera:
    """The camera as it will read back: coordinates with the digits that are written."""
    return replace(
        camera,
        zones=tuple(replace(zone, polygon=tuple(map(_round, zone.polygon))) for zone in camera.zones),
        lines=tuple(replace(line, points=(_round(line.points[0]), _round(line.points[1]))) for line in camera.lines),
        behaviours=tuple(_as_read(behaviour) for behaviour in camera.behaviours),
        ground=None if camera.ground is None else _round_ground(camera.ground),
        heights=tuple(map(_round_height, camera.heights)),
    )


def _as_read(behaviour: BehaviourSpec) -> BehaviourSpec:
    """Spans of the same days stand together in the file."""
    if behaviour.hours is None:
        return behaviour
    hours = read_hours(week_of(behaviour.hours.hours))
    return replace(behaviour, hours=replace(behaviour.hours, hours=hours))


def _round_ground(ground: Ground) -> Ground:
    a, b, c, d = map(_round, ground.image)
    places = [(round(x, _METRE_DIGITS), round(y, _METRE_DIGITS)) for x, y in ground.metres]
    return Ground((a, b, c, d), (places[0], places[1], places[2], places[3]))


def _round_height(height: HeightReference) -> HeightReference:
    return HeightReference(_round(height.bottom), _round(height.top), round(height.height_m, _METRE_DIGITS))


def _round(point: Point) -> Point:
    return round(point[0], _DIGITS), round(point[1], _DIGITS)


def secret_names(text: str) -> set[str]:
    """The names that the cameras' urls have behind `!secret`."""
    cameras = _listed(text, "cameras")
    return {
        str(value.value).strip()
        for entry in (cameras.value if cameras else ())
        for key, value in entry.value
        if key.value == "url" and value.tag == "!secret"
    }


@dataclass(frozen=True, slots=True)
class _Span:
    """A text cut in three at the lines of one entry of a block sequence; `indent` stands before its dash."""

    before: str
    block: str
    after: str
    indent: str


def _listed(text: str, part: str) -> SequenceNode | None:
    """The entries of `part`: "cameras", "doors"."""
    return _listed_in(YAML().compose(text), part)


def _listed_in(root: Node | None, part: str) -> SequenceNode | None:
    for key, value in root.value if isinstance(root, MappingNode) else ():
        if key.value == part and isinstance(value, SequenceNode):
            return value
    return None


def _index_of(text: str, part: str, own_id: str) -> int | None:
    return _index_in(_listed(text, part), own_id)


def _index_in(listed: SequenceNode | None, own_id: str, *, key: str = "id") -> int | None:
    for i, entry in enumerate(listed.value if listed else ()):
        for name, value in entry.value:
            if name.value == key and isinstance(value, ScalarNode) and value.value == own_id:
                return i
    return None


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")[:-1]]


def _span(text: str, part: str, index: int) -> _Span | None:
    """Where entry `index` of a part stands; None when its entries are not written one below the other."""
    listed, lines = _listed(text, part), _lines(text)
    where = _lines_of(listed, index, lines) if listed is not None else None
    if listed is None or where is None:
        return None
    start, end = where
    before, block, after = ("".join(lines[a:b]) for a, b in ((0, start), (start, end), (end, None)))
    return _Span(before, block, after, " " * listed.start_mark.column)


def _lines_of(listed: SequenceNode, index: int, lines: Sequence[str]) -> tuple[int, int] | None:
    """The first line of an entry, and the one behind its last; None as for `_span`."""
    if listed.flow_style or not listed.value:
        return None
    column = listed.start_mark.column

    def dash_line(entry: int) -> int:
        line = listed.value[entry].start_mark.line
        while lines[line][column : column + 1] != "-":
            line -= 1
        return int(line)

    start = dash_line(index)
    last = index + 1 == len(listed.value)
    end = min(listed.end_mark.line, len(lines)) if last else dash_line(index + 1)
    while end > start + 1 and _stands_between(lines[end - 1], column):
        end -= 1
    return start, end


def _stands_between(line: str, column: int) -> bool:
    """Whether a line belongs to no entry: blank, or a comment no further in than the dashes."""
    content = line.strip()
    return not content or (content.startswith("#") and len(line) - len(line.lstrip()) <= column)


def _change(text: str, part: str, index: int, change: Callable[[CommentedMap], None]) -> str:
    span = _span(text, part, index)
    if span is None or _reaches_out(span.block):
        document = _yaml(text).load(text)
        change(document[part][index])
        return _dump(_yaml(text), document)
    return span.before + _changed(text, span.block, span.indent, change) + span.after


def _reaches_out(block: str) -> bool:
    """Whether there may be anchors in an entry's lines, which reach out of them."""
    return "&" in block or "*" in block


def _changed(text: str, block: str, indent: str, change: Callable[[CommentedMap], None]) -> str:
    """The lines of one entry, changed."""
    entries = _yaml(text).load(textwrap.dedent(block))
    change(entries[0])
    return _block(text, entries, indent)


def _append(text: str, entry: CommentedMap) -> str:
    cameras = _listed(text, "cameras")
    span = _span(text, "cameras", len(cameras.value) - 1) if cameras is not None else None
    if span is not None:
        return span.before + span.block + _block(text, CommentedSeq([entry]), span.indent) + span.after
    document = _yaml(text).load(text)
    if document.get("cameras"):
        document["cameras"].append(entry)
    else:
        document["cameras"] = CommentedSeq([entry])
    return _dump(_yaml(text), document)


def _block(text: str, entries: CommentedSeq, indent: str) -> str:
    return textwrap.indent(textwrap.dedent(_dump(_yaml(text), entries)), indent)


def _yaml(text: str) -> YAML:
    """A round trip that writes sequences as far in as `text` does."""
    match = _KEY_THEN_DASH.search(text)
    offset = max(0, len(match["dash"]) - len(match["key"])) if match else 2
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _dump(yaml: YAML, data: CommentedMap | CommentedSeq) -> str:
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _write_camera(entry: CommentedMap, camera: Camera, url: str | TaggedScalar | None) -> None:
    entry.setdefault("id", camera.id)
    _set(entry, "name", camera.name, default=camera.id)
    if url is not None:
        entry["url"] = url
    _set(entry, "transport", camera.transport, default="tcp")
    _set(entry, "loop", camera.loop, default=False)
    _set(entry, "enabled", camera.enabled, default=True)
    _set(entry, "detect_fps", _number(camera.detect_fps), default=5)
    zones = _entries(entry, "zones", [zone.id for zone in camera.zones])
    for zone_entry, zone in zip(zones, camera.zones, strict=True):
        _write_zone(zone_entry, zone)
    lines = _entries(entry, "lines", [line.id for line in camera.lines])
    for line_entry, line in zip(lines, camera.lines, strict=True):
        _write_line(line_entry, line)
    behaviours = _entries(entry, "behaviours", [behaviour.id for behaviour in camera.behaviours])
    for behaviour_entry, behaviour in zip(behaviours, camera.behaviours, strict=True):
        _write_behaviour(behaviour_entry, behaviour)
    _write_ground(entry, camera.ground)
    _write_heights(entry, camera.heights)


def _write_zone(entry: CommentedMap, zone: Zone) -> None:
    _set(entry, "name", zone.name, default=zone.id)
    _set_points(entry, "polygon", zone.polygon)
    _set_classes(entry, zone.classes)
    _set(entry, "loiter_s", None if zone.loiter_s is None else _number(zone.loiter_s), default=None)
    _set(entry, "min_dwell_s", _number(zone.min_dwell_s), default=0.3)
    _write_hours(entry, zone.hours)
    _set(entry, "sensitivity", _number(zone.sensitivity), default=0.5)


def _write_line(entry: CommentedMap, line: Line) -> None:
    _set(entry, "name", line.name, default=line.id)
    _set_points(entry, "points", line.points)
    _set(entry, "direction", line.direction.value, default="any")
    _set_classes(entry, line.classes)
    _write_hours(entry, line.hours)
    _set(entry, "sensitivity", _number(line.sensitivity), default=0.5)


def _write_hours(entry: CommentedMap, schedule: Schedule | None) -> None:
    hours = schedule.hours if schedule else ()
    if (read_hours(entry["hours"]) if entry.get("hours") else ()) != hours:
        _put(entry, "hours", _flow_map(week_of(hours)) if hours else None)


def _write_behaviour(entry: CommentedMap, behaviour: BehaviourSpec) -> None:
    _set(entry, "kind", behaviour.kind, default=None)
    _set(entry, "name", behaviour.name or behaviour.id, default=behaviour.id)
    _set(entry, "zone", behaviour.zone_id, default=None)
    _set(entry, "line", behaviour.line_id, default=None)
    if tuple(entry.get("classes") or ()) != behaviour.classes:
        _put(entry, "classes", _flow(list(behaviour.classes)) if behaviour.classes else None)
    _write_hours(entry, behaviour.hours)
    _set(entry, "sensitivity", _number(behaviour.sensitivity), default=0.5)
    _set(entry, "direction", behaviour.direction.value if behaviour.direction else None, default=None)
    _write_settings(entry, behaviour.settings)


def _write_settings(entry: CommentedMap, settings: Mapping[str, float]) -> None:
    if not settings:
        _put(entry, "settings", None)
    elif not entry.get("settings"):
        entry["settings"] = _flow_map({name: _number(value) for name, value in settings.items()})
    else:
        there = entry["settings"]
        for name in [one for one in there if one not in settings]:
            del there[name]
        for name, value in settings.items():
            _set(there, name, _number(value), default=None)


def _write_ground(entry: CommentedMap, ground: Ground | None) -> None:
    if ground is None:
        _put(entry, "ground", None)
        return
    if not entry.get("ground"):
        entry["ground"] = CommentedMap()
    _set_points(entry["ground"], "image", ground.image)
    _set_points(entry["ground"], "metres", ground.metres)


def _write_heights(entry: CommentedMap, heights: Sequence[HeightReference]) -> None:
    """They have no ids: the first keeps the first one's place and comments, and so on."""
    there = entry.get("heights") or CommentedSeq()
    for old, height in zip(there, heights, strict=False):
        _write_height(old, height)
    del there[len(heights) :]
    for height in heights[len(there) :]:
        there.append(_flow_map({}))
        _write_height(there[-1], height)
    if heights:
        entry["heights"] = there
    else:
        _put(entry, "heights", None)


def _write_height(entry: CommentedMap, height: HeightReference) -> None:
    for key, (x, y) in (("bottom", height.bottom), ("top", height.top)):
        if tuple(entry.get(key, ())) != (x, y):
            entry[key] = _flow([_number(x), _number(y)])
    _set(entry, "height_m", _number(height.height_m), default=None)


def _write_points(key: str, points: Sequence[Point], entry: CommentedMap) -> None:
    if points:
        _set_points(entry, key, points)
    else:
        _put(entry, key, None)


def _write_position(point: Point | None, entry: CommentedMap) -> None:
    if point is None:
        _put(entry, "position", None)
    elif tuple(entry.get("position") or ()) != point:
        entry["position"] = _flow([_number(point[0]), _number(point[1])])


def _write_place(place: CameraPlace | None, entry: CommentedMap) -> None:
    if place is None:
        _put(entry, "place", None)
        return
    if not entry.get("place"):
        entry["place"] = _flow_map({})
    there, plain = entry["place"], CameraPlace(place.position)
    _write_position(place.position, there)
    bearing = None if place.bearing_deg is None else _number(place.bearing_deg)
    _set(there, "bearing_deg", bearing, default=None)
    _set(there, "view_deg", _number(place.view_deg), default=plain.view_deg)
    _set(there, "range_m", _number(place.range_m), default=plain.range_m)


def _put(entry: CommentedMap, key: str, value: CommentedSeq | CommentedMap | None) -> None:
    """Write `value`, or take the key out."""
    if value is not None:
        entry[key] = value
    elif key in entry:
        del entry[key]


def _entries(parent: CommentedMap, key: str, ids: Sequence[str]) -> list[CommentedMap]:
    """One mapping for each id under `key`: those that are there, with their comments, and new ones."""
    old = parent.get(key) or CommentedSeq()
    if [str(entry["id"]) for entry in old] == list(ids):
        return list(old)
    by_id = {str(entry["id"]): entry for entry in old}
    entries = CommentedSeq([by_id.get(one) or CommentedMap({"id": one}) for one in ids])
    if old and old.fa.flow_style():
        entries.fa.set_flow_style()
    if entries:
        parent[key] = entries
    else:
        del parent[key]
    return list(entries)


def _set(entry: CommentedMap, key: str, value: Scalar, *, default: Scalar) -> None:
    """Write `value` unless it is what the entry says already, by itself or by leaving the key out."""
    if entry.get(key, default) == value:
        return
    if value is None:
        del entry[key]
    else:
        entry[key] = value


def _set_classes(entry: CommentedMap, classes: Sequence[str]) -> None:
    if tuple(entry.get("classes", PERSON)) != tuple(classes):
        entry["classes"] = _flow(list(classes))


def _set_points(entry: CommentedMap, key: str, points: Sequence[Point]) -> None:
    if [tuple(point) for point in entry.get(key, ())] != list(points):
        entry[key] = _flow([_flow([_number(x), _number(y)]) for x, y in points])


def _flow(items: Sequence[CommentedSeq | str | float]) -> CommentedSeq:
    sequence = CommentedSeq(items)
    sequence.fa.set_flow_style()
    return sequence


def _flow_map(items: Mapping[str, str | float | list[str]]) -> CommentedMap:
    """On one line; texts in quotes, because 07:00-19:00 looks like something else to some readers."""
    mapping = CommentedMap()
    for key, value in items.items():
        if isinstance(value, list):
            mapping[key] = _flow([DoubleQuotedScalarString(one) for one in value])
        else:
            mapping[key] = DoubleQuotedScalarString(value) if isinstance(value, str) else value
    mapping.fa.set_flow_style()
    return mapping


def _number(value: float) -> float:
    """20.0 is written as 20."""
    return int(value) if value == int(value) else value
