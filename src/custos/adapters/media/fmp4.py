"""Packets to fragmented MP4 for Media Source Extensions: `H264FragmentMuxer.fragment(packet) -> moof+mdat`.

The boxes are written here: FFmpeg's muxer holds every packet back until the next one tells its duration, one
picture of delay that live video need not have. ISO/IEC 14496-12 8.8 and 14496-15 5.4; W3C "ISO BMFF Byte
Stream Format".
"""

from __future__ import annotations

import struct
from datetime import datetime, timedelta

from custos.adapters.sources.bitstream import (
    H264_AUD,
    H264_PPS,
    H264_SPS,
    ParameterSets,
    SequenceParameters,
    avcc_parameter_sets,
    is_avcc,
    nal_units,
    parameter_sets,
    parse_sps,
)
from custos.model.frame import Packet, StreamInfo

TIMESCALE = 90_000
_PLAYABLE_PROFILES = frozenset({66, 77, 100})  # Baseline, Main, High: what browsers decode
_LONGEST_S = 1.0
_DEFAULT_FPS = 25.0
_KEY_SAMPLE = 0x0200_0000  # depends on no other
_DELTA_SAMPLE = 0x0101_0000  # depends on others, is no sync sample
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class H264FragmentMuxer:
    """Muxes the H.264 packets of one stream, each as soon as it comes.

    Media time 0 is `epoch_at`; a picture's media time is its captured_at - epoch_at. The duration of a sample
    is not known before the next one: the last interval, or the nominal one if longer, stands in. Samples may
    so overlap a little, which Media Source Extensions resolve in favour of the later sample.
    """

    def __init__(self, info: StreamInfo, sets: ParameterSets, sps: SequenceParameters, first: Packet) -> None:
        self.mime = f'video/mp4; codecs="avc1.{sps.profile:02x}{sps.compatibility:02x}{sps.level:02x}"'
        # The first picture may be shown after it is decoded: decode times must not become negative.
        self.epoch_at: datetime = first.captured_at - timedelta(seconds=max(0.0, first.pts_s - first.dts_s))
        self._length_prefixed = is_avcc(info.extradata)
        self._nominal = round(TIMESCALE / (info.fps or _DEFAULT_FPS))
        self._init = _init_segment(sets, sps, info.extradata if self._length_prefixed else b"")
        self._sequence = 0
        self._last_decode: int | None = None

    def init_segment(self) -> bytes:
        """ftyp and moov."""
        return self._init

    def fragment(self, packet: Packet) -> bytes:
        """One moof+mdat of this packet; empty for one without a picture, or from before the first."""
        data = packet.data if self._length_prefixed else _length_prefixed(packet.data)
        shown = _ticks((packet.captured_at - self.epoch_at).total_seconds())
        if not data or shown < 0:
            return b""
        decode = max(0, shown - _ticks(packet.pts_s - packet.dts_s))
        if self._last_decode is not None:
            decode = max(decode, self._last_decode + 1)
        interval = decode - self._last_decode if self._last_decode is not None else 0
        duration = min(max(interval, self._nominal), round(_LONGEST_S * TIMESCALE))
        self._last_decode = decode
        self._sequence += 1
        return _fragment(self._sequence, decode, shown - decode, duration, packet.is_keyframe, data)


def fragment_muxer(info: StreamInfo, first_key_packet: Packet) -> H264FragmentMuxer | None:
    """The muxer of a stream; None unless it is H.264 of a profile that browsers play, with its parameter sets
    announced or in its first key frame."""
    if info.codec != "h264":
        return None
    try:
        sets = avcc_parameter_sets(info.extradata) if is_avcc(info.extradata) else None
        if sets is None:
            # What the key frame brings is newer than what was announced.
            sets = parameter_sets("h264", first_key_packet.data)
            if not sets.sps or not sets.pps:
                sets = parameter_sets("h264", info.extradata)
        if not sets.sps or not sets.pps:
            return None
        sps = parse_sps("h264", sets.sps[0])
    except ValueError:
        return None
    if sps.profile not in _PLAYABLE_PROFILES or sps.chroma_format != 1 or sps.bit_depth_luma != 8:
        return None
    return H264FragmentMuxer(info, sets, sps, first_key_packet)


