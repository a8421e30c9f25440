"""What `custos bench pipeline` makes of its two legs."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import av
import pytest

from custos.cli.bench.footage import Footage, _joined, given
from custos.cli.bench.report import Panel, Report, svg
from custos.cli.bench.running import CameraFigures, Leg, Sample, percentile
from custos.model.errors import UsageError
from custos.model.site import Camera
from custos.testing.clips import write_clip

CAMERAS = tuple(Camera(f"cam-{n:03}", "x", "quiet.mp4") for n in range(10))
FOOTAGE = Footage(CAMERAS, CAMERAS, 5, "a clip")


def leg(cpu_s: float, *, behind_s: float = 0.2, late: int = 0, latencies_s: tuple[float, ...] = ()) -> Leg:
    """A minute of ten cameras; the last one is as far behind, and `late` at so many of 200 looks, as said."""
    figures = {camera.id: CameraFigures(behind_s=[0.1] * 20, looks=200) for camera in CAMERAS}
    figures["cam-009"] = CameraFigures(
        behind_s=[0.1] * 18 + [behind_s] * 2, looks=200, late=late, wanted=30, dropped=2, passed_over=1
    )
    samples = [Sample(float(n), 0.5, 2, 3, 0.1, behind_s, 8.0) for n in range(1, 61)]
    return Leg("tiny@0", 60.0, cpu_s, 300.0, 12, 1.5, samples, figures, list(latencies_s), {})


def test_without_events_there_are_no_latencies() -> None:
    figures = Report(FOOTAGE, leg(6.0), leg(6.0)).figures()
    assert figures["mixed_event_p50_s"] is None
    assert figures["carried"] == 10


def test_hours_of_quiet_and_busy_cameras_are_told_apart() -> None:
    """6 s a minute for ten quiet ones; two busy ones cost 12 s more."""
    report = Report(FOOTAGE, leg(6.0), leg(18.0))
    assert report.cpu_s_per_quiet_hour == pytest.approx(36.0)
    assert report.cpu_s_per_busy_hour == pytest.approx(36.0 + 12 * 60 / 2)


@pytest.mark.parametrize(("late", "carried"), [(0, 10), (10, 10), (11, 9)])
def test_who_is_late_at_more_than_one_look_in_twenty_is_not_carried(late: int, carried: int) -> None:
    figures = Report(FOOTAGE, leg(6.0), leg(6.0, late=late, behind_s=1.3)).figures()
    assert figures["carried"] == carried
    assert figures["mixed_late_percent_worst_camera"] == late / 2
    assert figures["mixed_behind_p95_worst_ten_seconds_s"] == 1.3


def test_who_was_away_is_not_carried_and_who_was_strained_is_told() -> None:
    assert CameraFigures(looks=20, late=1).is_carried
    assert not CameraFigures(looks=20, seconds_away=1).is_carried
    assert not CameraFigures().is_carried, "it was never looked at"
    strained = leg(6.0)
    strained.cameras["cam-003"].reasons.add("the processor is too busy")
    assert Report(FOOTAGE, leg(6.0), strained).figures()["mixed_strained"] == 1


@pytest.mark.parametrize(("share", "value"), [(0.5, 3), (0.95, 4), (0.99, 4), (0.0, 1)])
def test_percentiles(share: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], share) == value


def test_everything_is_in_the_table_and_in_the_document() -> None:
    report = Report(FOOTAGE, leg(6.0), leg(18.0, latencies_s=(0.4, 0.5, 2.0)))
    rows = {row[0]: row[1:] for row in report.rows()}
    assert rows["cameras carried"] == ("10 of 10", "10 of 10")
    assert rows["happening to event, p50"] == ("-", "0.50 s")
    assert rows["  of them dropped"] == ("2", "2")
    document = json.loads(json.dumps(report.document()))
    assert document["mixed_event_p99_s"] == 2.0
    assert len(document["samples"]["quiet"]) == 60
    assert document["by_camera"]["mixed"]["cam-009"]["passed_over"] == 1


def test_the_plot_is_a_picture_of_all_samples() -> None:
    drawn = ElementTree.fromstring(Report(FOOTAGE, leg(6.0), leg(18.0)).plot())
    curves = [element for element in drawn if element.tag.endswith("polyline")]
    assert [len(curve.attrib["points"].split()) for curve in curves] == [60, 60, 60]


def test_a_plot_of_nothing_is_empty_and_one_of_zeros_is_flat() -> None:
    assert "polyline" not in svg("nothing", [], [Panel("a", [])])
    assert "polyline" in svg("zeros", [1.0, 2.0], [Panel("a", [0.0, 0.0])])


def test_recordings_by_hand(tmp_path: Path) -> None:
    quiet, busy = write_clip(tmp_path / "q.mp4"), write_clip(tmp_path / "b.mp4")
    footage = given(quiet, busy, cameras=5, one_in=2)
    assert [Path(camera.url).name for camera in footage.mixed] == ["b.mp4", "q.mp4", "b.mp4", "q.mp4", "b.mp4"]
    assert {Path(camera.url).name for camera in footage.quiet} == {"q.mp4"}
    assert all(camera.loop for camera in footage.mixed)
    with pytest.raises(UsageError, match="no such file"):
        given(tmp_path / "none.mp4", busy, cameras=1, one_in=1)


def test_slots_are_joined_one_after_the_other(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path / f"{n}.mp4", frames=200, fps=10, gop=10) for n in range(2)]
    _joined([*clips, clips[0]], tmp_path / "joined.mp4")
    with av.open(str(tmp_path / "joined.mp4")) as joined:
        times = [float(frame.time) for frame in joined.decode(video=0) if frame.time is not None]
    assert len(times) == 600
    assert times == pytest.approx([n / 10 for n in range(600)], abs=0.01)
