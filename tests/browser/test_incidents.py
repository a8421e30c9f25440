"""From an incident that appears by itself to one that is resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

STORY_MS = 400_000
"""The demo's story lasts about four minutes and has incidents in it."""

COLLECTED_MS = 180_000
BEFORE = re.compile(r"\bs before$")


def _first_incident(page: Page) -> str:
    """Waits on the list until the story has brought an incident; its id."""
    row = page.get_by_role("region", name="Incidents").get_by_role("listitem").first
    expect(row).to_be_visible(timeout=STORY_MS)
    address = row.get_by_role("link").get_attribute("href")
    assert address is not None
    return address.partition("?")[0].rpartition("/")[2]


def _oldest_with_a_picture(page: Page) -> int:
    """Waits for an open incident that has a picture; its number. The oldest is the least likely to change by itself."""
    for _ in range(STORY_MS // 1000):
        found = page.request.get("/api/v1/incidents?state=open&limit=100").json()["items"]
        for one in reversed(found):
            if page.request.get(f"/api/v1/incidents/{one['id']}").json()["picture"]:
                return int(one["number"])
        page.wait_for_timeout(1000)
    pytest.fail("the story has brought no incident with a picture")


def _width_px(image: Locator) -> int:
    """Of the picture that is shown, once it has come; fails if it cannot be shown."""
    return int(image.evaluate("image => image.decode().then(() => image.naturalWidth)"))


def _look_before_and_after(page: Page) -> None:
    """Through the pictures that the camera's worker kept of the seconds before, and back."""
    article = page.get_by_role("article", name="Incident")
    shots = article.get_by_role("region", name="Pictures before and after").get_by_role("button", name=BEFORE)
    expect(shots.first).to_be_visible(timeout=COLLECTED_MS)
    page.keyboard.press(",")
    page.keyboard.press(",")
    shown = article.get_by_role("img").first
    expect(shown).to_have_attribute("alt", BEFORE)
    assert _width_px(shown) > 100
    page.keyboard.press("0")
    expect(shown).not_to_have_attribute("alt", BEFORE)


def test_an_incident_appears_by_itself_and_is_handled(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    page = open_page("/incidents?state=open")
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible()
    _first_incident(page)
    picture(page, "incidents")
    page.keyboard.press("j")
    article = page.get_by_role("article", name="Incident")
    expect(article).to_be_visible()
    title = re.compile(f"^#{_oldest_with_a_picture(page)}(?![0-9])")
    page.get_by_role("region", name="Incidents").get_by_role("link", name=title).click()
    expect(article.get_by_role("heading", name=title)).to_be_visible()
    expect(article.get_by_role("region", name="Why this matters").get_by_role("listitem").first).to_be_visible()
    expect(article.get_by_role("region", name="Events it rests on").get_by_role("link").first).to_be_visible()
    assert _width_px(article.get_by_role("img").first) > 100
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


def test_a_change_that_comes_too_late_is_told_and_the_page_catches_up(open_page: Opener) -> None:
    page = open_page("/incidents?state=all")
    incident_id = _first_incident(page)
    address = f"/api/v1/incidents/{incident_id}"
    while True:
        seen = page.request.get(address).json()
        note = {"version": seen["version"], "action": "note", "note": "Somebody else was here."}
        if page.request.post(f"{address}/changes", data=note).status == 200:
            break  # and not 409: a signal that belonged to it came in between

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
