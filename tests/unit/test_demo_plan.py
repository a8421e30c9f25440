"""The demo's ground plan fits the demo's site file."""

from __future__ import annotations

from pathlib import Path

from custos.adapters.sitefile.reader import parse_site, read_site
from custos.cli.demo_plan import PLAN_FILE, put_on_plan, with_plan
from custos.simulate.render import Settings
from custos.simulate.sitefile import write_site_file


def test_the_demo_has_a_plan_and_its_cameras_stand_on_it(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    write_site_file(path, Settings(seed=7))
    before = path.read_text()
    put_on_plan(path)
    site = read_site(path)
    assert site.plan is not None
    assert site.plan.image == str((tmp_path / PLAN_FILE).resolve())
    assert all(camera.place for camera in site.cameras)
    assert all(door.position for door in site.access.doors)
    assert all(area.outline for area in site.access.areas)
    assert site.off_plan() == parse_site(before, path), "everything else is as it was"


def test_what_the_demo_does_not_have_is_passed_over() -> None:
    text = "site: {id: hq, name: HQ}\ncameras:\n  - id: lobby\n    url: lobby.mp4\n"
    after = with_plan(text)
    assert after.startswith(text)
    assert "place: {position: [0.062, 0.42], bearing_deg: 140, view_deg: 75, range_m: 9.7}" in after
