"""SIA DC-09 frames against frames that other programs made.

KNOWN are frames as five unrelated implementations and panels print them in public (CRC and length are theirs). SEALED
were sealed by `openssl enc -aes-N-cbc -nopad` with a zero IV, and their CRC computed bit by bit.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from custos.adapters.devices.sia_frame import (
    CRCS,
    Content,
    Splitter,
    Unable,
    Unreadable,
    content_of,
    framed,
    negative,
    occurred_at,
    positive,
    read_frame,
    unable,
)

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))
KNOWN = [
    ('F4D20029"SIA-DCS"0001RF3L77#1234[#1234|NRR|Atest]', "SIA-DCS", "0001", "F3", "77", "1234", "NRR|Atest", None),
    ('96ED0016"SIA-DCS"0001L0#1234[]', "SIA-DCS", "0001", None, "0", "1234", "", None),
    (
        'F92F0043"ADM-CID"0020R7896L7896#3456[#3456|1407 00 001]_17:01:14,07-26-2024',
        "ADM-CID", "0020", "7896", "7896", "3456", "1407 00 001", datetime(2024, 7, 26, 17, 1, 14, tzinfo=UTC),
    ),
    (
        'D730002F"NULL"0000R7896L7896#3456[]_17:01:26,07-26-2024',
        "NULL", "0000", "7896", "7896", "3456", "", datetime(2024, 7, 26, 17, 1, 26, tzinfo=UTC),
    ),
    (
        'F68B003B"ADM-CID"0028L0#9757[#9757|1602 00 000]_20:59:45,02-20-2024',
        "ADM-CID", "0028", None, "0", "9757", "1602 00 000", datetime(2024, 2, 20, 20, 59, 45, tzinfo=UTC),
    ),
    ('43580023"SIA-DCS"0084L0#AAA[#AAA|Nri1/XC12]', "SIA-DCS", "0084", None, "0", "AAA", "Nri1/XC12", None),
]  # fmt: skip
FOREIGN = (
    b'05BB0076"*SIA-DCS"7654L0#1111[C07DA1EB73C617857476EE5D79436CEE'
    b"5E0084485E79EC56B0D5D1F3F6E648B278050BBCCBC8FE5DCA7E3C80DBDD4945"
)
"""Sealed by another receiver's tests with the key "AAAAAAAAAAAAAAAA", and padded with zeros."""
SEALED = {
    16: b'55160078"*SIA-DCS"0007R1L2#1234[85B267DE25DEA391E71143BF7BA6235636C19399CD781599FEA863E8A032AB0B'
    b"01BDD5A83DA47B9537C2D47A1EA7557D",
    24: b'5EA40078"*SIA-DCS"0007R1L2#1234[B542542A34860F36D41020D9BFC4F1B1631503738D82D0ACD1F5EE7BBF0F07D8'
    b"7CFF4CADCAD3E85637D4C532D6E639FC",
    32: b'AD1B0078"*SIA-DCS"0007R1L2#1234[4CE54888469C0A37AED81C693D5B502825F24340C8A0FF189CECCD1D14889177'
    b"FC67A7A679829970F99C9B5C7DB35670",
}
SEALED_NULL = b'D3D90055"*NULL"0008R1L2#1234[2F26164E665A1BC4DF2049CB494C064C4AD27EE866A8E84B7D8FC1671B144EF7'


def test_the_crc_has_its_catalogued_check_values() -> None:
    """CRC RevEng catalogue: ARC, MODBUS, XMODEM, IBM-3740 over "123456789"."""
    found = {name: crc(b"123456789") for name, crc in CRCS.items()}
    assert found == {"arc": 0xBB3D, "modbus": 0x4B37, "xmodem": 0x31C3, "ccitt": 0x29B1}


@pytest.mark.parametrize(("raw", "id_", "sequence", "receiver", "line", "account", "data", "at"), KNOWN)
def test_frames_of_other_programs_are_read(
    raw: str, id_: str, sequence: str, receiver: str | None, line: str, account: str, data: str, at: datetime | None
) -> None:
    frame = read_frame(raw.encode())
    told = (frame.id, frame.sequence, frame.receiver, frame.line, frame.account, frame.encrypted)
    assert told == (id_, sequence, receiver, line, account, False)
    assert content_of(frame, None) == Content(data, {}, at)


def test_a_frame_sealed_by_another_program_is_opened() -> None:
    content = content_of(read_frame(FOREIGN), b"A" * 16)
    assert content == Content("Nri1/WA000", {}, datetime(2020, 7, 9, 16, 4, 2, tzinfo=UTC))


@pytest.mark.parametrize("size", [16, 24, 32])
def test_frames_sealed_by_openssl_are_opened(size: int) -> None:
    frame = read_frame(SEALED[size])
    assert content_of(frame, KEY[:size]) == Content("Nri1/BA012", {}, NOON)


def test_an_encrypted_link_test_is_opened() -> None:
    assert content_of(read_frame(SEALED_NULL), KEY[:16]) == Content("", {}, NOON)


def test_answers_are_the_standards_byte_by_byte() -> None:
    frame = read_frame(b'89350026"SIA-DCS"0001L0#1234[#1234|Nri1/BA012]')
    assert positive(frame, key=None, at=NOON, padding=bytes) == b'\n1BC10012"ACK"0001L0#1234[]\r'
    assert unable(frame) == b'\n251F0012"DUH"0001L0#1234[]\r'
    assert negative(frame, at=NOON) == b'\nB64A0025"NAK"0000R0L0A0[]_12:00:00,05-04-2026\r'


def test_a_nak_as_a_panel_recorded_it() -> None:
    at = datetime(2024, 7, 30, 10, 10, 18, tzinfo=UTC)
    assert negative(read_frame(FOREIGN), at=at) == b'\nE5630025"NAK"0000R0L0A0[]_10:10:18,07-30-2024\r'


