"""Drawing zones and lines on a camera's picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from custos.model.event import Event, Json, camera_source
from custos.model.live import CameraState, Trouble
from custos.testing.serving import Served, serving
from tests.browser.conftest import opened

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

CONSOLE = Path(__file__).parents[2] / "console" / "dist"

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
    expect(page.get_by_role("alert")).to_contain_text("tried again by itself", timeout=180_000)
    picture(page, "camera-unreachable")
    assert "secret" not in page.content()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("button", name="Connect")).to_be_visible()
    assert "nowhere" not in [c["id"] for c in page.request.get("/api/v1/cameras").json()["items"]]


@pytest.fixture
def attacked(tmp_path: Path) -> Iterator[Served]:
    """A server in this process, whose dock was covered yesterday and moved a minute ago: nothing is played or drawn."""
    (tmp_path / "console").symlink_to(CONSOLE)
    with serving(tmp_path) as served:
        now = served.clock()

        def said(kind: str, ago: timedelta, **data: Json) -> Event:
            source = camera_source("hq", "dock")
            return Event(f"{kind}-{ago}", f"camera.{kind}", now - ago, source, "cameras/dock", data)

        words = "The view has shifted by 12% of its width to the right."
        yesterday, minute = timedelta(days=1), timedelta(minutes=1)
        served.store.append(
            [
                said("covered", yesterday, words="Something covers the whole lens."),
                said("restored", yesterday - 3 * minute, was="camera.covered"),
                said("moved", minute, words=words),
            ]
        )
        moved = Trouble("moved", now - minute, words)
        served.cameras.states_told["dock"] = CameraState(
            "dock", "connected", now - 2 * yesterday, "the detector is too busy", integrity=(moved,)
        )
        yield served


def test_a_camera_that_was_moved_says_so_until_its_zones_are_confirmed(
    attacked: Served, browser: Browser, picture: Callable[[Page, str], None]
) -> None:
    session = attacked.sign_in().cookies
    with opened(browser, attacked.url) as context:
        context.add_cookies([{"name": name, "value": value, "url": attacked.url} for name, value in session.items()])
        _confirm(attacked, context.new_page(), picture)
    assert attacked.cameras.times_recalibrated == 1


def _confirm(attacked: Served, page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/live")
    expect(page.get_by_role("button", name="Loading dock")).to_contain_text("Moved")
    page.goto("/cameras")
    expect(page.get_by_role("row", name="Loading dock")).to_contain_text("Moved")
    expect(page.get_by_role("row", name="Loading dock")).to_contain_text("Gives way")
    page.get_by_role("link", name="Loading dock").click()
    page.get_by_role("link", name="Health").click()
    history = page.get_by_role("region", name="Last 7 days")
    expect(history.get_by_role("row", name="Covered")).to_contain_text("3 min 00 s")
    expect(history.get_by_role("row", name="Moved")).to_contain_text("goes on")
    picture(page, "camera-moved")
    attacked.cameras.states_told["dock"] = CameraState("dock", "connected", attacked.clock(), awake=True)
    page.get_by_role("button", name="They fit: accept the picture as it is").click()
    expect(page.get_by_text("Zones confirmed").first).to_be_visible()
    expect(page.get_by_role("region", name="What is wrong with this camera")).to_be_hidden()
    expect(page.get_by_text("Fit the view they were drawn on.")).to_be_visible()
