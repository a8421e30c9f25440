"""`custos up` as its user meets it: it starts, sees, tells, and comes back from anything."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import PATIENCE_S, Site, Told, custos, running


@pytest.fixture(scope="module")
def site(street: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("data"), "--config", street) as running_site:
        yield running_site


def test_somebody_on_the_pavement_becomes_an_incident_with_a_picture(site: Site) -> None:
    site.until(lambda: bool(site.get("/incidents")["items"]), "an incident opens by itself")
    incident = site.get("/incidents")["items"][0]
    assert incident["title"] == "Someone on the pavement"
    detail: dict[str, Any] = {}

    def is_whole() -> bool:
        detail.update(site.get(f"/incidents/{incident['id']}"))
        return all(detail[part] for part in ("picture", "paths", "events", "timeline"))

    site.until(is_whole, "the incident has everything")
    picture = site.client.get(f"/api/v1/events/{detail['picture']['id']}/picture.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    "role",
    [
        "custos.adapters.sources.ingest",
        "custos.app.worker",
        "custos.app.server",
        "custos.app.watchman",
        "custos.app.supervisor",
    ],
)
def test_any_process_that_is_killed_comes_back_and_no_stored_event_is_lost_or_doubled(site: Site, role: str) -> None:
    """How soon it is back, benchmarks/bench_kill.py measures."""
    site.until(lambda: site.connected() and bool(site.processes(role)), "all runs, and the camera is connected")
    before = [str(event["id"]) for event in site.events()]
    victim = site.processes(role)[0]
    os.kill(victim, signal.SIGKILL)
    site.until(lambda: victim not in (now := site.processes(role)) and bool(now), f"another {role} runs")
    after = list[str]()

    def is_whole() -> bool:  # a supervisor that is killed has its server ended too: it may answer once more before
        after[:] = [str(event["id"]) for event in site.events()]
        return site.connected()

    site.until(is_whole, "the camera is connected again")
    assert max(Counter(after).values()) == 1
    assert set(before) <= set(after)


def test_a_second_instance_on_the_same_data_directory_is_refused(site: Site, street: Path) -> None:
    second = custos("up", "--config", street, "--data-dir", site.data, "--port", "8999")
    assert second.status == 1
    assert "another Custos" in second.err
    assert "custos down" in second.err


def test_a_port_in_use_is_refused(told: Told, street: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = told("up", "--config", street, "--data-dir", tmp_path, "--port", str(taken.getsockname()[1]))
    assert ran.status == 1
    assert "--port" in ran.err


def test_without_a_model_it_says_what_to_do(told: Told, street: Path, tmp_path: Path) -> None:
    ran = told("up", "--config", street, "--data-dir", tmp_path / "data", CUSTOS_MODELS=str(tmp_path / "none"))
    assert ran.status == 1
    assert "custos models pull" in ran.err


def test_a_broken_site_file_is_refused_with_its_lines(told: Told, tmp_path: Path) -> None:
    site_file = tmp_path / "site.yaml"
    site_file.write_text("site: {id: x, name: X}\ncameras:\n  - id: a\n    name: A\n    url: a.mp4\n    colour: red\n")
    ran = told("up", "--config", site_file, "--data-dir", tmp_path / "data")
    assert ran.status == 2
    assert f"{site_file}:6" in ran.err
    assert "colour" in ran.err


def test_demo_and_config_together_are_refused(told: Told, street: Path) -> None:
    assert told("up", "--demo", "--config", street).status == 2


def test_a_new_site_gets_its_first_camera_from_the_console_and_down_stops_it(
    told: Told, street: Path, tmp_path: Path
) -> None:
    clip, data = street.parent / "street.mp4", tmp_path / "data"
    with running(data) as site:
        assert site.get("/cameras")["items"] == []
        answer = site.client.post("/api/v1/cameras", json={"name": "Front door", "url": str(clip)})
        assert answer.status_code == 201, answer.text
        site.until(site.connected, "the new camera is connected")
        assert "front-door" in (data / "site.yaml").read_text()
        assert told("down", "--data-dir", data).status == 0
        assert site.process.wait(PATIENCE_S) == 0
        assert site.processes("custos.app.worker") == []
    assert told("down", "--data-dir", data).status == 1
