"""Recordings, good and bad, made on the spot."""

from __future__ import annotations

import os
import socket
import wave
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from custos.adapters.media.fmp4 import fragment_muxer
from custos.adapters.sources.file import FileSource
from custos.model.errors import CustosError
from custos.model.frame import Clock, Packet, StreamOpened
from custos.testing.clips import cut_clip, picture, write_clip

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def read(path: Path) -> tuple[FileSource, list[StreamOpened], list[Packet]]:
    source = FileSource(path, "c", START)
    items = list(source)
    opened = [item for item in items if isinstance(item, StreamOpened)]
    return source, opened, [item for item in items if isinstance(item, Packet)]


def seconds(packets: list[Packet]) -> list[float]:
    return sorted((packet.captured_at - START).total_seconds() for packet in packets)


@pytest.mark.parametrize(
    ("encoder", "ending", "codec"),
    [
        ("libx264", "mp4", "h264"),
        ("libx264", "mkv", "h264"),
        ("libx264", "ts", "h264"),
        ("libx265", "mp4", "hevc"),
        ("mjpeg", "mkv", "mjpeg"),
        ("mpeg4", "mp4", "mpeg4"),
    ],
)
def test_a_recording_is_read_whole(encoder: str, ending: str, codec: str, tmp_path: Path) -> None:
    pixel_format = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    clip = write_clip(tmp_path / f"a.{ending}", codec=encoder, pixel_format=pixel_format, frames=25, fps=10)
    source, opened, packets = read(clip)
    assert [(o.info.codec, o.info.width_px, o.info.height_px) for o in opened] == [(codec, 64, 48)]
    assert source.warnings == []
    assert seconds(packets) == pytest.approx([i / 10 for i in range(25)], abs=1e-3)
    assert {packet.clock for packet in packets} == {Clock.FILE}
    assert source.info.fps == pytest.approx(10.0, rel=0.01)


def test_length_and_number_of_pictures_are_known_beforehand(tmp_path: Path) -> None:
    source = FileSource(write_clip(tmp_path / "a.mp4", frames=25, fps=10), "c", START)
    assert source.duration_s == pytest.approx(2.5, abs=0.11)
    assert source.frame_count == 25


def test_b_frames_keep_decode_order_and_true_times(tmp_path: Path) -> None:
    options = {"preset": "fast"}
    clip = write_clip(tmp_path / "a.mp4", frames=20, b_frames=3, options=options)
    _, _, packets = read(clip)
    assert [p.pts_s for p in packets] != sorted(p.pts_s for p in packets)
    assert all(a.dts_s < b.dts_s for a, b in pairwise(packets))
    assert seconds(packets) == pytest.approx([i / 10 for i in range(20)], abs=1e-3)


def test_a_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.5, 0.51, 2.0, 7.25]
    _, _, packets = read(write_clip(tmp_path / "a.mp4", times_s=times))
    assert seconds(packets) == pytest.approx(times, abs=1e-3)


def test_a_change_of_resolution_is_told_before_the_key_frame_that_brings_it(tmp_path: Path) -> None:
    parts = [
        write_clip(tmp_path / f"{i}.h264", width_px=w, height_px=h, frames=10).read_bytes()
        for i, (w, h) in enumerate([(64, 48), (96, 80), (128, 48)])
    ]
    (tmp_path / "a.h264").write_bytes(b"".join(parts))
    source = FileSource(tmp_path / "a.h264", "c", START)
    items = list(source)
    opened = {i: item for i, item in enumerate(items) if isinstance(item, StreamOpened)}
    assert [(o.info.width_px, o.info.height_px) for o in opened.values()] == [(64, 48), (96, 80), (128, 48)]
    for index in opened:
        following = items[index + 1]
        assert isinstance(following, Packet)
        assert following.is_keyframe
    packets = [item for item in items if isinstance(item, Packet)]
    assert len(packets) == 30
    assert all(a.dts_s < b.dts_s for a, b in pairwise(packets))


def test_a_change_of_resolution_told_by_the_container(tmp_path: Path) -> None:
    """FLV: the second file's configuration comes as a tag between the pictures."""
    parts = [write_clip(tmp_path / f"{i}.flv", width_px=w, frames=10).read_bytes() for i, w in enumerate([64, 96])]
    (tmp_path / "a.flv").write_bytes(parts[0] + parts[1][13:])
    _, opened, packets = read(tmp_path / "a.flv")
    assert [o.info.width_px for o in opened] == [64, 96]
    assert opened[0].info.extradata != opened[1].info.extradata
    assert len(packets) == 20


def test_a_clock_that_jumps_back_inside_a_recording(tmp_path: Path) -> None:
    """Two recordings of a camera joined by concatenating MPEG-TS: the second starts at 0 again."""
    one = write_clip(tmp_path / "1.ts", frames=20, times_s=[50 + i / 10 for i in range(20)])
    two = write_clip(tmp_path / "2.ts", frames=20)
    (tmp_path / "a.ts").write_bytes(one.read_bytes() + two.read_bytes())
    _, _, packets = read(tmp_path / "a.ts")
    assert len(packets) == 40
    assert all(a.dts_s < b.dts_s for a, b in pairwise(packets))
    assert all(a.captured_at < b.captured_at for a, b in pairwise(packets))
    assert seconds(packets)[-1] == pytest.approx(3.9, abs=0.2)


