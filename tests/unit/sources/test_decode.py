"""Packets to pictures: layouts, sizes, order, damage."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.model.errors import CustosError
from custos.model.frame import Clock, Frame, Image, Packet, StreamInfo, StreamOpened
from custos.testing.clips import picture, write_clip

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def packets_of(path: Path) -> tuple[StreamInfo, list[Packet]]:
    items = list(FileSource(path, "c", START))
    opened = [item for item in items if isinstance(item, StreamOpened)]
    return opened[0].info, [item for item in items if isinstance(item, Packet)]


def decode_all(info: StreamInfo, packets: list[Packet]) -> tuple[PacketDecoder, list[Frame]]:
    decoder = PacketDecoder(info, "dock")
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    return decoder, frames + decoder.flush()


def number(bgr: Image) -> int:
    """Which picture of `custos.testing.clips` this is."""
    return round((float(bgr[2:12, 2:12].mean()) - 16) / 8)


def close_to(a: Image, b: Image) -> bool:
    """Within what 4:2:0 and a lossy codec do."""
    return float(np.abs(a.astype(np.int16) - b.astype(np.int16)).mean()) < 6.0


def test_no_packets_make_no_frames(tmp_path: Path) -> None:
    info, _ = packets_of(write_clip(tmp_path / "a.mp4", frames=2))
    decoder, frames = decode_all(info, [])
    assert (frames, decoder.damaged) == ([], 0)


@pytest.mark.parametrize(
    ("encoder", "pixel_format"),
    [
        ("libx264", "yuv420p"),
        ("libx264", "yuvj420p"),
        ("libx264", "nv12"),
        ("libx264", "yuv422p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv420p10le"),
        ("libx265", "yuv420p"),
        ("mjpeg", "yuvj420p"),
        ("mjpeg", "yuvj422p"),
        ("ffv1", "bgr0"),
        ("rawvideo", "yuyv422"),
        ("rawvideo", "yuv420p"),
    ],
)
def test_every_picture_comes_out_as_it_was_drawn(encoder: str, pixel_format: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", codec=encoder, pixel_format=pixel_format, frames=8)
    decoder, frames = decode_all(*packets_of(clip))
    assert decoder.damaged == 0
    assert [frame.index for frame in frames] == list(range(1, 9))
    assert [number(frame.bgr) for frame in frames] == list(range(8))
    for index, frame in enumerate(frames):
        drawn = picture(index, 64, 48)
        assert frame.bgr.shape == (48, 64, 3)
        assert frame.bgr.flags.c_contiguous
        assert close_to(frame.bgr, drawn)
        assert frame.luma.shape == (48, 64)
        assert abs(float(frame.luma.mean()) - float(Frame.from_bgr(drawn, captured_at=START).luma.mean())) < 15


def test_a_grey_camera(tmp_path: Path) -> None:
    _, frames = decode_all(*packets_of(write_clip(tmp_path / "a.mp4", pixel_format="gray", frames=8)))
    assert [frame.luma.shape for frame in frames] == [(48, 64)] * 8
    corners = [float(frame.luma[:16, :16].mean()) for frame in frames]
    assert corners == sorted(corners)
    assert frames[7].bgr[5, 5].std() == 0


@pytest.mark.parametrize(("width", "height"), [(65, 49), (66, 49), (65, 48), (17, 17), (131, 99)])
@pytest.mark.parametrize("encoder", ["mjpeg", "ffv1"])
def test_odd_sizes(encoder: str, width: int, height: int, tmp_path: Path) -> None:
    pixel_format = {"mjpeg": "yuvj420p", "ffv1": "yuv420p"}[encoder]
    clip = write_clip(
        tmp_path / "a.mkv",
        codec=encoder,
        pixel_format=pixel_format,
        width_px=width,
        height_px=height,
        frames=3,
    )
    _, frames = decode_all(*packets_of(clip))
    for index, frame in enumerate(frames):
        assert (frame.width_px, frame.height_px) == (width, height)
        assert frame.bgr.shape == (height, width, 3)
        assert close_to(frame.bgr, picture(index, width, height))


def test_odd_sizes_of_h264(tmp_path: Path) -> None:
    """H.264 4:4:4 crops to odd sizes."""
    clip = write_clip(tmp_path / "a.mp4", pixel_format="yuv444p", width_px=65, height_px=49, frames=3)
    _, frames = decode_all(*packets_of(clip))
    assert [(frame.width_px, frame.height_px, frame.bgr.shape) for frame in frames] == [(65, 49, (49, 65, 3))] * 3


def test_frames_keep_their_packets_time_though_b_frames_change_the_order(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=20, b_frames=3, options={"preset": "fast"})
    info, packets = packets_of(clip)
    assert [p.pts_s for p in packets] != sorted(p.pts_s for p in packets)
    _, frames = decode_all(info, [replace(p, clock=Clock.CAMERA) for p in packets])
    assert [number(frame.bgr) for frame in frames] == list(range(20))
    seconds = [(frame.captured_at - START).total_seconds() for frame in frames]
    assert seconds == pytest.approx([i / 10 for i in range(20)], abs=1e-3)
    assert {frame.clock for frame in frames} == {Clock.CAMERA}
    assert {frame.camera_id for frame in frames} == {"dock"}


def test_one_thread_gives_each_picture_at_once(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.mp4", frames=10))
    decoder = PacketDecoder(info, "c")
    assert [len(decoder.decode(packet)) for packet in packets] == [1] * 10


def test_a_change_of_resolution_is_followed(tmp_path: Path) -> None:
    parts = [
        write_clip(tmp_path / f"{i}.h264", width_px=w, height_px=h, frames=5).read_bytes()
        for i, (w, h) in enumerate([(64, 48), (96, 80)])
    ]
    (tmp_path / "a.h264").write_bytes(b"".join(parts))
    decoder, frames = decode_all(*packets_of(tmp_path / "a.h264"))
    assert [(f.width_px, f.height_px) for f in frames] == [(64, 48)] * 5 + [(96, 80)] * 5
    assert decoder.damaged == 0
    assert all(a.captured_at < b.captured_at for a, b in pairwise(frames))
    assert close_to(frames[7].bgr, picture(2, 96, 80))


@pytest.mark.parametrize("encoder", ["libx264", "libx265", "mjpeg"])
def test_damaged_packets_are_counted_and_survived(encoder: str, tmp_path: Path) -> None:
    pixel_format = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    clip = write_clip(tmp_path / "a.mkv", codec=encoder, pixel_format=pixel_format, frames=30, gop=5)
    info, packets = packets_of(clip)
    packets[7] = replace(packets[7], data=b"\xde\xad\xbe\xef" * 20)
    packets[12] = replace(packets[12], data=b"\x00")
    decoder, frames = decode_all(info, packets)
    assert 1 <= decoder.damaged <= 4
    assert len(frames) >= 20
    assert close_to(frames[-1].bgr, picture(29, 64, 48))
    assert all(a.captured_at < b.captured_at for a, b in pairwise(frames))


def test_starting_in_the_middle_yields_pictures_from_the_next_key_frame(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.mp4", frames=30, gop=10))
    _, frames = decode_all(info, packets[13:])
    assert frames
    assert close_to(frames[-1].bgr, picture(29, 64, 48))


def test_an_unknown_codec_is_refused_with_a_remedy() -> None:
    with pytest.raises(CustosError, match="h267") as refused:
        PacketDecoder(StreamInfo("h267", 64, 48), "c")
    assert "H.264" in refused.value.remedy


def test_sound_is_refused() -> None:
    with pytest.raises(CustosError, match="aac"):
        PacketDecoder(StreamInfo("aac", 64, 48), "c")


def test_two_decoders_share_nothing(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.mp4", frames=6))
    one, two = PacketDecoder(info, "one"), PacketDecoder(info, "two")
    for packet in packets[:3]:
        one.decode(packet)
    frames = [frame for packet in packets for frame in two.decode(packet)]
    assert [(f.camera_id, f.index, number(f.bgr)) for f in frames] == [("two", i + 1, i) for i in range(6)]


def test_a_frame_outlives_its_decoder(tmp_path: Path) -> None:
    """The detector looks at a picture after the decoder has gone on, or gone."""
    info, packets = packets_of(write_clip(tmp_path / "a.mp4", frames=20))
    decoder = PacketDecoder(info, "c")
    kept = decoder.decode(packets[0])[0]
    luma = kept.luma.copy()
    for packet in packets[1:]:
        decoder.decode(packet)
    del decoder
    gc.collect()
    assert np.array_equal(kept.luma, luma)
    assert number(kept.bgr) == 0


def test_memory_stays_flat(tmp_path: Path) -> None:
    """200 decoded pictures of 1.4 MB, let go of one by one, must not pile up."""
    clip = write_clip(tmp_path / "a.mp4", width_px=1280, height_px=720, frames=10)
    info, packets = packets_of(clip)
    decoder = PacketDecoder(info, "c")
    at, process = START, psutil.Process(os.getpid())

    def play(rounds: int) -> int:
        nonlocal at
        for _ in range(rounds):
            for packet in packets:
                at += timedelta(milliseconds=40)
                for frame in decoder.decode(replace(packet, captured_at=at)):
                    assert frame.bgr.size
        gc.collect()
        return int(process.memory_info().rss)

    before = play(5)
    assert play(20) - before < 40_000_000


def test_no_two_frames_share_an_instant(tmp_path: Path) -> None:
    """Raw H.264 with B-frames carries no times: decode order stands in, and must not go back."""
    clip = write_clip(tmp_path / "a.h264", frames=20, b_frames=3, options={"preset": "fast"})
    _, frames = decode_all(*packets_of(clip))
    assert [number(frame.bgr) for frame in frames] == list(range(20))
    assert all(a.captured_at < b.captured_at for a, b in pairwise(frames))


def test_ffmpeg_knows_the_codecs_of_cameras() -> None:
    assert {"h264", "hevc", "mjpeg", "rawvideo"} <= av.codecs_available
