"""A new site, before which nobody has been: from nothing to a first picture, and to a second person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Administrator, Complaints, RunningSite, opened, running, set_up
from tests.browser.test_everyone import _violations

RATE = 10
SECONDS = 20
WIDTH, HEIGHT = 320, 180
PASSWORD = "seventeen green bottles"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """It has no camera at first."""
    with running(tmp_path_factory.mktemp("new"), "new") as site:
        yield site


@pytest.fixture(scope="module")
def administrator(site: RunningSite, browser: Browser) -> Administrator:
    return set_up(browser, site)


@pytest.fixture
def page(browser: Browser, site: RunningSite, administrator: Administrator) -> Iterator[Page]:
    """The first page that the administrator sees."""
    complaints = Complaints()
    with opened(browser, site.url, session=administrator.cookies) as context:
        page = context.new_page()
        complaints.listen(page)
        page.goto(administrator.landed_at)
        yield page
    assert complaints.heard == []


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Twenty seconds of a bright square on its way across the picture."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for i in range(RATE * SECONDS):
            picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
            picture[60:120, i : i + 60] = 220
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    return path


def test_the_first_camera_is_mended_until_there_is_a_picture(
    page: Page, clip: Path, picture: Callable[[Page, str], None]
) -> None:
    expect(page.get_by_role("heading", name="Connect the first camera")).to_be_visible()
    picture(page, "first-camera")
    page.get_by_label("Name").fill("Front door")
    address = page.get_by_role("textbox", name="Address")
    address.fill(str(clip.with_name("clop.mp4")))
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("no such file")
    address.fill(str(clip))
    page.get_by_role("switch", name="Loop the file").check()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("img", name="Picture of Front door")).to_be_visible()
    picture(page, "first-picture")
    page.get_by_role("button", name="Watch live").click()
    expect(page.get_by_role("heading", name="Front door")).to_be_visible()
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0")


def _invite(page: Page, name: str) -> str:
    """The link for somebody new, an operator."""
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog", name="Invite somebody")
    dialog.get_by_label("User name").fill(name)
    assert _violations(page) == []
    dialog.get_by_role("button", name="Make the link").click()
    link = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="I have kept it").click()
    return link


def test_somebody_is_invited_works_is_disabled_and_comes_back(
    page: Page, site: RunningSite, browser: Browser, picture: Callable[[Page, str], None]
) -> None:
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("link", name="People and roles").click()
    expect(page.get_by_text("(you)")).to_be_visible()
    link = _invite(page, "guard")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/invited\?token=[\w%.~-]+", link)
    expect(page.get_by_text("Invited as operator")).to_be_visible()
    assert _violations(page) == []
    picture(page, "desk-people")

    with opened(browser, site.url, size="phone") as context:
        _come_in_and_be_shut_out(page, context.new_page(), link)


def _come_in_and_be_shut_out(page: Page, guard: Page, link: str) -> None:
    guard.goto(link)
    expect(guard.get_by_label("User name")).to_have_value("guard")
    assert _violations(guard) == []
    guard.get_by_label("Password", exact=True).fill(PASSWORD)
    guard.get_by_label("The same again").fill(PASSWORD)
    guard.get_by_role("button", name="Accept and go to Live").click()
    guard.get_by_role("link", name="Incidents", exact=True).wait_for()
    guard.goto("/people")
    expect(guard.get_by_text("For administrators")).to_be_visible()

    page.reload()
    expect(page.get_by_role("button", name="Disable guard")).to_be_visible()
    expect(page.get_by_text("Invited as operator")).to_have_count(0)
    page.get_by_role("button", name="Disable guard").click()
    expect(page.get_by_role("button", name="Enable guard")).to_be_visible()
    guard.reload()
    expect(guard.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Enable guard").click()
    expect(page.get_by_role("button", name="Disable guard")).to_be_visible()
    guard.goto(link)
    expect(guard.get_by_role("heading", name="This invitation does not work")).to_be_visible()


def test_the_last_administrator_stays_and_is_told_why(page: Page) -> None:
    page.goto("/people")
    page.get_by_role("button", name="Disable admin").click()
    expect(page.get_by_role("alert")).to_contain_text("Make somebody else administrator first")
    expect(page.get_by_role("button", name="Disable admin")).to_be_visible()
