"""From an incident that appears by itself to one that is resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

STORY_MS = 270_000
"""The demo's story lasts about four minutes and has incidents in it."""

COLLECTED_MS = 30_000
BEFORE = re.compile(r"\bs before$")


def _first_incident(page: Page) -> str:
    """Waits on the list until the story has brought an incident; its id."""
    row = page.get_by_role("region", name="Incidents").get_by_role("listitem").first
    expect(row).to_be_visible(timeout=STORY_MS)
    address = row.get_by_role("link").get_attribute("href")
    assert address is not None
    return address.partition("?")[0].rpartition("/")[2]


def _look_before_and_after(page: Page) -> None:
    """Through the pictures that the camera's worker kept of the seconds before, and back."""
    article = page.get_by_role("article", name="Incident")
    shots = article.get_by_role("region", name="Pictures before and after").get_by_role("button", name=BEFORE)
    expect(shots.first).to_be_visible(timeout=COLLECTED_MS)
    page.keyboard.press(",")
    page.keyboard.press(",")
    shown = article.get_by_role("img").first
    expect(shown).to_have_attribute("alt", BEFORE)
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("image => image.naturalWidth") > 100
    page.keyboard.press("0")
    expect(shown).not_to_have_attribute("alt", BEFORE)


@pytest.mark.timeout(400)
def test_an_incident_appears_by_itself_and_is_handled(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    page = open_page("/incidents?state=open")
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible()
    _first_incident(page)
    picture(page, "incidents")
    page.keyboard.press("j")
    article = page.get_by_role("article", name="Incident")
    expect(article.get_by_role("region", name="Why this matters").get_by_role("listitem").first).to_be_visible()
    expect(article.get_by_role("region", name="Events it rests on").get_by_role("link").first).to_be_visible()
    expect(article.get_by_role("img").first).to_have_js_property("complete", True)
    assert article.get_by_role("img").first.evaluate("image => image.naturalWidth") > 100
    _look_before_and_after(page)
    picture(page, "incident")

    page.keyboard.press("a")
    expect(article.get_by_text("Acknowledged", exact=True)).to_be_visible()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Resolve: how did it end?")
    expect(dialog.get_by_role("button", name="Resolve")).to_be_disabled()
    dialog.get_by_label("Policy breach").check()
    dialog.get_by_label("Note").fill("A driver who had lost his way.")
    picture(page, "incident-resolve")
    dialog.get_by_role("button", name="Resolve").click()
    expect(dialog).to_have_count(0)
    expect(article.get_by_text("Resolved", exact=True)).to_be_visible()
    expect(article.get_by_text("Policy breach", exact=True)).to_be_visible()
    expect(article.get_by_text("A driver who had lost his way.").first).to_be_visible()
    expect(article.get_by_role("button", name="Reopen")).to_be_visible()
    picture(page, "incident-resolved")


@pytest.mark.timeout(400)
def test_a_change_that_comes_too_late_is_told_and_the_page_catches_up(open_page: Opener) -> None:
    page = open_page("/incidents?state=all")
    incident_id = _first_incident(page)
    address = f"/api/v1/incidents/{incident_id}"
    seen = page.request.get(address).json()
    note = {"version": seen["version"], "action": "note", "note": "Somebody else was here."}
    assert page.request.post(f"{address}/changes", data=note).status == 200

    def as_it_was(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps(seen))

    page.route(f"**{address}", as_it_was)
    page.goto(f"/incidents/{incident_id}")
    article = page.get_by_role("article", name="Incident")
    expect(article.get_by_role("region", name="Timeline")).to_be_visible()
    page.unroute(f"**{address}")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Write a note")
    dialog.get_by_label("Note").fill("Me too.")
    dialog.get_by_role("button", name="Add note").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(article.get_by_text("Somebody else was here.")).to_be_visible()
    dialog.get_by_role("button", name="Add note").click()
    expect(article.get_by_text("Me too.")).to_be_visible()
