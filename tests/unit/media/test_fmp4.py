"""Fragmented MP4: the boxes are well formed, FFmpeg reads the same pictures at the same times out of them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from custos.adapters.media.fmp4 import TIMESCALE, H264FragmentMuxer, fragment_muxer
from custos.adapters.sources.bitstream import parameter_sets
from custos.adapters.sources.file import FileSource
from custos.model.frame import Packet, StreamInfo, StreamOpened
from custos.testing.clips import write_clip

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf"})


@dataclass(frozen=True)
class Box:
    name: bytes
    body: bytes
    size: int


def boxes(data: bytes) -> Iterator[Box]:
    """All boxes, parents before children; fails when the sizes do not add up."""
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at, f"{name!r} says {size} bytes, {len(data) - at} are left"
        body = data[at + 8 : at + size]
        yield Box(name, body, size)
        if name in CONTAINERS:
            yield from boxes(body)
        at += size


def box(data: bytes, name: bytes) -> Box:
    return next(found for found in boxes(data) if found.name == name)


def packets_of(path: Path) -> tuple[StreamInfo, list[Packet]]:
    items = list(FileSource(path, "c", START))
    opened = [item for item in items if isinstance(item, StreamOpened)]
    return opened[0].info, [item for item in items if isinstance(item, Packet)]


def muxer_of(info: StreamInfo, packets: list[Packet]) -> H264FragmentMuxer:
    muxer = fragment_muxer(info, packets[0])
    assert muxer is not None
    return muxer


@dataclass(frozen=True)
class Shown:
    time_s: float
    luma: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def decoded(source: io.BytesIO | str) -> list[Shown]:
    with av.open(source, "r") as container:
        return [
            Shown(float(frame.time), np.from_dlpack(frame.planes[0]).astype(np.uint8))
            for frame in container.decode(video=0)
        ]


CLIPS = {
    "avcC": ("a.mp4", 0),
    "avcC with B-frames": ("a.mp4", 3),
    "Annex B": ("a.ts", 0),
    "Annex B with B-frames": ("a.ts", 3),
}


@pytest.mark.parametrize("kind", CLIPS)
def test_the_same_pictures_come_out_at_the_same_times(kind: str, tmp_path: Path) -> None:
    name, b_frames = CLIPS[kind]
    options = {"preset": "fast"} if b_frames else None
    clip = write_clip(tmp_path / name, frames=30, b_frames=b_frames, options=options, width_px=66, height_px=50)
    info, packets = packets_of(clip)
    muxer = muxer_of(info, packets)
    out = decoded(io.BytesIO(muxer.init_segment() + b"".join(muxer.fragment(p) for p in packets)))
    original = decoded(str(clip))
    assert len(out) == len(original) == 30
    assert all(np.array_equal(a.luma, b.luma) for a, b in zip(out, original, strict=True))
    media_s = sorted((p.captured_at - muxer.epoch_at).total_seconds() for p in packets)
    assert [frame.time_s for frame in out] == pytest.approx(media_s, abs=2 / TIMESCALE)


def test_the_init_segment_says_what_the_stream_is(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.ts", width_px=322, height_px=242, frames=2))
    init = muxer_of(info, packets).init_segment()
    assert [found.name for found in boxes(init)][:2] == [b"ftyp", b"moov"]
    assert struct.unpack(">II", box(init, b"tkhd").body[-8:]) == (322 << 16, 242 << 16)
    entry = box(init, b"stsd").body[8:]
    assert entry[4:8] == b"avc1"
    assert struct.unpack_from(">HH", entry, 32) == (322, 242)
    sets = parameter_sets("h264", packets[0].data)
    assert sets.sps[0] in entry
    assert sets.pps[0] in entry


@pytest.mark.parametrize(
    ("options", "mime"),
    [
        ({}, 'video/mp4; codecs="avc1.42c00a"'),
        ({"preset": "medium", "profile": "main"}, 'video/mp4; codecs="avc1.4d400a"'),
        ({"preset": "medium", "profile": "high", "level": "4.1"}, 'video/mp4; codecs="avc1.640029"'),
    ],
)
@pytest.mark.parametrize("ending", ["mp4", "ts"])
def test_mime_names_profile_and_level(options: dict[str, str], mime: str, ending: str, tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / f"a.{ending}", options=options, frames=2))
    muxer = muxer_of(info, packets)
    assert muxer.mime == mime
    entry = box(muxer.init_segment(), b"stsd").body
    avcc = entry[entry.index(b"avcC") + 4 :]
    assert f"avc1.{avcc[1:4].hex()}" in mime


def test_every_packet_is_one_fragment_at_once(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.ts", frames=12, gop=5))
    muxer = muxer_of(info, packets)
    for index, packet in enumerate(packets):
        fragment = muxer.fragment(packet)
        top = [b for b in boxes(fragment) if b.name in (b"moof", b"mdat")]
        assert [b.name for b in top] == [b"moof", b"mdat"]
        assert sum(b.size for b in top) == len(fragment)
        assert struct.unpack(">II", box(fragment, b"mfhd").body) == (0, index + 1)
        _, samples, offset, duration, size, flags, shift = struct.unpack(">IIiIIIi", box(fragment, b"trun").body)
        assert (samples, offset, size) == (1, top[0].size + 8, len(top[1].body))
        assert flags == (0x02000000 if packet.is_keyframe else 0x01010000)
        assert duration == TIMESCALE / 10
        shown = struct.unpack(">IQ", box(fragment, b"tfdt").body)[1] + shift
        assert shown == round((packet.captured_at - muxer.epoch_at).total_seconds() * TIMESCALE)


def test_parameter_sets_and_delimiters_stay_out_of_the_samples(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.ts", frames=3))
    assert b"\x00\x00\x00\x01\x67" in packets[0].data or b"\x00\x00\x01\x67" in packets[0].data
    data = box(muxer_of(info, packets).fragment(packets[0]), b"mdat").body
    kinds = []
    while data:
        size = int.from_bytes(data[:4], "big")
        kinds.append(data[4] & 0x1F)
        data = data[4 + size :]
    assert 5 in kinds
    assert not {7, 8, 9} & set(kinds)


def test_uneven_capture_times_give_increasing_decode_times(tmp_path: Path) -> None:
    """A live camera's arrival times: bursts, gaps, and a clock that was set right in between."""
    info, packets = packets_of(write_clip(tmp_path / "a.ts", frames=8))
    at_s = [0.0, 0.1, 0.100001, 0.100002, 0.5, 3.0, 3.00001, 3.1]
    live = [replace(p, captured_at=START + timedelta(seconds=s)) for p, s in zip(packets, at_s, strict=True)]
    muxer = muxer_of(info, live)
    fragments = [muxer.fragment(packet) for packet in live]
    decode = [struct.unpack(">IQ", box(f, b"tfdt").body)[1] for f in fragments]
    durations = [struct.unpack(">IIiIIIi", box(f, b"trun").body)[3] for f in fragments]
    assert decode == sorted(set(decode))
    assert all(TIMESCALE / 10 <= duration <= TIMESCALE for duration in durations)
    out = decoded(io.BytesIO(muxer.init_segment() + b"".join(fragments)))
    media_s = [(packet.captured_at - muxer.epoch_at).total_seconds() for packet in live]
    # FFmpeg's reader moves the whole track by the most that a picture is shown before it is decoded: 2 ticks.
    assert [frame.time_s for frame in out] == pytest.approx(media_s, abs=4 / TIMESCALE)


