"""Drawing zones and lines on a camera's picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

Point = tuple[float, float]
FIELD: Sequence[Point] = ((0.05, 0.05), (0.3, 0.05), (0.3, 0.3), (0.05, 0.3))
BOW_TIE: Sequence[Point] = ((0.05, 0.05), (0.3, 0.3), (0.3, 0.05), (0.05, 0.3))
CLOSE_ENOUGH = 0.01


@pytest.fixture
def editor(open_page: Opener) -> Iterator[Page]:
    """The page of the first camera, whose zones and lines are as before afterwards."""
    page = open_page("/cameras")
    page.locator("tbody").get_by_role("link").first.click()
    expect(page.get_by_role("button", name="Draw a zone")).to_be_visible()
    address = f"/api/v1/cameras/{page.url.rpartition('/')[2]}"
    before = page.request.get(address).json()
    yield page
    settings = {k: before[k] for k in ("name", "transport", "loop", "enabled", "detect_fps", "zones", "lines")}
    assert page.request.put(address, data={**settings, "url": ""}).status == 200


def _surface(page: Page) -> Locator:
    return page.locator("svg[viewBox]").filter(has=page.locator("title", has_text="Zones and lines on the picture"))


def _at(page: Page, point: Point) -> Point:
    box = _surface(page).bounding_box()
    assert box is not None
    return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]


def _draw(page: Page, points: Sequence[Point]) -> None:
    page.get_by_role("button", name="Draw a zone").click()
    for point in points:
        page.mouse.click(*_at(page, point))
    page.keyboard.press("Enter")


def _zones(page: Page) -> dict[str, list[list[float]]]:
    told = page.request.get(f"/api/v1/cameras/{page.url.rpartition('/')[2]}").json()
    return {zone["name"]: zone["polygon"] for zone in told["zones"]}


def test_a_zone_drawn_with_the_mouse_is_saved(editor: Page, picture: Callable[[Page, str], None]) -> None:
    _draw(editor, FIELD)
    editor.get_by_label("Name").first.fill("Flower bed")
    picture(editor, "zone-drawn")
    editor.get_by_role("button", name="Save zones and lines").click()
    expect(editor.get_by_text("Zones and lines saved")).to_be_visible()
    editor.reload()
    expect(editor.get_by_role("button", name="Flower bed")).to_be_visible()
    polygon = _zones(editor)["Flower bed"]
    assert len(polygon) == len(FIELD)
    for (x, y), (wanted_x, wanted_y) in zip(polygon, FIELD, strict=True):
        assert abs(x - wanted_x) < CLOSE_ENOUGH
        assert abs(y - wanted_y) < CLOSE_ENOUGH


def test_a_self_crossing_zone_is_refused_with_the_reason(editor: Page, picture: Callable[[Page, str], None]) -> None:
    before = _zones(editor)
    _draw(editor, BOW_TIE)
    expect(editor.get_by_role("alert")).to_contain_text("crosses itself: side 1–2 meets side 3–4")
    editor.get_by_role("button", name="Save zones and lines").click()
    expect(editor.get_by_role("alert")).to_contain_text("crosses itself")
    picture(editor, "zone-crossing")
    assert _zones(editor) == before


def test_points_move_by_mouse_and_by_keyboard(editor: Page) -> None:
    _draw(editor, FIELD)
    third = editor.get_by_role("button", name="Point 3 of 4")
    editor.mouse.move(*_at(editor, FIELD[2]))
    editor.mouse.down()
    editor.mouse.move(*_at(editor, (0.35, 0.35)), steps=4)
    editor.mouse.move(*_at(editor, (0.4, 0.4)), steps=4)
    editor.mouse.up()
    expect(third).to_have_accessible_name("Point 3 of 4, 40 % from the left, 40 % from the top")
    third.press("ArrowRight")
    expect(third).to_have_accessible_name("Point 3 of 4, 41 % from the left, 40 % from the top")
    third.press("Insert")
    expect(editor.get_by_role("button", name="Point 5 of 5")).to_be_visible()
    editor.keyboard.press("Delete")
    expect(editor.get_by_role("button", name="Point 4 of 4")).to_be_visible()
    editor.keyboard.press("Control+z")
    expect(editor.get_by_role("button", name="Point 5 of 5")).to_be_visible()


def test_unsaved_zones_are_not_lost_by_a_click(editor: Page) -> None:
    _draw(editor, FIELD)
    editor.get_by_role("link", name="Events", exact=True).click()
    dialog = editor.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()
    expect(editor.get_by_role("button", name="Save zones and lines")).to_be_visible()
    editor.get_by_role("button", name="Discard").click()


def test_a_camera_that_cannot_be_reached_says_why_and_can_be_removed(
    open_page: Opener, picture: Callable[[Page, str], None]
) -> None:
    page = open_page("/cameras/new")
    page.get_by_label("Name").fill("Nowhere")
    page.get_by_role("textbox", name="Address").fill("rtsp://somebody:secret@127.0.0.1:9/stream")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("tried again by itself")
    picture(page, "camera-unreachable")
    assert "secret" not in page.content()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("button", name="Connect")).to_be_visible()
    assert "nowhere" not in [c["id"] for c in page.request.get("/api/v1/cameras").json()["items"]]