def _ticks(seconds: float) -> int:
    return round(seconds * TIMESCALE)


def _length_prefixed(annex_b: bytes) -> bytes:
    """Start codes become lengths; parameter sets and delimiters go, the init segment carries them."""
    kept = (unit for unit in nal_units(annex_b) if unit[0] & 0x1F not in (H264_SPS, H264_PPS, H264_AUD))
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def _full_box(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags), *parts)


def _fragment(sequence: int, decode: int, shift: int, duration: int, key: bool, data: bytes) -> bytes:
    """`decode`, `shift` (shown minus decoded) and `duration` in ticks."""
    moof_size = 8 + 16 + 8 + 16 + 20 + 36  # moof, mfhd, traf, tfhd, tfdt, trun
    moof = _box(
        b"moof",
        _full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        _box(
            b"traf",
            _full_box(b"tfhd", 0, 0x020000, struct.pack(">I", 1)),  # default-base-is-moof
            _full_box(b"tfdt", 1, 0, struct.pack(">Q", decode)),
            _full_box(
                b"trun",
                1,  # the shift is signed
                0x000F01,  # data offset; duration, size, flags and shift of each sample
                struct.pack(">Ii", 1, moof_size + 8),
                struct.pack(">IIIi", duration, len(data), _KEY_SAMPLE if key else _DELTA_SAMPLE, shift),
            ),
        ),
    )
    return moof + _box(b"mdat", data)


def _init_segment(sets: ParameterSets, sps: SequenceParameters, avcc: bytes) -> bytes:
    size = struct.pack(">II", sps.width_px << 16, sps.height_px << 16)
    track = _box(
        b"trak",
        _full_box(b"tkhd", 0, 3, struct.pack(">IIIII", 0, 0, 1, 0, 0), bytes(16), _MATRIX, size),
        _box(
            b"mdia",
            _full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TIMESCALE, 0, 0x55C4, 0)),  # language "und"
            _full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide"), b"video\x00"),
            _box(
                b"minf",
                _full_box(b"vmhd", 0, 1, bytes(8)),
                _box(b"dinf", _full_box(b"dref", 0, 0, struct.pack(">I", 1), _full_box(b"url ", 0, 1))),
                _sample_table(sps, avcc or _avcc(sets, sps)),
            ),
        ),
    )
    movie = _full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, TIMESCALE, 0, 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        b"\0\0\0\x02",
    )
    extends = _box(b"mvex", _full_box(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0)))
    return _box(b"ftyp", b"iso5", bytes(4), b"iso5iso6mp41avc1") + _box(b"moov", movie, track, extends)


def _sample_table(sps: SequenceParameters, avcc: bytes) -> bytes:
    entry = _box(
        b"avc1",
        struct.pack(">6xH16xHHII4xH", 1, sps.width_px, sps.height_px, 0x480000, 0x480000, 1),
        bytes(32),  # name of the compressor
        struct.pack(">Hh", 24, -1),
        _box(b"avcC", avcc),
    )
    none = struct.pack(">I", 0)
    return _box(
        b"stbl",
        _full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        _full_box(b"stts", 0, 0, none),
        _full_box(b"stsc", 0, 0, none),
        _full_box(b"stsz", 0, 0, none, none),
        _full_box(b"stco", 0, 0, none),
    )


def _avcc(sets: ParameterSets, sps: SequenceParameters) -> bytes:
    """AVCDecoderConfigurationRecord with lengths of 4 bytes."""
    head = struct.pack(">BBBBBB", 1, sps.profile, sps.compatibility, sps.level, 0xFF, 0xE0 | len(sets.sps))
    body = b"".join(struct.pack(">H", len(unit)) + unit for unit in sets.sps)
    body += bytes([len(sets.pps)]) + b"".join(struct.pack(">H", len(unit)) + unit for unit in sets.pps)
    if sps.profile == 100:
        depths = (sps.bit_depth_luma - 8, sps.bit_depth_chroma - 8)
        body += struct.pack(">BBBB", 0xFC | sps.chroma_format, 0xF8 | depths[0], 0xF8 | depths[1], 0)
    return head + body
