"""A site file as a `Site`, or everything that is wrong with it.

read_site(path) -> Site; parse_site(text, where) -> Site; SiteFileError lists every problem with its line
read_closely(path) -> Reading: the Site, and what in the file does nothing
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from custos.adapters.sitefile.conduct import behaviour_of, check_behaviour, check_ground, ground_of, schedule_of
from custos.adapters.sitefile.document import Document, Location, SecretName, Value, read_document
from custos.adapters.sitefile.fields import SECRET_KEYS
from custos.adapters.sitefile.phrases import problem_of
from custos.adapters.sitefile.plan import plan_file, read_plan
from custos.adapters.sitefile.premises import access_plan, check_premises, read_people
from custos.adapters.sitefile.problems import Problem, Refused, SiteFileError, did_you_mean
from custos.adapters.sitefile.secrets import SECRETS_FILE, Secrets, is_address, read_secrets
from custos.adapters.sitefile.shape import CameraEntry, PlaceEntry, PlanEntry, RuleEntry, SiteFile
from custos.adapters.sitefile.shape_devices import device_of
from custos.model.ground import ground_flaw
from custos.model.places import line_flaw, polygon_flaw
from custos.model.plan import HEIGHT_M, WIDTH_M, CameraPlace, SitePlan
from custos.model.site import (
    Camera,
    DetectorChoice,
    Direction,
    HeightReference,
    Line,
    PresenceRule,
    Retention,
    Severity,
    Site,
    Zone,
)

LISTS = (
    *("cameras", "rules", "areas", "doors", "roles", "holders", "schedules", "holidays", "devices", "views"),
    "rules_off",
)
REFUSED_SECRET = "0" * 64
"""Stands where a secret was refused, so that nothing else is said about it; fits every kind of secret."""


def read_site(path: Path | str, environ: Mapping[str, str] = os.environ) -> Site:
    """The site that the file at `path` describes; SiteFileError lists what is wrong with it."""
    return parse_site(read_text(Path(path)), path, environ)


def parse_site(text: str, where: Path | str = "site.yaml", environ: Mapping[str, str] = os.environ) -> Site:
    """The site that `text` describes.

    Args:
        where: the file it comes from: named in errors; secrets.yaml and relative paths lie beside it.
        environ: what `${ENV}` and CUSTOS_SECRET_... are taken from.
    """
    return site_of(text, where, read_secrets(Path(where).parent / SECRETS_FILE, environ))


@dataclass(frozen=True, slots=True)
class Reading:
    """A site, and what its file says that does nothing, but is read: such a thing used to be taken."""

    site: Site
    doubts: tuple[Problem, ...]


def read_closely(path: Path | str, environ: Mapping[str, str] = os.environ) -> Reading:
    """Like `read_site`, with what does nothing."""
    return reading_of(read_text(Path(path)), path, read_secrets(Path(path).parent / SECRETS_FILE, environ))


def site_of(text: str, where: Path | str, secrets: Secrets) -> Site:
    """Like `parse_site`, with secrets that are already at hand."""
    return reading_of(text, where, secrets).site


def reading_of(text: str, where: Path | str, secrets: Secrets) -> Reading:
    """Like `site_of`, with what does nothing."""
    document = read_document(text, str(where))
    shape = _check(document, secrets, Path(where).parent)
    if shape is None or document.problems:
        raise SiteFileError(document.problems)
    try:
        site = _site(shape, Path(where).parent)
    except ValueError as error:
        raise SiteFileError([Problem(str(where), 0, str(error))]) from error
    return Reading(site, tuple(_doubts(document, site)))


def _doubts(document: Document, site: Site) -> Iterator[Problem]:
    """Zones and lines so small that nobody is told of there, and ground that no camera could see like this."""
    for i, camera in enumerate(site.cameras):
        flaws = [
            *((("zones", n, "polygon"), f"zone {z.id!r}", polygon_flaw(z.polygon)) for n, z in enumerate(camera.zones)),
            *((("lines", n, "points"), f"line {x.id!r}", line_flaw(*x.points)) for n, x in enumerate(camera.lines)),
            (("ground", "metres"), "ground", None if camera.ground is None else ground_flaw(camera.ground)),
        ]
        for at, which, flaw in flaws:
            if flaw is not None:
                what = f"camera {camera.id!r}, {which}: {flaw.what}"
                yield Problem(document.file, document.line_of(("cameras", i, *at)), what, flaw.remedy)


def read_text(path: Path) -> str:
    """The text of a site file, its line ends as they stand."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        remedy = "Give the path of a site file with --config, or start `custos up` without one."
        raise SiteFileError([Problem(str(path), 0, "there is no such file", remedy)]) from error
    except OSError as error:
        raise SiteFileError([Problem(str(path), 0, f"the file cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SiteFileError([Problem(str(path), line, "this is not UTF-8 text", "Save it as UTF-8.")]) from error


def _check(document: Document, secrets: Secrets, folder: Path) -> SiteFile | None:
    """Note everything that is wrong in `document`; its shape, where that much is sound."""
    tree = document.tree
    if not isinstance(tree, dict):
        what = "the file is empty" if tree is None else "the file does not hold keys and values"
        document.problems.append(Problem(document.file, 1, what, "It begins with 'site:'; see docs/site-file.md."))
        return None
    _drop_empty_lists(tree, *LISTS)
    for location, camera in _items(tree, "cameras"):
        _drop_empty_lists(camera, "zones", "lines", "behaviours", "heights")
        _resolve_url(document, secrets, location, camera)
        for part in ("zones", "lines", "behaviours"):
            _check_unique(document, camera, part, location)
        check_ground(document, camera, location)
        for at, behaviour in _items(camera, "behaviours", location):
            check_behaviour(document, camera, at, behaviour)
    for location, device in _items(tree, "devices"):
        _resolve_secrets(document, secrets, location, device)
    for part in ("cameras", "rules", "areas", "doors", "roles", "holders", "schedules", "devices"):
        _check_unique(document, tree, part, ())
    people = read_people(document, tree, folder)
    check_premises(document, tree, people)
    _check_rule_zones(document, tree)
    _check_device_cameras(document, tree)
    _check_plan(document, tree, folder)
    _refuse_stray_secrets(document, tree, ())
    holders = people.entries()
    document.problems += people.problems()
    try:
        shape = SiteFile.model_validate(tree)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            document.problems.append(problem_of(document, detail))
        return None
    return shape if holders is None else shape.model_copy(update={"holders": holders})


def _drop_empty_lists(tree: dict[str, Value], *parts: str) -> None:
    """A list of which only the key is left ("cameras:") is an empty one."""
    for part in parts:
        if part in tree and tree[part] is None:
            del tree[part]


def _items(tree: Mapping[str, Value], part: str, at: Location = ()) -> Iterator[tuple[Location, dict[str, Value]]]:
    """The entries of list `part` that are mappings, with where they stand."""
    entries = tree.get(part)
    if isinstance(entries, list):
        for i, entry in enumerate(entries):
            if isinstance(entry, dict):
                yield (*at, part, i), entry


def _resolve_url(document: Document, secrets: Secrets, at: Location, camera: dict[str, Value]) -> None:
    url = camera.get("url")
    if not isinstance(url, str | SecretName):
        return
    try:
        camera["url"] = secrets.url(url)
    except Refused as error:
        document.complain((*at, "url"), error.what, error.remedy)
        camera["url"] = "refused"


def _resolve_secrets(document: Document, secrets: Secrets, at: Location, part: dict[str, Value]) -> None:
    """Put the secrets of a device, and of the parts of its lists, in their places."""
    for key, value in part.items():
        if isinstance(value, list):
            for location, inner in _items(part, key, at):
                _resolve_secrets(document, secrets, location, inner)
        if key not in SECRET_KEYS or not isinstance(value, str | SecretName):
            continue
        try:
            part[key] = secrets.secret(value)
        except Refused as error:
            document.complain((*at, key), error.what, error.remedy)
            part[key] = REFUSED_SECRET


def _check_unique(document: Document, tree: Mapping[str, Value], part: str, at: Location) -> None:
    first: dict[str, int] = {}
    for location, entry in _items(tree, part, at):
        one = entry.get("id")
        if not isinstance(one, str):
            continue
        if one in first:
            what = f"{part[:-1]} id {one!r} is used twice, first on line {first[one]}"
            document.complain((*location, "id"), what, "Every id must be unique.")
        first.setdefault(one, document.line_of((*location, "id")))


def _check_rule_zones(document: Document, tree: Mapping[str, Value]) -> None:
    known = {
        f"{camera.get('id')}/{zone.get('id')}"
        for at, camera in _items(tree, "cameras")
        for _, zone in _items(camera, "zones", at)
    }
    for at, rule in _items(tree, "rules"):
        zones = rule.get("zones")
        for i, name in enumerate(zones if isinstance(zones, list) else []):
            if isinstance(name, str) and name not in known:
                remedy = did_you_mean(name, known) or "Zones are named 'camera/zone'; no camera here has any."
                document.complain((*at, "zones", i), f"there is no zone {name!r}", remedy)


def _check_device_cameras(document: Document, tree: Mapping[str, Value]) -> None:
    known = [str(camera.get("id")) for _, camera in _items(tree, "cameras")]
    for at, device in _items(tree, "devices"):
        for location, entry in ((at, device), *_items(device, "onvif", at)):
            name = entry.get("camera")
            if isinstance(name, str) and name not in known:
                remedy = did_you_mean(name, known) or "List it under 'cameras'."
                document.complain((*location, "camera"), f"there is no camera {name!r}", remedy)


def _check_plan(document: Document, tree: Mapping[str, Value], folder: Path) -> None:
    plan = tree.get("plan")
    image = plan.get("image") if isinstance(plan, dict) else None
    if not isinstance(plan, dict) or not isinstance(image, str):
        return
    try:
        read_plan(plan_file(image, folder))
    except Refused as error:
        document.complain(("plan", "image"), error.what, error.remedy)
    if "height_m" in plan:
        remedy = "Take 'height_m' out: the shape of the image says it."
        document.complain(("plan", "height_m"), "a plan with an image has no height of its own", remedy)


def _refuse_stray_secrets(document: Document, value: Value, at: Location) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_stray_secrets(document, inner, (*at, key))
            if isinstance(inner, SecretName):
                value[key] = inner.name
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _refuse_stray_secrets(document, inner, (*at, i))
            if isinstance(inner, SecretName):
                value[i] = inner.name
    elif isinstance(value, SecretName):
        what = "'!secret' stands only for a camera's url and a device's secrets"
        document.complain(at, what, "Write the value itself.")


def resolve_path(url: str, folder: Path) -> str:
    """`url` with a relative path made absolute from `folder`; addresses and absolute paths as they are."""
    if is_address(url) or Path(url).is_absolute():
        return url
    return str((folder / url).resolve())


def _site(shape: SiteFile, folder: Path) -> Site:
    zone = shape.site.time_zone
    return Site(
        id=shape.site.id,
        name=shape.site.name,
        time_zone=zone,
        demo=shape.site.demo,
        cameras=tuple(_camera(entry, folder, zone) for entry in shape.cameras),
        rules=tuple(_rule(entry, zone) for entry in shape.rules),
        detector=_detector(shape, folder),
        access=access_plan(shape),
        rules_off=tuple(shape.rules_off),
        devices=tuple(device_of(entry, zone) for entry in shape.devices),
        plan=None if shape.plan is None else _plan(shape.plan, folder),
        retention=Retention() if shape.retention is None else Retention(**shape.retention.model_dump()),
    )


def _plan(entry: PlanEntry, folder: Path) -> SitePlan:
    if entry.image is None:
        return SitePlan(entry.width_m, entry.height_m or entry.width_m * HEIGHT_M / WIDTH_M)
    path = plan_file(entry.image, folder)
    image = read_plan(path)
    height_m = entry.width_m * image.height_px / image.width_px
    version = hashlib.sha256(image.data).hexdigest()[:16]
    return SitePlan(entry.width_m, height_m, str(path), image.media_type, version)


def _place(entry: PlaceEntry) -> CameraPlace:
    x, y = entry.position
    return CameraPlace((x, y), entry.bearing_deg, entry.view_deg, entry.range_m)


def _detector(shape: SiteFile, folder: Path) -> DetectorChoice:
    chosen = shape.detector
    if isinstance(chosen, str):
        return DetectorChoice(name=chosen)
    path = resolve_path(chosen.path, folder)
    return DetectorChoice(name=Path(path).stem, path=path, sha256=chosen.sha256, family=chosen.family)


def _camera(entry: CameraEntry, folder: Path, time_zone: str) -> Camera:
    return Camera(
        id=entry.id,
        name=entry.name or entry.id,
        url=resolve_path(entry.url, folder),
        zones=tuple(
            Zone(
                id=zone.id,
                name=zone.name or zone.id,
                polygon=tuple((x, y) for x, y in zone.polygon),
                classes=tuple(zone.classes),
                loiter_s=zone.loiter_s,
                min_dwell_s=zone.min_dwell_s,
                hours=schedule_of(zone.hours, time_zone),
                sensitivity=zone.sensitivity,
            )
            for zone in entry.zones
        ),
        lines=tuple(
            Line(
                id=line.id,
                name=line.name or line.id,
                points=((line.points[0][0], line.points[0][1]), (line.points[1][0], line.points[1][1])),
                direction=Direction(line.direction),
                classes=tuple(line.classes),
                hours=schedule_of(line.hours, time_zone),
                sensitivity=line.sensitivity,
            )
            for line in entry.lines
        ),
        transport=entry.transport,
        loop=entry.loop,
        enabled=entry.enabled,
        detect_fps=entry.detect_fps,
        behaviours=tuple(behaviour_of(one, time_zone) for one in entry.behaviours),
        ground=ground_of(entry.ground),
        heights=tuple(
            HeightReference((one.bottom[0], one.bottom[1]), (one.top[0], one.top[1]), one.height_m)
            for one in entry.heights
        ),
        place=None if entry.place is None else _place(entry.place),
    )


def _rule(entry: RuleEntry, time_zone: str) -> PresenceRule:
    return PresenceRule(
        id=entry.id,
        title=entry.title,
        zones=tuple((camera, zone) for camera, _, zone in (name.partition("/") for name in entry.zones)),
        expected=schedule_of(entry.expected, time_zone),
        longer_than_s=entry.longer_than_s,
        severity=Severity(entry.severity),
        classes=tuple(entry.classes),
        group_gap_s=entry.group_gap_s,
    )
