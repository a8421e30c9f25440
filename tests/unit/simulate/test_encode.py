"""The H.264 writer: what went in comes out, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from custos.adapters.media.encode import H264Writer, Quality
from custos.model.errors import CustosError


def picture(index: int, width: int = 64, height: int = 48) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A grey picture with a white bar that moves to the right."""
    image = np.full((height, width, 3), 80, np.uint8)
    image[:, index * 2 : index * 2 + 8] = 230
    return image


def write(path: Path, count: int, *, width: int = 64, height: int = 48, gop: int = 10) -> None:
    with H264Writer(path, width_px=width, height_px=height, fps=10, quality=Quality(gop_frames=gop)) as out:
        for index in range(count):
            out.write(picture(index, width, height))


def test_pictures_come_back_in_order_with_their_times(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", 25)
    with av.open(str(tmp_path / "a.mp4")) as video:
        frames = list(video.decode(video=0))
        assert video.streams.video[0].codec_context.name == "h264"
    assert [frame.time for frame in frames] == pytest.approx([i / 10 for i in range(25)])
    for index, frame in enumerate(frames):
        difference = frame.to_ndarray(format="bgr24").astype(int) - picture(index)
        assert np.abs(difference).mean() < 6


def test_key_frames_come_often_and_no_frame_waits_for_a_later_one(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", 25, gop=10)
    with av.open(str(tmp_path / "a.mp4")) as video:
        packets = [packet for packet in video.demux(video=0) if packet.size]
        assert [i for i, packet in enumerate(packets) if packet.is_keyframe] == [0, 10, 20]
        assert all(packet.pts == packet.dts for packet in packets)


def test_times_may_be_given_and_never_go_back(tmp_path: Path) -> None:
    with H264Writer(tmp_path / "a.mp4", width_px=64, height_px=48, fps=10) as out:
        for index, at_s in enumerate((0.0, 0.5, 0.5, 0.2, 2.0)):
            out.write(picture(index), at_s=at_s)
    with av.open(str(tmp_path / "a.mp4")) as video:
        times = [float(frame.time or 0) for frame in video.decode(video=0)]
    assert times == pytest.approx([0.0, 0.5, 0.5, 0.5, 2.0], abs=0.001)
    assert times == sorted(set(times))


def test_odd_sizes_are_padded(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", 3, width=63, height=47)
    with av.open(str(tmp_path / "a.mp4")) as video:
        frame = next(video.decode(video=0))
    assert (frame.width, frame.height) == (64, 48)
    assert abs(frame.to_ndarray(format="bgr24")[:47, :63].astype(int) - picture(0, 63, 47)).mean() < 6


def test_the_same_pictures_make_the_same_file(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", 12)
    write(tmp_path / "b.mp4", 12)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_an_error_on_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with H264Writer(tmp_path / "a.mp4", width_px=64, height_px=48, fps=10) as out:
            out.write(picture(0))
            assert not (tmp_path / "a.mp4").exists()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CustosError, match="cannot write the video"):
        H264Writer(tmp_path / "none" / "a.mp4", width_px=64, height_px=48, fps=10)


@pytest.mark.parametrize("shape", [(48, 64), (48, 62, 3), (46, 64, 3)])
def test_a_picture_of_another_shape_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with H264Writer(tmp_path / "a.mp4", width_px=64, height_px=48, fps=10) as out:
        out.write(picture(0))
        with pytest.raises(ValueError, match=r"picture must be \(48, 64, 3\) uint8"):
            out.write(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("values", "says"),
    [({"crf": 52.0}, "crf must lie"), ({"bitrate_bps": 9}, "bitrate_bps must be"), ({"gop_frames": 0}, "gop_frames")],
)
def test_bad_quality(values: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Quality(
            crf=values.get("crf", 23.0),
            bitrate_bps=int(values["bitrate_bps"]) if "bitrate_bps" in values else None,
            gop_frames=int(values.get("gop_frames", 20)),
        )
