"""The events page: everything that happens, and only what was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

FIRST_EVENTS_MS = 300_000
"""The demo's story brings somebody into a zone every minute or so."""


def _await_rows(page: Page, each: str) -> None:
    """Until there are rows and `each` holds of every `row`: the list is empty while it is asked for anew."""
    rows = "[...document.querySelectorAll('[data-event-type]')]"
    page.wait_for_function(f"() => {rows}.length > 0 && {rows}.every((row) => {each})")


def test_filters_show_only_what_was_asked_for(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    page = open_page("/events")
    expect(page.locator("[data-event-type^='zone.']").first).to_be_visible(timeout=FIRST_EVENTS_MS)
    expect(page.locator("[data-event-type^='camera.']").first).to_be_visible()
    picture(page, "events")
    page.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="All camera events").click()
    page.keyboard.press("Escape")
    page.wait_for_url("**/events?*type=*")
    _await_rows(page, "row.dataset.eventType.startsWith('camera.')")
    page.reload()
    _await_rows(page, "row.dataset.eventType.startsWith('camera.')")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator("[data-event-type^='zone.']").first).to_be_visible()


def test_the_filter_of_places_asks_for_one_camera(open_page: Opener) -> None:
    page = open_page("/events")
    cameras = page.request.get("/api/v1/cameras").json()["items"]
    wanted = cameras[0]
    expect(page.locator("[data-event-type]").first).to_be_visible(timeout=FIRST_EVENTS_MS)
    page.get_by_role("combobox", name="Place").click()
    page.get_by_role("group", name="Cameras").get_by_role("option", name=wanted["name"], exact=True).click()
    page.wait_for_url(f"**/events?camera={wanted['id']}")
    _await_rows(page, f"row.innerText.includes({json.dumps(wanted['name'])})")


def test_the_filter_of_places_asks_for_one_door_or_till(
    open_page: Opener, picture: Callable[[Page, str], None]
) -> None:
    """Whatever it says, and what is concluded of it, as the address keeps it."""
    page = open_page("/events")
    door = page.request.get("/api/v1/doors").json()["items"][0]
    expect(page.locator("[data-event-type^='door.']").first).to_be_visible(timeout=FIRST_EVENTS_MS)
    page.get_by_role("combobox", name="Place").click()
    page.get_by_role("group", name="Doors").get_by_role("option", name=door["name"], exact=True).click()
    page.wait_for_url(f"**/events?door={door['id']}")
    _await_rows(page, "/^(door|access|exit)[.]/.test(row.dataset.eventType)")
    picture(page, "events-of-a-door")
    place = page.get_by_role("combobox", name="Place")
    place.click()
    page.keyboard.type("till 1")  # over what was chosen, and not behind it
    page.get_by_role("option", name="Till 1", exact=True).click()
    page.wait_for_url("**/events?till=till-1")
    page.goto("/events?camera=gone")
    expect(place).to_have_value("Gone")
    page.goto("/events?till=till-1")
    expect(page.get_by_role("combobox", name="Place")).to_have_value("Till 1")
    page.locator("[data-event-type^='pos.']").first.wait_for(timeout=FIRST_EVENTS_MS)
    _await_rows(page, "row.dataset.eventType.startsWith('pos.')")


def test_new_events_come_by_themselves_and_wait_while_paused(open_page: Opener) -> None:
    page = open_page("/events")
    expect(page.locator("[data-event-type]").first).to_be_visible(timeout=FIRST_EVENTS_MS)
    page.keyboard.press("p")
    status = page.get_by_role("region", name="Events", exact=True).get_by_role("status").first
    expect(status).to_contain_text("Paused")
    held = page.locator("[data-event-type]").count()
    page.wait_for_function(r"() => /\b[1-9]\d* new\b/.test(document.body.innerText)", timeout=FIRST_EVENTS_MS)
    assert page.locator("[data-event-type]").count() == held
    page.keyboard.press("p")
    page.wait_for_function(f"() => document.querySelectorAll('[data-event-type]').length > {held}")


def test_an_event_opens_as_the_cloudevent_that_any_program_gets(
    open_page: Opener, picture: Callable[[Page, str], None]
) -> None:
    page = open_page("/events?type=zone.")
    row = page.locator("[data-event-type^='zone.']").first
    expect(row).to_be_visible(timeout=FIRST_EVENTS_MS)
    row.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    shown = json.loads(dialog.locator("pre").inner_text())
    assert shown == page.request.get(f"/api/v1/events/{shown['id']}").json()
    assert shown["specversion"] == "1.0"
    picture(page, "event")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
