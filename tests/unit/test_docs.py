"""Documentation that can fail: what is made is current, what is written by hand is complete."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from custos.adapters.sitefile.reader import read_site
from custos.adapters.sitefile.shape import ENTRIES
from custos.cli import docs
from custos.cli.main import app
from custos.model.behaviours import BEHAVIOUR_KINDS, OF_PLACES
from custos.model.event_types import EVENT_TYPES
from custos.model.site import Zone

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SECTIONS = {
    "SiteFile": "The file",
    "SiteEntry": "site",
    "DetectorEntry": "detector",
    "CameraEntry": "cameras",
    "ZoneEntry": "zones",
    "LineEntry": "lines",
    "BehaviourEntry": "behaviours",
    "GroundEntry": "ground",
    "HeightEntry": "heights",
    "RuleEntry": "rules",
    "AreaEntry": "areas",
    "DoorEntry": "doors",
    "ReaderEntry": "readers",
    "RoleEntry": "roles",
    "PermissionEntry": "may",
    "HolderEntry": "holders",
    "CredentialEntry": "credentials",
    "ScheduleEntry": "schedules",
    "HolidayEntry": "holidays",
    "ViewEntry": "views",
    "PlanEntry": "plan",
    "PlaceEntry": "place",
    "HttpEntry": "devices: http",
    "SiaEntry": "devices: sia",
    "PanelEntry": "panels",
    "JsonEntry": "devices: json",
    "LinesEntry": "devices: lines",
    "EventEntry": "events",
    "MqttEntry": "devices: mqtt",
    "TopicEntry": "topics",
    "PublisherEntry": "publishers",
    "OnvifEntry": "devices: onvif",
    "RetentionEntry": "retention",
}


def section(page: str, heading: str) -> str:
    """The text below a `## heading`, up to the next one."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def undocumented_keys(page: str) -> list[str]:
    """Keys of the site file that have no row in their section of `page`."""
    return [
        f"{SECTIONS[entry.__name__]}: {key}"
        for entry in ENTRIES
        for key in entry.model_fields
        if f"\n| `{key}` |" not in _explained(page, SECTIONS[entry.__name__])
    ]


def _explained(page: str, heading: str) -> str:
    """The keys that every device has stand in one place."""
    return section(page, heading) + (section(page, "devices") if heading.startswith("devices: ") else "")


def test_events_page_is_current() -> None:
    assert (DOCS / "events.md").read_text() == docs.events_page(), "run `make docs`"
    assert all(f"\n## {name}\n" in docs.events_page() for name in EVENT_TYPES)


def test_behaviours_page_is_current() -> None:
    assert (DOCS / "behaviours.md").read_text() == docs.behaviours_page(), "run `make docs`"
    kinds = [*OF_PLACES, *BEHAVIOUR_KINDS]
    assert all(f"\n## {name}\n" in docs.behaviours_page() for name in kinds)
    assert {path.stem for path in (DOCS / "img" / "behaviours").iterdir()} == set(kinds)


def test_a_time_that_is_never_up_unless_it_is_set_says_so() -> None:
    assert Zone("a", "A", ((0, 0), (1, 0), (1, 1))).loiter_s is None
    assert "| `loiter_s` | never | more than 0, 86400 |" in docs.behaviours_page()


def test_commands_page_is_current() -> None:
    assert (DOCS / "commands.md").read_text() == docs.commands_page(app), "run `make docs`"


def test_rules_page_is_current() -> None:
    assert (DOCS / "shipped-rules.md").read_text() == docs.rules_page(), "run `make docs`"


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [command.path for command in docs.commands(app) if not command.help]
    silent += [
        f"{command.path} {parameter.name}"
        for command in docs.commands(app)
        for parameter in command.parameters
        if not parameter.help
    ]
    assert not silent


def test_schema_is_current() -> None:
    assert (DOCS / "site.schema.json").read_text() == docs.schema_page(), "run `make docs`"


def test_every_key_of_the_site_file_is_explained() -> None:
    page = (DOCS / "site-file.md").read_text()
    assert undocumented_keys(page) == []
    assert undocumented_keys(page.replace("| `loiter_s` |", "| `loiter` |")) == ["zones: loiter_s"]


def settings() -> Iterator[str]:
    """Environment variables that the code reads."""
    for file in sorted((ROOT / "src").rglob("*.py")):
        yield from re.findall(r"\bCUSTOS_[A-Z_]+", file.read_text())


def test_every_setting_is_explained() -> None:
    page = (DOCS / "settings.md").read_text()
    assert [name for name in set(settings()) if f"\n| `{name}" not in page] == []


def test_every_rule_file_is_explained() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    rules = [file.name for file in (ROOT / "rules").rglob("*.yaml")]
    assert [name for name in rules if name not in pages] == []


def examples() -> list[Path]:
    return sorted((ROOT / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.name)
def test_examples_are_site_files_and_fit_the_schema(path: Path) -> None:
    site = read_site(path, {**os.environ, "CAM_USER": "guard", "CAM_PASSWORD": "secret"})
    assert site.cameras
    schema = json.loads((DOCS / "site.schema.json").read_text())
    jsonschema_rs.Draft202012Validator(schema).validate(YAML(typ="safe", pure=True).load(path.read_text()))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "site: {id: hq, name: HQ}\nextra: 1",
        "site: {id: HQ, name: HQ}",
        "site: {id: hq, name: HQ}\ncameras: [{id: a, url: x, lines: [{id: z, points: [[0, 0], [2, 0]]}]}]",
        "site: {id: hq, name: HQ}\ndetector: {path: x}",
    ],
)
def test_the_schema_refuses_what_makes_no_sense(text: str) -> None:
    schema = json.loads((DOCS / "site.schema.json").read_text())
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid(YAML(typ="safe", pure=True).load(text))


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def without_code(page: str) -> str:
    """The page without its fenced blocks; a fence that is never closed takes the rest with it, as on a screen."""
    return re.sub(r"^( *)```.*?(^ *```$|\Z)", "", page, flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What a link may name after its `#`: the headings, as they are written in an address."""
    headings = re.findall(r"^#+ (.*)$", without_code(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, target: str) -> bool:
    file, _, anchor = target.partition("#")
    meant = page.parent / file if file else page
    return not meant.exists() or (anchor != "" and anchor not in anchors(meant))


def test_links_lead_somewhere_headings_included() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in re.findall(r"\]\((?!https?://)([^)]+)\)", page.read_text())
        if leads_nowhere(page, target)
    ]
    assert not broken


def test_every_block_of_code_is_closed() -> None:
    """An open one goes on to the end of the next, and takes the headings in between with it (site-file.md, twice)."""
    for page in pages():
        fences = re.findall(r"^ *```(.*)$", page.read_text(), re.MULTILINE)
        assert len(fences) % 2 == 0, page.name
        assert not any(fences[1::2]), page.name


def test_the_readme_counts_right() -> None:
    readme = (ROOT / "README.md").read_text()
    assert f"[{len(BEHAVIOUR_KINDS)} behaviours]" in readme
    assert f"[{len(list((ROOT / 'rules').rglob('*.yaml')))} rules]" in readme
