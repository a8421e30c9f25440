"""The demo's own site file: written once, with a token and a free port, and again when the demo is another."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from pathlib import Path

import pytest

from custos.adapters.sitefile.reader import read_site
from custos.adapters.sitefile.secrets import SECRETS_FILE, read_secrets
from custos.app.demo_devices import TOKEN_VARIABLE
from custos.cli.demo import demo_devices, demo_site_file
from custos.model.devices import LineDevice, SiaReceiver
from custos.model.site import Site
from custos.simulate.devices import write_device_acts
from custos.simulate.render import Settings
from custos.simulate.scenes import SCENES
from custos.simulate.site import DemoSite
from custos.simulate.sitefile import TOKEN_SECRET, write_site_file


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo without its clips, which take minutes to draw."""
    place = tmp_path_factory.mktemp("drawn")
    write_site_file(place / "site.yaml", Settings())
    write_device_acts(place / "devices.jsonl", 7)
    return place


@pytest.fixture
def demo(drawn: Path, tmp_path: Path) -> DemoSite:
    """Of files of its own."""
    place = tmp_path / "drawn"
    shutil.copytree(drawn, place)
    clips = {camera_id: place / f"{camera_id}.mp4" for camera_id in SCENES}
    return DemoSite(
        place, place / "site.yaml", clips, {}, {}, {}, place / "devices.jsonl", 240.0, rendered=True, wall_s=0.0
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def till_port(site: Site) -> int:
    till = site.device("till")
    assert isinstance(till, LineDevice)
    return int(till.listen.rpartition(":")[2])


def panel_port(site: Site) -> int:
    receiver = site.device("alarm-receiver")
    assert isinstance(receiver, SiaReceiver)
    return int(receiver.listen.rpartition(":")[2])


def test_it_is_a_whole_site_with_its_devices_and_plan(demo: DemoSite, data: Path) -> None:
    site = read_site(demo_site_file(data, demo))
    assert site.demo
    assert [Path(camera.url) for camera in site.cameras] == list(demo.clips.values())
    assert [device.id for device in site.devices] == ["door-controller", "till", "alarm-receiver"]
    assert site.plan is not None
    assert Path(site.plan.image or "").is_file()
    assert stat.S_IMODE((data / "secrets.yaml").stat().st_mode) == 0o600


def test_a_second_start_leaves_it_as_it_is(demo: DemoSite, data: Path) -> None:
    file = demo_site_file(data, demo)
    file.write_text(file.read_text() + "# A note of a person.\n")
    before, secrets = file.read_text(), (data / "secrets.yaml").read_text()
    assert demo_site_file(data, demo).read_text() == before
    assert (data / "secrets.yaml").read_text() == secrets


def test_a_port_that_another_program_has_is_given_up(demo: DemoSite, data: Path) -> None:
    port = till_port(read_site(demo_site_file(data, demo)))
    with socket.create_server(("127.0.0.1", port)):
        site = read_site(demo_site_file(data, demo))
    assert till_port(site) != port
    assert panel_port(site) not in (port, till_port(site))
    assert (data / "site.yaml").read_text().count("listen:") == 2


def test_the_panels_port_too(demo: DemoSite, data: Path) -> None:
    port = panel_port(read_site(demo_site_file(data, demo)))
    with socket.create_server(("127.0.0.1", port)):
        site = read_site(demo_site_file(data, demo))
    assert len({port, panel_port(site), till_port(site)}) == 3


def test_another_demo_is_written_anew_and_the_token_stays(demo: DemoSite, data: Path) -> None:
    file = demo_site_file(data, demo)
    secrets = (data / "secrets.yaml").read_text()
    demo.site_file.write_text(demo.site_file.read_text().replace("Demo site", "Another site"))
    assert read_site(demo_site_file(data, demo)).name == "Another site"
    assert file.read_text().startswith("# Of ")
    assert (data / "secrets.yaml").read_text() == secrets


def test_its_devices_are_told_where_to_speak_and_the_token_is_no_argument(
    demo: DemoSite, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "")
    monkeypatch.delenv(TOKEN_VARIABLE)
    site = read_site(demo_site_file(data, demo))
    line = demo_devices(demo, site, data, "127.0.0.1", 8420)
    assert line[line.index("--till-port") + 1] == str(till_port(site))
    assert line[line.index("--panel-port") + 1] == str(panel_port(site))
    assert line[line.index("--acts") + 1] == str(demo.devices)
    token = os.environ[TOKEN_VARIABLE]
    assert token in (data / "secrets.yaml").read_text()
    assert token not in " ".join(line)


def test_a_secret_that_stands_without_an_end_of_line_is_kept_whole(demo: DemoSite, data: Path) -> None:
    secrets = data / SECRETS_FILE
    secrets.write_text("camera: kept")
    secrets.chmod(0o600)
    demo_site_file(data, demo)
    known = read_secrets(secrets, {}).values
    assert known["camera"] == "kept"
    assert TOKEN_SECRET in known
