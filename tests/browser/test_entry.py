"""Coming in, and staying out: of a new site, because the demo's cameras have no part in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_S

if TYPE_CHECKING:
    from tests.browser.conftest import Administrator, Opener, RunningSite

PAGES = ["/live", "/incidents", "/events", "/cameras", "/account"]
READS = ["site", "cameras", "rules", "events", "event-types", "incidents", "tokens", "session"]


@pytest.fixture(scope="module")
def custos_site(new_site: RunningSite) -> RunningSite:
    return new_site


@pytest.fixture(scope="module")
def administrator(new_administrator: Administrator) -> Administrator:
    return new_administrator


def test_the_one_time_link_makes_the_administrator_and_leads_to_live(
    custos_site: RunningSite, administrator: Administrator
) -> None:
    assert administrator.landed_at == f"{custos_site.url}/live"
    assert httpx.get(f"{custos_site.url}/api/v1/setup", timeout=PATIENCE_S).json() == {"needed": False}


def test_the_link_works_once(custos_site: RunningSite, administrator: Administrator, open_page: Opener) -> None:
    page = open_page(custos_site.setup_url, signed_in=False)
    expect(page.get_by_text("This site is set up already")).to_be_visible()
    token = custos_site.setup_url.rpartition("=")[2]
    again = {"token": token, "name": "second", "password": "another long password"}
    assert httpx.post(f"{custos_site.url}/api/v1/setup", json=again, timeout=PATIENCE_S).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_anything_without_signing_in(path: str, open_page: Opener) -> None:
    page = open_page(path, signed_in=False)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)


@pytest.mark.parametrize("what", READS)
def test_no_read_answers_without_signing_in(what: str, custos_site: RunningSite) -> None:
    answer = httpx.get(f"{custos_site.url}/api/v1/{what}", timeout=PATIENCE_S)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(open_page: Opener) -> None:
    page = open_page("/events?camera=lobby", signed_in=False)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Events", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/events\\?camera=lobby$"))


def test_signing_out_ends_the_session_on_the_server_too(custos_site: RunningSite, open_page: Opener) -> None:
    page = open_page("/live", signed_in=False)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Account", exact=True).click()
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    site = f"{custos_site.url}/api/v1/site"
    assert httpx.get(site, cookies=cookies, timeout=PATIENCE_S).status_code == 200
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert httpx.get(site, cookies=cookies, timeout=PATIENCE_S).status_code == 401


def test_an_api_token_shows_its_secret_once_and_ends_when_revoked(custos_site: RunningSite, open_page: Opener) -> None:
    page = open_page("/account")
    page.get_by_role("button", name="New token").click()
    page.get_by_label("Name").fill("Wall display")
    page.get_by_role("button", name="Create").click()
    secret = page.locator("code").inner_text()
    assert secret.startswith("cst_")
    headers = {"Authorization": f"Bearer {secret}"}
    site = f"{custos_site.url}/api/v1/site"
    assert httpx.get(site, headers=headers, timeout=PATIENCE_S).status_code == 200
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("Wall display", exact=True)).to_be_visible()
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke Wall display").click()
    page.get_by_role("button", name="Really revoke Wall display").click()
    expect(page.get_by_text("No tokens")).to_be_visible()
    assert httpx.get(site, headers=headers, timeout=PATIENCE_S).status_code == 401
