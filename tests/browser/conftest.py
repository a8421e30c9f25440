"""A real Chromium before a real site: `custos up --demo` in a folder of its own, on a port of its own.

Pictures of what was seen are left in `artifacts/browser/`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "artifacts" / "browser"
SETUP_LINK = re.compile(r"http://\S+/setup\?token=[\w.~-]+")
STARTS_WITHIN_S = 600.0
"""The first start on a machine draws the demo's footage."""
STOPS_WITHIN_S = 30.0
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        return httpx.get(f"{url}/api/v1/health", timeout=2).is_success
    except httpx.TransportError:
        return False


@contextmanager
def _running(folder: Path, name: str, *options: str) -> Iterator[RunningSite]:
    """`custos up` with these options, until the context is left; what it said is kept as `name`.log."""
    if not (ROOT / "console" / "dist" / "index.html").is_file():
        pytest.fail("the console is not built: run `npm ci && npm run build` in console/")
    port = _free_port()
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
    with _running(tmp_path_factory.mktemp("site"), "demo", "--demo") as site:
        yield site


@pytest.fixture
def bare_site(tmp_path: Path) -> Iterator[RunningSite]:
    """A site nobody has set up and that has no camera."""
    with _running(tmp_path, "bare") as site:
        yield site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


def set_up(page: Page, site: RunningSite) -> None:
    """Through the one-time link to the live page."""
    page.goto(site.setup_url)
    page.get_by_label("User name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "setup.png")
    page.get_by_role("button", name="Create and go to Live").click()
    page.get_by_role("link", name="Incidents", exact=True).wait_for()


@pytest.fixture(scope="package")
def administrator(custos_site: RunningSite, browser: Browser) -> Administrator:
    """The set-up, walked through once as a person would."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    set_up(page, custos_site)
    made = Administrator(context.storage_state(), page.url)
    context.close()
    return made


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, custos_site: RunningSite, administrator: Administrator) -> Iterator[Opener]:
    """Opens a page: `open_page("/live", size="phone", signed_in=False)`. Complaints of the browser fail the test."""
    contexts: list[BrowserContext] = []
    complaints = Complaints()

    def open_one(path: str, *, size: str = "desk", signed_in: bool = True) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=custos_site.url,
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            reduced_motion="reduce",
            storage_state=administrator.cookies if signed_in else None,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        complaints.listen(page)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints.heard == []


@pytest.fixture
def bare_page(browser: Browser, bare_site: RunningSite) -> Iterator[Page]:
    """The first page that the administrator of a new site sees."""
    context = browser.new_context(base_url=bare_site.url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints = Complaints()
    complaints.listen(page)
    set_up(page, bare_site)
    yield page
    context.close()
    assert complaints.heard == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps what a page looks like, as an artefact of the run."""

    def keep(page: Page, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")

    return keep
