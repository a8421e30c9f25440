"""H.264 and H.265 bitstreams: NAL units, parameter sets, picture size. Bytes in, values out.

Rec. ITU-T H.264 (08/2021) 7.3.2.1 and Annex B; Rec. ITU-T H.265 (08/2021) 7.3.2.2;
ISO/IEC 14496-15 5.3.3.1 (avcC).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

H264_SPS, H264_PPS, H264_AUD = 7, 8, 9
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34
_START_CODE = re.compile(b"\x00\x00\x01")
_HIGH_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """What a sequence parameter set says. Sizes after cropping; `profile` .. `level` are 0 for H.265."""

    width_px: int
    height_px: int
    profile: int = 0
    compatibility: int = 0
    level: int = 0
    chroma_format: int = 1
    bit_depth_luma: int = 8
    bit_depth_chroma: int = 8


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The parameter sets of a stream, without start codes; `vps` is empty for H.264."""

    sps: tuple[bytes, ...] = ()
    pps: tuple[bytes, ...] = ()
    vps: tuple[bytes, ...] = ()

    def annex_b(self) -> bytes:
        return b"".join(b"\x00\x00\x00\x01" + unit for unit in (*self.vps, *self.sps, *self.pps))


def is_avcc(extradata: bytes) -> bool:
    """Whether `extradata` is an avcC record (length-prefixed samples) rather than Annex B."""
    return len(extradata) >= 7 and extradata[0] == 1


def nal_units(data: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream, without start codes and trailing zeros."""
    starts = [m.end() for m in _START_CODE.finditer(data)]
    for i, start in enumerate(starts):
        end = starts[i + 1] - 3 if i + 1 < len(starts) else len(data)
        unit = data[start:end].rstrip(b"\x00")
        if unit:
            yield unit


def parameter_sets(codec: str, annex_b: bytes) -> ParameterSets:
    """Those in `annex_b`, for codec "h264" or "hevc"; empty for others."""
    sps, pps, vps = [], [], []
    for unit in nal_units(annex_b) if codec in ("h264", "hevc") else ():
        kind = unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F
        if kind == (H264_SPS if codec == "h264" else _HEVC_SPS):
            sps.append(unit)
        elif kind == (H264_PPS if codec == "h264" else _HEVC_PPS):
            pps.append(unit)
        elif codec == "hevc" and kind == _HEVC_VPS:
            vps.append(unit)
    return ParameterSets(tuple(sps), tuple(pps), tuple(vps))


def avcc_parameter_sets(avcc: bytes) -> ParameterSets:
    """The parameter sets inside an avcC record; ValueError when it is cut short."""
    sets: list[list[bytes]] = [[], []]
    at = 5
    for kind in (0, 1):
        if at >= len(avcc):
            raise ValueError(f"avcC record is cut short at byte {at}")
        count = avcc[at] & (0x1F if kind == 0 else 0xFF)
        at += 1
        for _ in range(count):
            size = int.from_bytes(avcc[at : at + 2], "big")
            unit = avcc[at + 2 : at + 2 + size]
            if not size or len(unit) < size:
                raise ValueError(f"avcC record is cut short at byte {at}")
            sets[kind].append(unit)
            at += 2 + size
    return ParameterSets(tuple(sets[0]), tuple(sets[1]))


class _Bits:
    """Reads a raw byte sequence payload bit by bit; ValueError past its end."""

    def __init__(self, unit: bytes) -> None:
        # Emulation prevention (7.4.1): 00 00 03 stands for 00 00.
        payload = unit.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def u(self, bits: int) -> int:
        self._left -= bits
        if self._left < 0:
            raise ValueError("parameter set is cut short")
        return (self._value >> self._left) & ((1 << bits) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("parameter set is damaged: Exp-Golomb code of more than 32 zeros")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def parse_sps(codec: str, sps: bytes) -> SequenceParameters:
    """Read a sequence parameter set of codec "h264" or "hevc"; ValueError when it is damaged."""
    return _parse_h264_sps(sps) if codec == "h264" else _parse_hevc_sps(sps)


def _parse_h264_sps(sps: bytes) -> SequenceParameters:
    bits = _Bits(sps[1:])
    profile, compatibility, level = bits.u(8), bits.u(8), bits.u(8)
    bits.ue()  # seq_parameter_set_id
    chroma, depth_luma, depth_chroma = 1, 8, 8
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            bits.u(1)
        depth_luma, depth_chroma = 8 + bits.ue(), 8 + bits.ue()
        bits.u(1)
        if bits.u(1):
            for i in range(12 if chroma == 3 else 8):
                if bits.u(1):
                    _skip_scaling_list(bits, 16 if i < 6 else 64)
    bits.ue()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.ue()  # max_num_ref_frames
    bits.u(1)
    width_mbs, height_units = bits.ue() + 1, bits.ue() + 1
    frame_mbs_only = bits.u(1)
    if not frame_mbs_only:
        bits.u(1)
    bits.u(1)
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.u(1) else (0, 0, 0, 0)
    crop_x = 2 if chroma in (1, 2) else 1
    crop_y = (2 if chroma == 1 else 1) * (2 - frame_mbs_only)
    return SequenceParameters(
        width_mbs * 16 - crop_x * (left + right),
        height_units * 16 * (2 - frame_mbs_only) - crop_y * (top + bottom),
        profile,
        compatibility,
        level,
        chroma,
        depth_luma,
        depth_chroma,
    )


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last, following = 8, 8
    for _ in range(size):
        if following:
            following = (last + bits.se() + 256) % 256
        last = following or last


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.u(1)
        bits.se()
        bits.se()
        for _ in range(bits.ue()):
            bits.se()


def _parse_hevc_sps(sps: bytes) -> SequenceParameters:
    bits = _Bits(sps[2:])
    bits.u(4)
    sub_layers = bits.u(3)
    bits.u(1)
    bits.u(88)  # general profile and constraint flags
    bits.u(8)  # general level
    present = [(bits.u(1), bits.u(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.u(2 * (8 - sub_layers))
    for has_profile, has_level in present:
        bits.u(88 * has_profile + 8 * has_level)
    bits.ue()  # sps_seq_parameter_set_id
    chroma = bits.ue()
    if chroma == 3:
        bits.u(1)
    width, height = bits.ue(), bits.ue()
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.u(1) else (0, 0, 0, 0)
    crop_x, crop_y = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1)
    width, height = width - crop_x * (left + right), height - crop_y * (top + bottom)
    return SequenceParameters(width, height, chroma_format=chroma)
