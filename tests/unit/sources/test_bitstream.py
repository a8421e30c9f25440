"""Parameter sets: read from what x264 and x265 write, and from damaged bytes."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from custos.adapters.sources.bitstream import (
    avcc_parameter_sets,
    is_avcc,
    nal_units,
    parameter_sets,
    parse_sps,
)
from custos.testing.clips import write_clip


def first_bytes(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return bytes(next(container.demux(video=0)))


def test_no_bytes_hold_no_units() -> None:
    assert list(nal_units(b"")) == []
    assert list(nal_units(b"\x00\x00\x01")) == []
    assert parameter_sets("h264", b"").annex_b() == b""


def test_units_are_split_at_short_and_long_start_codes() -> None:
    data = b"\x00\x00\x00\x01\x67\x01\x00\x00\x01\x68\x02\x00\x00\x00\x00\x01\x65\x03\x00\x00\x03\x01"
    assert list(nal_units(data)) == [b"\x67\x01", b"\x68\x02", b"\x65\x03\x00\x00\x03\x01"]


@pytest.mark.parametrize(("width", "height"), [(64, 48), (1920, 1080), (322, 242), (66, 50), (4096, 16)])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_the_picture_size_is_read_after_cropping(codec: str, width: int, height: int, tmp_path: Path) -> None:
    encoder, ending = {"h264": ("libx264", "h264"), "hevc": ("libx265", "hevc")}[codec]
    clip = write_clip(tmp_path / f"c.{ending}", codec=encoder, width_px=width, height_px=height, frames=2)
    sets = parameter_sets(codec, first_bytes(clip))
    sps = parse_sps(codec, sets.sps[0])
    assert (sps.width_px, sps.height_px) == (width, height)
    assert parameter_sets(codec, sets.annex_b()) == sets
    assert bool(sets.vps) == (codec == "hevc")


@pytest.mark.parametrize(
    ("pixel_format", "profile", "chroma", "depth"),
    [("yuv420p", 66, 1, 8), ("yuv422p", 122, 2, 8), ("yuv444p", 244, 3, 8), ("yuv420p10le", 110, 1, 10)],
)
def test_profile_chroma_and_depth(pixel_format: str, profile: int, chroma: int, depth: int, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.h264", pixel_format=pixel_format, frames=2)
    sps = parse_sps("h264", parameter_sets("h264", first_bytes(clip)).sps[0])
    assert (sps.profile, sps.chroma_format, sps.bit_depth_luma) == (profile, chroma, depth)


def test_interlaced_pictures_have_their_full_height(tmp_path: Path) -> None:
    options = {"x264-params": "tff=1:interlaced=1:log-level=error"}
    clip = write_clip(tmp_path / "c.h264", width_px=64, height_px=80, frames=2, options=options)
    sps = parse_sps("h264", parameter_sets("h264", first_bytes(clip)).sps[0])
    assert (sps.width_px, sps.height_px) == (64, 80)


def test_scaling_lists_are_skipped(tmp_path: Path) -> None:
    options = {"preset": "medium", "x264-params": "cqm=jvt:log-level=error"}
    clip = write_clip(tmp_path / "c.h264", width_px=80, height_px=64, frames=2, options=options)
    sps = parse_sps("h264", parameter_sets("h264", first_bytes(clip)).sps[0])
    assert (sps.width_px, sps.height_px, sps.profile) == (80, 64, 100)


def test_avcc_holds_the_same_sets(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.mp4", frames=2)
    with av.open(str(clip)) as container:
        extradata = container.streams.video[0].codec_context.extradata or b""
    assert is_avcc(extradata)
    sets = avcc_parameter_sets(extradata)
    assert (len(sets.sps), len(sets.pps)) == (1, 1)
    assert parse_sps("h264", sets.sps[0]).width_px == 64
    assert not is_avcc(sets.annex_b())


@pytest.mark.parametrize("cut", range(7, 20))
def test_a_cut_avcc_is_refused(cut: int, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.mp4", frames=2)
    with av.open(str(clip)) as container:
        extradata = container.streams.video[0].codec_context.extradata or b""
    with pytest.raises(ValueError, match="cut short"):
        avcc_parameter_sets(extradata[:cut])


@pytest.mark.parametrize("sps", [b"", b"\x67", b"\x67\x64\x00\x1f", b"\x67\x64\x00\x1f" + bytes(40)])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_damaged_parameter_set_is_refused(codec: str, sps: bytes) -> None:
    with pytest.raises(ValueError, match="parameter set is"):
        parse_sps(codec, sps)
