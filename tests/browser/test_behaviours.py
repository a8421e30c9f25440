"""Behaviours and the ground, set on a camera's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

KEPT = ("name", "transport", "loop", "enabled", "detect_fps", "zones", "lines", "behaviours", "ground")


@pytest.fixture
def camera_page(open_page: Opener) -> Iterator[Page]:
    """The page of the street camera, which is as before afterwards."""
    page = open_page("/cameras/street")
    expect(page.get_by_role("heading", name="Street entrance")).to_be_visible()
    address = "/api/v1/cameras/street"
    before = page.request.get(address).json()
    yield page
    assert page.request.put(address, data={**{k: before[k] for k in KEPT}, "url": ""}).status == 200


def _told(page: Page) -> dict[str, object]:
    told: dict[str, object] = page.request.get("/api/v1/cameras/street").json()
    return told


def _line_count(page: Page) -> None:
    page.get_by_role("link", name="Behaviours").click()
    page.get_by_role("combobox", name="Watch for").click()
    page.get_by_role("option", name="Line count", exact=True).click()


def test_a_behaviour_is_chosen_set_and_saved(camera_page: Page, picture: Callable[[Page, str], None]) -> None:
    page = camera_page
    _line_count(page)
    page.get_by_label("Name").first.fill("Who comes and goes")
    page.get_by_label("Period").fill("30")
    page.get_by_role("switch", name="Only at certain hours").press("Space")
    page.get_by_role("button", name="Sat").click()
    picture(page, "behaviours")
    page.get_by_role("button", name="Save behaviours").click()
    expect(page.get_by_text("Behaviours saved")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Who comes and goes").click()
    expect(page.get_by_label("Period")).to_have_value("30 s")
    behaviours = _told(page)["behaviours"]
    assert isinstance(behaviours, list)
    made = next(b for b in behaviours if b["name"] == "Who comes and goes")
    assert made["settings"] == {"period_s": 30}
    assert made["hours"] == [{"weekdays": [0, 1, 2, 3, 4, 5], "start": "08:00", "end": "18:00"}]


def test_what_the_server_refuses_stands_beside_its_field(camera_page: Page) -> None:
    page = camera_page
    _line_count(page)
    # The field itself holds a number within bounds only once it is left; the keyboard saves before that.
    page.get_by_label("Period").fill("2")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("must lie in 5..3600 s")).to_be_visible()
    before = _told(page)["behaviours"]
    page.get_by_role("button", name="Discard").click()
    assert _told(page)["behaviours"] == before


def test_the_ground_is_calibrated_by_four_points(camera_page: Page, picture: Callable[[Page, str], None]) -> None:
    """The demo's camera has one already: what is typed is the size, and point 1 stays where it is in metres."""
    page = camera_page
    before = _told(page)["ground"]
    assert isinstance(before, dict)
    x, y = before["metres"][0]
    page.get_by_role("link", name="Ground").click()
    page.get_by_role("button", name="Calibrate").or_(page.get_by_label("Width, 1 to 2")).first.wait_for()
    if page.get_by_role("button", name="Calibrate").is_visible():
        page.get_by_role("button", name="Calibrate").click()
    page.get_by_label("Width, 1 to 2").fill("5")
    page.get_by_label("Depth, 2 to 3").fill("8")
    corner = page.get_by_role("button", name="Ground point 1", exact=False)
    corner.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("navigation", name="Of this camera").locator("[aria-current]")).to_have_text("Ground")
    picture(page, "ground")
    page.get_by_role("button", name="Save ground").click()
    expect(page.get_by_text("Ground saved")).to_be_visible()
    ground = _told(page)["ground"]
    assert isinstance(ground, dict)
    assert ground["metres"] == [[x, y], [x + 5, y], [x + 5, y + 8], [x, y + 8]]


def test_points_on_one_line_are_refused_in_words(camera_page: Page) -> None:
    page = camera_page
    page.get_by_role("link", name="Ground").click()
    page.get_by_role("button", name="Calibrate").or_(page.get_by_label("Width, 1 to 2")).first.wait_for()
    if page.get_by_role("button", name="Calibrate").is_visible():
        page.get_by_role("button", name="Calibrate").click()
    corner = page.get_by_role("button", name="Ground point 3", exact=False)
    corner.focus()
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("alert")).to_contain_text("quadrangle")
    page.get_by_role("button", name="Discard").click()


def test_counts_are_drawn_over_time_and_in_words(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    """The street's story brings somebody over its lines every minute or so."""
    page = open_page("/cameras/street?show=counts")
    chart = page.get_by_role("table", name="Along the pavement: people who crossed")
    expect(chart).to_be_attached(timeout=300_000)
    counted = [int(cell) for cell in chart.get_by_role("cell").all_inner_texts() if cell.isdigit()]
    told = page.request.get("/api/v1/cameras/street/counts?type=line.crossed").json()
    crossed = [s for s in told["series"] if s["of"]["line_id"] == "walkway"]
    assert 0 < sum(counted) <= sum(b["count"] for s in crossed for b in s["buckets"])
    expect(page.locator("canvas").first).to_be_visible()
    expect(page.locator("svg title", has_text="Where people were")).to_be_attached()
    most_s = max(page.request.get("/api/v1/cameras/street/heatmap").json()["seconds"])
    assert most_s > 0
    picture(page, "counts")
