"""The site, its cameras and rules: read, and changed by who may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from custos.adapters.sitefile.book import YamlSiteBook
from custos.model.account import Role
from custos.model.event import Picture
from custos.model.live import CameraState
from custos.server.app import create_app
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.serving import Served, serving

CAMERAS = "/api/v1/cameras"
TRIANGLE = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
ZONE = {"id": "restricted", "name": "Restricted", "polygon": TRIANGLE}
WHOLE = {
    "name": "Dock",
    "url": "",
    "transport": "udp",
    "loop": False,
    "enabled": True,
    "detect_fps": 3.0,
    "zones": [ZONE],
    "lines": [],
}


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that all tests share who change nothing."""
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def asker(still: Served) -> httpx.Client:
    return still.sign_in()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


def faults(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {e["pointer"]: e["detail"] for e in answer.json()["errors"]}


def test_the_site_in_numbers(asker: httpx.Client) -> None:
    told = asker.get("/api/v1/site").json()
    assert {"person", "vehicle", "unknown"} <= set(told.pop("class_names"))
    assert told == {
        "id": "hq",
        "name": "Headquarters",
        "time_zone": "Europe/Berlin",
        "demo": False,
        "version": "0.0.0-test",
        "detector": "centernet-mb3@1a2b3c4d",
        "cameras": 2,
        "open_incidents": 0,
        "problem": "",
    }


@pytest.mark.parametrize(("role", "told"), [(Role.ADMINISTRATOR, "it is not so"), (Role.OPERATOR, "")])
def test_who_may_change_the_site_is_told_why_a_change_is_not_in_force(tmp_path: Path, role: Role, told: str) -> None:
    with serving(tmp_path, site_problem=lambda: "it is not so") as running:
        assert running.acting_as(role).get("/api/v1/site").json()["problem"] == told


