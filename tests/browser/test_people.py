"""Other people: invited, let in, given another role, disabled, and let in again."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_everyone import _violations

PASSWORD = "seventeen green bottles"


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
    bare_page: Page, browser: Browser, picture: Callable[[Page, str], None]
) -> None:
    page = bare_page
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("link", name="People and roles").click()
    expect(page.get_by_text("(you)")).to_be_visible()
    link = _invite(page, "guard")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/invited\?token=[\w%.~-]+", link)
    expect(page.get_by_text("Invited as operator")).to_be_visible()
    assert _violations(page) == []
    picture(page, "desk-people")

    context = browser.new_context(viewport={"width": 390, "height": 844})
    guard = context.new_page()
    guard.goto(link)
    expect(guard.get_by_label("User name")).to_have_value("guard")
    assert _violations(guard) == []
    guard.get_by_label("Password", exact=True).fill(PASSWORD)
    guard.get_by_label("The same again").fill(PASSWORD)
    guard.get_by_role("button", name="Accept and go to Live").click()
    guard.get_by_role("link", name="Incidents", exact=True).wait_for()
    guard.goto(link.partition("/invited")[0] + "/people")
    expect(guard.get_by_text("For administrators")).to_be_visible()

    page.reload()
    expect(page.get_by_text("Invited as operator")).to_have_count(0)
    page.get_by_role("button", name="Disable guard").click()
    expect(page.get_by_role("button", name="Enable guard")).to_be_visible()
    guard.reload()
    expect(guard.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Enable guard").click()
    expect(page.get_by_role("button", name="Disable guard")).to_be_visible()
    guard.goto(link)
    expect(guard.get_by_role("heading", name="This invitation does not work")).to_be_visible()
    context.close()


def test_the_last_administrator_stays_and_is_told_why(bare_page: Page) -> None:
    page = bare_page
    page.goto("/people")
    page.get_by_role("button", name="Disable admin").click()
    expect(page.get_by_role("alert")).to_contain_text("Make somebody else administrator first")
    expect(page.get_by_role("button", name="Disable admin")).to_be_visible()
