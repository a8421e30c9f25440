"""The demo's story of devices and cameras together, as incidents on the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

WITHIN_S = 600
"""Two rounds of the story, and some time more."""
MEANT = {"Camera attacked", "Camera attacked, then the door beside it", "Door forced, somebody seen"}
"""Those that a busy machine, which sees few pictures, makes too."""


def _titles(page: Page) -> set[str]:
    return {str(one["title"]) for one in page.request.get("/api/v1/incidents?limit=100").json()["items"]}


def test_a_covered_camera_and_a_forced_door_are_one_story(open_page: Opener) -> None:
    page = open_page("/incidents?state=all")
    for _ in range(WITHIN_S):
        if (titles := _titles(page)) >= MEANT:
            break
        page.wait_for_timeout(1000)
    assert titles >= MEANT
    assert "Let in against the plan" not in titles, "the late worker may be there"
    page.goto("/devices")
    page.get_by_text("Door controller").first.wait_for()
    page.get_by_text("Alarm panel of the dock").first.wait_for()
