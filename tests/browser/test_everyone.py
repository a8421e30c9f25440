"""Usable by everyone: with a screen reader, by keyboard alone, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
GRAVE = {"serious", "critical"}
PAGES = {
    "live": "/live",
    "live-wall": "/live?layout=wall",
    "incidents": "/incidents?state=all",
    "events": "/events",
    "cameras": "/cameras",
    "camera-new": "/cameras/new",
    "account": "/account",
}


def _settled(page: Page) -> None:
    """The page's own content is there: its heading, and no bars in place of what is still on its way."""
    expect(page.get_by_role("navigation")).to_be_visible()
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def _zone_of_first_camera(page: Page) -> None:
    page.goto("/cameras")
    page.locator("tbody").get_by_role("link").first.click()
    expect(page.get_by_role("button", name="Draw a zone")).to_be_visible()
    page.get_by_role("button", name="Draw a zone").click()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Loitering after")).to_be_visible()


def _violations(page: Page) -> list[str]:
    """Grave accessibility violations, as "rule: selector"."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def _width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_fits(
    name: str, size: str, open_page: Opener, picture: Callable[[Page, str], None]
) -> None:
    page = open_page(PAGES[name], size=size)
    _settled(page)
    picture(page, f"{size}-{name}")
    assert _violations(page) == []
    assert _width(page) == page.evaluate("window.innerWidth")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_camera_page_is_accessible_and_fits(
    size: str, open_page: Opener, picture: Callable[[Page, str], None]
) -> None:
    page = open_page("/cameras", size=size)
    _zone_of_first_camera(page)
    picture(page, f"{size}-camera")
    assert _violations(page) == []
    assert _width(page) == page.evaluate("window.innerWidth")


@pytest.mark.parametrize("path", ["/sign-in", "/setup"])
def test_the_way_in_is_accessible_and_fits_a_phone(path: str, open_page: Opener) -> None:
    page = open_page(path, size="phone", signed_in=False)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert _violations(page) == []
    assert _width(page) == page.evaluate("window.innerWidth")


def test_dialogs_are_accessible(open_page: Opener) -> None:
    page = open_page("/live")
    _settled(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert _violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to a page or a camera")).to_be_focused()
    assert _violations(page) == []


def test_the_keyboard_alone_goes_from_page_to_page(open_page: Opener) -> None:
    page = open_page("/live")
    _settled(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    for key, heading in (("I", "Incidents"), ("E", "Events"), ("C", "Cameras")):
        page.keyboard.press(f"Shift+{key}")
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