def test_an_encrypted_frame_gets_an_encrypted_answer() -> None:
    told = positive(read_frame(SEALED[16]), key=KEY[:16], at=NOON, padding=lambda n: b"0123456789ABCDEF"[:n])
    sealed = b"2F26164E665A1BC4DF2049CB494C064C4AD27EE866A8E84B7D8FC1671B144EF7"
    assert told == b'\n412A0054"*ACK"0007R1L2#1234[' + sealed + b"\r"


@pytest.mark.parametrize("crc", list(CRCS))
@pytest.mark.parametrize("binary", [False, True])
def test_a_variant_is_believed_where_it_is_allowed_and_answered_in_kind(crc: str, binary: bool) -> None:
    body = b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA012]'
    raw = framed(body, crc=crc, binary_crc=binary)[1:-1]
    frame = read_frame(raw, tuple(CRCS))
    assert (frame.crc, frame.binary_crc) == (crc, binary)
    assert unable(frame) == framed(b'"DUH"0001L0#1234[]', crc=crc, binary_crc=binary)
    if crc != "arc":
        with pytest.raises(Unreadable):
            read_frame(raw)


def test_a_frame_says_when_it_happened_apart_from_when_it_was_sent() -> None:
    content = content_of(read_frame(b'E6560040"SIA-DCS"0005L0#1234[#1234|Nri1/FA03][H11:59:30,05-04-2026][V12]'), None)
    assert content.extended == {"H": "11:59:30,05-04-2026", "V": "12"}
    assert occurred_at(content) == datetime(2026, 5, 4, 11, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 5000,
        b'89350026"SIA-DCS"0001L0#1234[#1234|Nri1/BA013]',  # a digit changed
        b'8935026"SIA-DCS"0001L0#1234[#1234|Nri1/BA012]',
        b'89350027"SIA-DCS"0001L0#1234[#1234|Nri1/BA012]',  # another length
        framed(b'"SIA-DCS"001L0#1234[]')[1:-1],
        framed(b'"SIA-DCS"0001#1234[]')[1:-1],
        framed(b'"sia-dcs"0001L0#1234[]')[1:-1],
        framed(b'"SIA-DCS"0001L0#12345678901234567[]')[1:-1],
        framed(b"SIA-DCS0001L0#1234[]")[1:-1],
    ],
)
def test_what_is_no_frame_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_frame(raw)


@pytest.mark.parametrize(
    ("body", "key", "told"),
    [
        (b'"SIA-DCS"0001L0#1234[#1234|BA01', None, "not in brackets"),
        (b'"SIA-DCS"0001L0#1234[#1235|BA01]', None, "account in the data is not that"),
        (b'"SIA-DCS"0001L0#1234[#1234|BA01]_25:00:00,05-04-2026', None, "time is no time"),
        (b'"SIA-DCS"0001L0#1234[#1234|BA01]_x', None, "not in brackets"),
        (b'"SIA-DCS"0001L0#1234[#1234|BA01]', KEY[:16], "in clear"),
        (b'"*SIA-DCS"0001L0#1234[00112233445566778899AABBCCDDEEFF', None, "no key is agreed"),
        (b'"*SIA-DCS"0001L0#1234[00112233445566778899AABBCCDDEEFF', KEY[:16], "cannot be decrypted"),
        (b'"*SIA-DCS"0001L0#1234[00112233', KEY[:16], "cannot be decrypted"),
        (b'"*SIA-DCS"0001L0#1234[', KEY[:16], "cannot be decrypted"),
        (b'"*SIA-DCS"0001L0#1234[XX', KEY[:16], "cannot be decrypted"),
    ],
)
def test_what_is_sound_and_says_nothing(body: bytes, key: bytes | None, told: str) -> None:
    with pytest.raises(Unable, match=told):
        content_of(read_frame(framed(body)[1:-1]), key)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unable, match="cannot be decrypted"):
        content_of(read_frame(SEALED[16]), bytes(16))


def test_a_stream_in_pieces_and_with_rubbish_between_gives_its_frames() -> None:
    """A binary CRC may hold LF and CR; a length that is wrong must not swallow what follows."""
    bodies = [f'"SIA-DCS"{i:04d}L0#1234[#1234|Nri1/BA{i:03d}]'.encode() for i in range(1, 4000)]
    awkward = [framed(b, binary_crc=True) for b in bodies if {10, 13} & set(CRCS["arc"](b).to_bytes(2, "big"))]
    assert len(awkward) > 20
    good = [framed(bodies[0]), *awkward, framed(bodies[1]), framed(bodies[2], binary_crc=True)]
    rubbish = [b"hello\r", b"\nGET / HTTP/1.1\r\n\r", b'\n00000FFF"', b"\n\r", b'\nFFFF0020"x"\r', b"\n" * 20]
    rng = random.Random(7)
    stream = b"".join(one + rng.choice(rubbish) for one in good) + framed(bodies[3]) + b"\r" * 5000 + framed(bodies[4])
    splitter, found = Splitter(), list[bytes]()
    while stream:
        cut = rng.randint(1, 90)
        found += splitter.feed(stream[:cut])
        stream = stream[cut:]
    read = []
    for raw in found:
        try:
            read.append(read_frame(raw).sequence)
        except Unreadable:
            continue
    sequences = [read_frame(one[1:-1]).sequence for one in good] + ["0004", "0005"]
    assert [one for one in sequences if one not in read] == []


def test_a_stream_without_frames_is_not_kept() -> None:
    splitter = Splitter()
    for _ in range(100):
        splitter.feed(b"\n" + b"x" * 4000)
    assert len(splitter._waiting) < 10_000
