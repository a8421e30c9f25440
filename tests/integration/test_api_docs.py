"""docs/api.md: its commands work as they stand, and it names every route."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from custos.model.event import Event
from custos.server.app import create_app
from custos.testing.cameras import START
from custos.testing.serving import Served, serving

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


def test_every_route_is_documented(served: Served) -> None:
    missing = [
        f"{method.upper()} {path}"
        for path, methods in create_app(deps=served.deps).openapi()["paths"].items()
        for method in methods
        if not re.search(rf"`{method.upper()}( and `?\w+)? {re.escape(path)}`", PAGE)
    ]
    assert missing == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands need curl, which is not installed")
def test_the_commands_work_as_they_stand(served: Served, tmp_path: Path) -> None:
    script = "set -eu\n" + "echo\n".join(blocks("sh"))
    env = {"PATH": os.environ["PATH"], "CUSTOS": served.url, "SETUP_TOKEN": served.setup_token()}
    ran = subprocess.run(["bash", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count('"role":"administrator"') == 3
    assert '"pointer": "/limit"' in ran.stdout
    assert '"url":"rtsp://***@192.0.2.20/stream"' in ran.stdout
    yard = served.book.site().camera("back-yard")
    assert yard is not None
    assert (yard.zones[0].loiter_s, yard.lines[0].direction) == (30.0, "left")


def test_the_program_that_listens_works_as_it_stands(served: Served) -> None:
    [program] = blocks("python")
    secret = served.sign_in().post("/api/v1/tokens", json={"name": "docs"}).json()["secret"]
    env = {**os.environ, "CUSTOS": served.url, "TOKEN": secret}
    told = Event("e1", "zone.entered", START + timedelta(seconds=1), "/sites/hq/cameras/dock")
    with subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, text=True) as listener:
        try:
            while not served.bus._mailboxes:
                assert listener.poll() is None, "the program ended before it had listened"
                time.sleep(0.01)
            served.bus.publish(told)
            assert listener.stdout is not None
            line = listener.stdout.readline()
        finally:
            listener.kill()
    assert line == "2026-05-04T12:00:01Z custos.zone.entered /sites/hq/cameras/dock\n"
