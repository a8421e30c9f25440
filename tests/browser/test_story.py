"""The demo's story of devices and cameras together, as incidents on the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

ROUND_S = 270
"""One round of the story, and some seconds more."""
MEANT = {"Camera attacked", "Camera attacked, then the door beside it", "Door forced, somebody seen"}
"""Those that a busy machine, which sees few pictures, makes too."""


def _titles(page: Page) -> set[str]:
    return {str(one["title"]) for one in page.request.get("/api/v1/incidents?limit=100").json()["items"]}


@pytest.mark.timeout(400)
def test_a_covered_camera_and_a_forced_door_are_one_story(open_page: Opener) -> None:
    page = open_page("/incidents?state=all")
    for _ in range(ROUND_S):
        if _titles(page) >= MEANT:
            break
        page.wait_for_timeout(1000)
    assert _titles(page) >= MEANT
    assert "Let in against the plan" not in _titles(page), "the late worker may be there"
    page.goto("/devices")
    page.get_by_text("Door controller").first.wait_for()
