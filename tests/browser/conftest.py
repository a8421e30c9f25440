"""A real Chromium before a real site: `custos up --demo` in a folder of its own, on a port of its own. What asks for
nothing that the demo's cameras see stands before a new site, which costs next to nothing while it is up.

Pictures of what was seen are left in `artifacts/browser/`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect, sync_playwright

from tests.acceptance.conftest import free_port

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "artifacts" / "browser"
SETUP_LINK = re.compile(r"http://\S+/setup\?token=[\w.~-]+")
STARTS_WITHIN_S = 600.0
"""The first start on a machine draws the demo's footage."""
STOPS_WITHIN_S = 60.0
PATIENCE_S = 90.0
"""For whatever a page, the server or the browser does next, however busy the machine; no test says how fast it is."""
NAME = "admin"
PASSWORD = "correct horse battery"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]
NO_COMPLAINT = (
    # Requests that the server refuses are part of the tests.
    "Failed to load resource",
    # Chromium 156 said so once of the video's own blob address, under heavy load, while the video played. Nothing in
    # the console connects to such an address; media and images of blobs have directives of their own.
    "Connecting to 'blob:",
)
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@dataclass(frozen=True, slots=True)
class RunningSite:
    """A running site: where it answers, and the link it printed for its first administrator."""

    url: str
    setup_url: str


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who the set-up made: the cookies of the session, and the address the set-up ended at."""

    cookies: StorageState
    landed_at: str


@dataclass(slots=True)
class Complaints:
    """What the browser complained of: exceptions, and anything the content security policy forbade."""

    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        # A lambda: Playwright keeps its own notes on a bound method's object, and slots leave no room for them.
        page.on("console", lambda message: self._console(message))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NO_COMPLAINT):
            self.heard.append(f"{message.text} ({message.location})")


def _await_start(process: subprocess.Popen[bytes], url: str, log: Path) -> str:
    """The set-up link, once the site answers; fails with what the site said when it does not."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        link = SETUP_LINK.search(log.read_text())
        if link and _answers(url):
            return link.group()
        time.sleep(0.1)
    pytest.fail(f"custos up --demo did not answer within {STARTS_WITHIN_S:.0f} s:\n{log.read_text()}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/health", timeout=PATIENCE_S).is_success
    except httpx.TransportError:
        return False


@contextmanager
def running(folder: Path, name: str, *options: str) -> Iterator[RunningSite]:
    """`custos up` with these options, until the context is left; what it said is kept as `name`.log."""
    if not (ROOT / "console" / "dist" / "index.html").is_file():
        pytest.fail("the console is not built: run `npm ci && npm run build` in console/")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "custos.log"
    custos = Path(sys.executable).with_name("custos")
    command = [str(custos), "up", *options, "--data-dir", str(folder / "data"), "--port", str(port)]
    # A wide terminal: the link must stand on one line.
    environment = {**os.environ, "COLUMNS": "400"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        yield RunningSite(url, _await_start(process, url, log))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        PICTURES.mkdir(parents=True, exist_ok=True)
        shutil.copy(log, PICTURES / f"{name}.log")


@pytest.fixture(scope="package")
def custos_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """The demo."""
    with running(tmp_path_factory.mktemp("site"), "demo", "--demo") as site:
        yield site


@pytest.fixture(scope="package")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One before which nobody has been. It has no camera at first."""
    with running(tmp_path_factory.mktemp("new"), "new") as site:
        yield site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_ARGUMENTS, timeout=PATIENCE_S * 1000
        )
        expect.set_options(timeout=PATIENCE_S * 1000)
        yield started
        started.close()


@contextmanager
def opened(
    browser: Browser, site_url: str, *, size: str = "desk", session: StorageState | None = None
) -> Iterator[BrowserContext]:
    """A browser of its own before this site, as patient as the machine is busy."""
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=site_url,
        viewport={"width": width, "height": height},
        has_touch=size == "phone",
        reduced_motion="reduce",
        storage_state=session,
    )
    try:
        context.set_default_timeout(PATIENCE_S * 1000)
        yield context
    finally:
        context.close()


def set_up(browser: Browser, site: RunningSite) -> Administrator:
    """The set-up, walked through as a person would: by the one-time link to the live page."""
    with opened(browser, site.url) as context:
        page = context.new_page()
        page.goto(site.setup_url)
        page.get_by_label("User name").fill(NAME)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "setup.png")
        page.get_by_role("button", name="Create and go to Live").click()
        page.get_by_role("link", name="Incidents", exact=True).wait_for()
        return Administrator(context.storage_state(), page.url)


@pytest.fixture(scope="package")
def administrator(custos_site: RunningSite, browser: Browser) -> Administrator:
    """The demo's."""
    return set_up(browser, custos_site)


@pytest.fixture(scope="package")
def new_administrator(new_site: RunningSite, browser: Browser) -> Administrator:
    """The new site's."""
    return set_up(browser, new_site)


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, custos_site: RunningSite, administrator: Administrator) -> Iterator[Opener]:
    """Opens a page: `open_page("/live", size="phone", signed_in=False)`. Complaints of the browser fail the test."""
    complaints = Complaints()
    with ExitStack() as contexts:

        def open_one(path: str, *, size: str = "desk", signed_in: bool = True) -> Page:
            session = administrator.cookies if signed_in else None
            page = contexts.enter_context(opened(browser, custos_site.url, size=size, session=session)).new_page()
            complaints.listen(page)
            page.goto(path)
            return page

        yield open_one
    assert complaints.heard == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps what a page looks like, as an artefact of the run."""

    def keep(page: Page, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")

    return keep
