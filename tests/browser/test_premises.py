"""The pages of doors, areas, holders, tills, devices, rules and the map, before a server of our own: no `custos up`, so
that doors stand open and incidents are there when the page opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from custos.adapters.rulefiles import SHIPPED, read_rule
from custos.model.access import AccessPlan, View
from custos.model.devices import HttpDevice
from custos.model.event import Event, Json, Picture
from custos.model.live import CameraState
from custos.model.plan import CameraPlace
from custos.model.site import Site
from custos.testing.cameras import SMALLEST_JPEG
from custos.testing.premises import START, DoorEvents, plan, site
from custos.testing.serving import Served, serving
from tests.browser.conftest import ROOT, Complaints, opened
from tests.browser.test_everyone import _settled, _violations, _width

RULES = [read_rule(SHIPPED / f"{name}.yaml") for name in ("duress", "denied-then-forced", "refund-nobody-there")]
VIEW = View("tills/front-till", zones=(("lobby", "floor"),))
DEVICE = HttpDevice(id="acs", name="Access system", token="not-a-secret-of-anybody")
PAGES = {
    "map": ("/map?at=doors/safe", "Map"),
    "doors": ("/doors", "Doors"),
    "door": ("/doors/safe", "Strongroom door"),
    "area": ("/areas/office", "Office"),
    "holders": ("/holders", "Holders"),
    "holder": ("/holders/ada", "Ada"),
    "tills": ("/tills", "Tills"),
    "till": ("/tills/front-till", "Front till"),
    "devices": ("/devices", "Devices"),
    "rules": ("/rules", "Rules"),
    "rule": ("/rules/denied-then-forced", "Refused, then forced"),
}
Opener = Callable[..., Page]


def _site(access: AccessPlan) -> Site:
    here = site(replace(access, views=(VIEW,)))
    return replace(here, name="Harbour Street", devices=(DEVICE,))


def _on_plan(access: AccessPlan) -> AccessPlan:
    left, right = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.9), (0.1, 0.9)), ((0.52, 0.1), (0.9, 0.1), (0.9, 0.9), (0.52, 0.9))
    street, office, vault = access.areas
    front, safe = access.doors
    return replace(
        access,
        areas=(street, replace(office, outline=left), replace(vault, outline=right)),
        doors=(replace(front, position=(0.1, 0.5)), replace(safe, position=(0.51, 0.5))),
    )


def _happen(served: Served) -> None:
    """Ada comes in; somebody is refused at the strongroom, which is forced; two refunds, one with nobody
    there; later two are seen in the office, where one has badged in."""
    door, safe = DoorEvents(), DoorEvents("safe")
    door.passed(0, "1001")
    safe.denied(10, "77", reader="safe-in")
    safe.opened(40)
    at = served.clock() - timedelta(seconds=90)
    events = [replace(e, at=at + (e.at - START)) for e in (*door.told, *safe.told)]
    events += [
        Event(f"till-{n}", kind, at + timedelta(seconds=n), "/sites/hq/tills/front-till", "tills/front-till", data)
        for n, (kind, data) in enumerate(_RUNG_UP)
    ]
    events += [
        Event(
            f"seen-{n}",
            "zone.entered",
            at + timedelta(seconds=50),
            "/sites/hq/cameras/lobby",
            f"tracks/lobby-1-9{n}",
            _IN_ZONE,
        )
        for n in range(2)
    ]
    served.hub.accept(events)
    served.hub.advance(served.clock() + timedelta(seconds=30))


_IN_ZONE: dict[str, Json] = {"zone_id": "floor", "class": "person"}
_RUNG_UP: tuple[tuple[str, dict[str, Json]], ...] = (
    ("pos.sold", {"till_id": "front-till", "operator": "Kim", "amount": 12.5, "currency": "EUR"}),
    ("pos.refunded", {"till_id": "front-till", "operator": "Kim", "amount": 8, "currency": "EUR"}),
)


@contextmanager
def _served(folder: Path, access: AccessPlan) -> Iterator[Served]:
    if not (ROOT / "console" / "dist" / "index.html").is_file():
        pytest.fail("the console is not built: run `npm ci && npm run build` in console/")
    (folder / "console").symlink_to(ROOT / "console" / "dist")
    here = _site(access)
    place = CameraPlace((0.2, 0.2), 120.0, 80.0, 9.0) if access.areas[1].outline else None
    with serving(folder, site=replace(here, cameras=(replace(here.cameras[0], place=place),)), rules=RULES) as served:
        now = served.clock()
        served.cameras.states_told["lobby"] = CameraState("lobby", "connected", now, width_px=640, height_px=360)
        served.cameras.snapshots["lobby"] = Picture("now", "lobby", now, SMALLEST_JPEG)
        _happen(served)
        yield served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with _served(tmp_path_factory.mktemp("premises"), _on_plan(plan())) as running:
        yield running


@contextmanager
def _opened(browser: Browser, served: Served, size: str) -> Iterator[Page]:
    cookies, complaints = served.sign_in().cookies, Complaints()
    with opened(browser, served.url, size=size) as context:
        context.add_cookies([{"name": name, "value": value, "url": served.url} for name, value in cookies.items()])
        page = context.new_page()
        complaints.listen(page)
        yield page
    assert complaints.heard == []


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_page_of_the_premises_is_accessible_and_fits(
    size: str, browser: Browser, served: Served, picture: Callable[[Page, str], None]
) -> None:
    with _opened(browser, served, size) as page:
        for name, (path, heading) in PAGES.items():
            page.goto(path)
            _settled(page)
            expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
            picture(page, f"{size}-{name}")
            assert _violations(page) == [], name
            assert _width(page) == page.evaluate("window.innerWidth"), name


def test_the_map_shows_doors_people_and_risk_and_leads_on(browser: Browser, served: Served) -> None:
    with _opened(browser, served, "desk") as page:
        page.goto("/map?at=doors/safe")
        safe = page.locator("main [data-of='doors/safe']")
        expect(safe).to_have_attribute("data-lit", "true")
        expect(safe).to_contain_text("Held open")
        office = page.locator("main [data-of='areas/office']")
        expect(office).to_have_attribute(
            "title",
            re.compile("1 by badge, 2 seen; For .* cameras have seen more .*: 2 seen, 1 by badge.; risk [0-9]+ from #"),
        )
        expect(office).to_contain_text("1/2")
        expect(page.get_by_role("link", name=re.compile("^#[0-9]+ Refund with nobody"))).to_be_visible()
        page.goto("/doors")
        expect(page.get_by_text("Office: 1 by badge, 2 seen").first).to_be_visible()
        page.get_by_role("link", name="Strongroom door").click()
        expect(page.get_by_role("heading", level=1, name="Strongroom door")).to_be_visible()
        expect(page.get_by_text("Into Strongroom: 2 holders")).to_be_visible()


def test_a_door_is_shunted_and_back_in_force(browser: Browser, served: Served) -> None:
    with _opened(browser, served, "desk") as page:
        page.goto("/doors/front")
        page.get_by_role("button", name="Suspend alarms").click()
        page.get_by_label("Why").fill("New hinges")
        page.get_by_role("button", name="Suspend", exact=True).click()
        expect(page.get_by_text("Alarms suspended for 30 min 00 s by Ada Lovelace: New hinges")).to_be_visible()


def test_a_holder_is_found_and_a_rule_tried(browser: Browser, served: Served) -> None:
    with _opened(browser, served, "desk") as page:
        page.goto("/holders")
        expect(page.get_by_role("row")).to_have_count(5)
        page.keyboard.press("/")
        page.keyboard.type("keeper")
        expect(page.get_by_role("row")).to_have_count(2)
        page.get_by_role("link", name="Ben").click()
        expect(page.get_by_text("Not known to be inside")).to_be_visible()
        page.goto("/rules/denied-then-forced")
        page.get_by_role("button", name="Try on the last 7 days").click()
        expect(page.get_by_text("It would have opened one incident")).to_be_visible()
        expect(page.get_by_text("the trial took")).to_be_visible()


def test_a_scheme_is_arranged_by_keyboard_and_stands_in_the_file(browser: Browser, tmp_path: Path) -> None:
    with _served(tmp_path, plan()) as served, _opened(browser, served, "desk") as page:
        page.goto("/map")
        expect(page.get_by_text("A scheme, drawn from which doors join which areas.")).to_be_visible()
        page.get_by_role("button", name="Arrange").click()
        page.get_by_role("button", name="Front door door").click()
        page.get_by_role("button", name="Front door, ").focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1, name="Map", exact=True)).to_be_visible()
        expect(page.get_by_text("A scheme, drawn")).to_have_count(0)
        access = served.book.site().access
        assert all(door.position for door in access.doors)
        assert all(len(area.outline) == 4 for area in access.areas)