def test_nothing_is_told_before_the_first_key_frame(tmp_path: Path) -> None:
    """A recording cut out of the middle of a stream."""
    clip = write_clip(tmp_path / "a.ts", frames=40, gop=10)
    _, _, packets = read(cut_clip(clip, tmp_path / "b.ts", first=3))
    assert packets[0].is_keyframe
    assert len(packets) == 30


def test_a_truncated_recording_yields_what_is_readable_and_says_so(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=100)
    whole = clip.read_bytes()
    fast = tmp_path / "fast.mp4"
    with (
        av.open(str(clip)) as container,
        av.open(str(fast), "w", options={"movflags": "faststart"}) as output,
    ):
        stream = output.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    fast.write_bytes(fast.read_bytes()[: len(whole) * 6 // 10])
    source, _, packets = read(fast)
    assert 10 < len(packets) < 100
    assert len(source.warnings) == 1
    assert "cut short" in source.warnings[0] or "damaged" in source.warnings[0]


def no_file(path: Path) -> None:
    pass


def a_directory(path: Path) -> None:
    path.mkdir()


def an_empty_file(path: Path) -> None:
    path.touch()


def a_text(path: Path) -> None:
    path.write_text("Minutes of the meeting of the works council, 3 March.\n" * 200)


def random_bytes(path: Path) -> None:
    path.write_bytes(bytes((i * i * 7919 >> 5) & 0xFF for i in range(50_000)))


def cut_before_the_index(path: Path) -> None:
    write_clip(path, frames=40)
    path.write_bytes(path.read_bytes()[:3000])


def sound_only(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))


def no_pictures(path: Path) -> None:
    """A header that announces a video, and nothing after it."""
    _, opened, packets = read(write_clip(path, frames=2))
    muxer = fragment_muxer(opened[0].info, packets[0])
    assert muxer is not None
    path.write_bytes(muxer.init_segment())


def no_tracks(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = 64, 48
        output.start_encoding()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_cover(path: Path) -> None:
    """Music with a picture on it."""
    with av.open(str(path), "w", format="mp4") as output:
        sound = output.add_stream("aac", rate=8000)
        cover = output.add_stream("mjpeg", rate=1)
        assert isinstance(sound, av.AudioStream)
        assert isinstance(cover, av.VideoStream)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(picture(0, 64, 48), format="bgr24")
        output.mux(cover.encode(frame))
        output.mux(cover.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.rate, silence.pts = 8000, 0
        output.mux(sound.encode(silence))
        output.mux(sound.encode(None))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_file, "no such file"),
        (a_directory, "is a directory"),
        (an_empty_file, "file is empty"),
        (a_text, "not a video"),
        (random_bytes, "not a video"),
        (cut_before_the_index, "not a video"),
        (sound_only, "no video"),
        (no_pictures, "not one picture"),
        (no_tracks, "no video"),
        (a_pipe, "not a regular file"),
        (a_cover, "no video"),
    ],
)
def test_what_is_no_recording_is_refused_in_words(make: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    assert callable(make)
    make(path)
    with pytest.raises(CustosError) as refused:
        FileSource(path, "c", START)
    assert said in refused.value.what
    assert refused.value.where == str(path)
    assert refused.value.remedy
    assert refused.value.exit_status == 1


def test_a_playlist_does_not_make_us_call_an_address(tmp_path: Path) -> None:
    """Somebody's "recording" must not reach into our network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        path = tmp_path / "clip.m3u8"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n")
        with pytest.raises(CustosError):
            FileSource(path, "c", START)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_naive_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="aware"):
        FileSource(tmp_path / "a.mp4", "c", datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_a_path_is_never_an_address_or_a_pattern(tmp_path: Path) -> None:
    for name in ("a:b?c#d%03d.mp4", "http:x.mp4", " lead.mp4"):
        source = FileSource(write_clip(tmp_path / "a.mp4").rename(tmp_path / name), "c", START)
        assert sum(isinstance(item, Packet) for item in source) == 20


def test_closing_ends_the_iteration(tmp_path: Path) -> None:
    source = FileSource(write_clip(tmp_path / "a.mp4"), "c", START)
    items = iter(source)
    for _ in range(5):
        next(items)
    source.close()
    source.close()
    assert list(items) == []


def test_the_last_picture_of_a_long_recording_is_not_early(tmp_path: Path) -> None:
    """30000/1001 pictures a second: rounding must not add up."""
    clip = write_clip(tmp_path / "a.mp4", times_s=[i * 1001 / 30000 for i in range(900)])
    _, _, packets = read(clip)
    last = max(packet.captured_at for packet in packets)
    assert last - START == pytest.approx(timedelta(seconds=899 * 1001 / 30000), abs=timedelta(milliseconds=1))