def test_a_packet_from_before_the_first_is_left_out(tmp_path: Path) -> None:
    info, packets = packets_of(write_clip(tmp_path / "a.ts", frames=20, gop=10))
    muxer = muxer_of(info, packets[10:])
    assert muxer.fragment(packets[3]) == b""
    assert muxer.fragment(replace(packets[10], data=b"")) == b""
    assert muxer.fragment(packets[10]) != b""


def test_parameter_sets_only_in_the_announcement(tmp_path: Path) -> None:
    """RTSP cameras may send them in the session description alone."""
    _, packets = packets_of(write_clip(tmp_path / "a.ts", frames=2))
    info = StreamInfo("h264", 64, 48, parameter_sets("h264", packets[0].data).annex_b())
    bare = replace(packets[0], data=packets[0].data[packets[0].data.index(b"\x00\x00\x01\x65") :])
    muxer = muxer_of(info, [bare])
    assert len(decoded(io.BytesIO(muxer.init_segment() + muxer.fragment(bare)))) == 1


@pytest.mark.parametrize(
    ("encoder", "pixel_format"),
    [
        ("libx265", "yuv420p"),
        ("mjpeg", "yuvj420p"),
        ("libx264", "yuv422p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv420p10le"),
    ],
)
def test_what_browsers_do_not_play_has_no_muxer(encoder: str, pixel_format: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", codec=encoder, pixel_format=pixel_format, frames=2)
    info, packets = packets_of(clip)
    assert fragment_muxer(info, packets[0]) is None


@pytest.mark.parametrize(
    "extradata", [b"", b"\x01\x64\x00\x1f\xff\xe1\x00\x40", b"\x00\x00\x00\x01\x67\x64", bytes(20)]
)
def test_without_usable_parameter_sets_there_is_no_muxer(extradata: bytes, tmp_path: Path) -> None:
    _, packets = packets_of(write_clip(tmp_path / "a.ts", frames=2))
    bare = replace(packets[0], data=packets[0].data[packets[0].data.index(b"\x00\x00\x01\x65") :])
    assert fragment_muxer(StreamInfo("h264", 64, 48, extradata), bare) is None
