"""SIA DC-09 frames: taken apart, checked, decrypted, answered (ANSI/SIA DC-09-2013, sections 5.4 and 5.5).

    LF CRC 0LEN "ID" SEQ Rrcvr Lpref #acct [pad|data][extended]_HH:MM:SS,MM-DD-YYYY CR

CRC and length are those of what stands between them and CR. An id that begins with `*` says that all behind the first
`[` is AES-CBC with a zero IV, written as hexadecimal digits, its random padding in front of the first `|`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

LF, CR = b"\n", b"\r"
LONGEST = 0xFFF + 16
"""Bytes of a frame: three hexadecimal digits tell its length."""
KEY_BYTES = (16, 24, 32)
HEAD = 10
"""Bytes up to the first quote, LF and it included, where the CRC is text; fewer tell nothing yet."""
_BLOCK = 16
_HEX = re.compile(rb"[0-9A-Fa-f]{4}")
_LENGTH = re.compile(rb"0[0-9A-Fa-f]{3}")
_BODY = re.compile(
    rb'"(?P<star>\*?)(?P<id>[A-Z][A-Z0-9-]{1,15})"(?P<sequence>\d{4})'
    rb"(?:R(?P<receiver>[0-9A-Fa-f]{1,6}))?L(?P<line>[0-9A-Fa-f]{1,6})(?:#(?P<account>[0-9A-Fa-f]{3,16}))?\[(?P<rest>.*)",
    re.DOTALL,
)
_REST = re.compile(r"(?P<data>[^\[\]]*)\](?P<extended>(?:\[[^\[\]]*\])*)(?:_(?P<time>\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}))?")
_ACCOUNT = re.compile(r"#?([0-9A-Fa-f]{0,16})\|")
_EXTENDED = re.compile(r"\[([A-Z])([^\[\]]*)\]")


def _reflected(polynomial: int, start: int) -> Callable[[bytes], int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ polynomial if byte & 1 else byte >> 1
        table.append(byte)

    def crc(data: bytes) -> int:
        value = start
        for byte in data:
            value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
        return value

    return crc


def _straight(polynomial: int, start: int) -> Callable[[bytes], int]:
    table = []
    for byte in range(256):
        value = byte << 8
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & 0x8000 else value << 1) & 0xFFFF
        table.append(value)

    def crc(data: bytes) -> int:
        value = start
        for byte in data:
            value = ((value << 8) & 0xFFFF) ^ table[(value >> 8) ^ byte]
        return value

    return crc


CRCS: dict[str, Callable[[bytes], int]] = {
    "arc": _reflected(0xA001, 0),
    "modbus": _reflected(0xA001, 0xFFFF),
    "xmodem": _straight(0x1021, 0),
    "ccitt": _straight(0x1021, 0xFFFF),
}
"""By name. The standard's is "arc"; panels that compute another are in the field."""


class Unreadable(ValueError):
    """Bytes that are no sound frame: the standard wants no answer to them."""


class Unable(ValueError):
    """A sound frame that makes no sense here: answered with DUH."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A sound frame, not yet decrypted.

    Args:
        id: "SIA-DCS", "ADM-CID", "NULL", ... without the star.
        sequence: its four digits; "0000" where the sender keeps none.
        receiver: None where there was none. account: "" where there was none; upper case.
        rest: what stands behind the first `[`.
        binary_crc: whether the CRC came as two bytes; the answer does as well.
    """

    id: str
    encrypted: bool
    sequence: str
    receiver: str | None
    line: str
    account: str
    rest: bytes
    crc: str
    binary_crc: bool


@dataclass(frozen=True, slots=True)
class Content:
    """What a frame says. `extended`: by letter, as "H" for the time of occurrence, "V" for a link to a picture."""

    data: str
    extended: dict[str, str]
    stamped_at: datetime | None


def read_frame(raw: bytes, crcs: tuple[str, ...] = ("arc",)) -> Frame:
    """The frame of the bytes between LF and CR. Unreadable when they are none.

    Args:
        crcs: names of CRCS that are believed, tried in order.
    """
    if len(raw) > LONGEST:
        raise Unreadable("the frame is too long")
    for binary, check, length, body in _envelopes(raw):
        if length != len(body):
            continue
        for name in crcs:
            if CRCS[name](body) == check:
                return _frame(body, name, binary)
    raise Unreadable("length or CRC is wrong")


def _envelopes(raw: bytes) -> list[tuple[bool, int, int, bytes]]:
    """As text, and as two bytes of CRC followed by a length in text."""
    found = []
    for binary, ends in ((False, 4), (True, 2)):
        check, length, body = raw[:ends], raw[ends : ends + 4], raw[ends + 4 :]
        if not _LENGTH.fullmatch(length) or not body.startswith(b'"'):
            continue
        if binary:
            found.append((True, int.from_bytes(check, "big"), int(length, 16), body))
        elif _HEX.fullmatch(check):
            found.append((False, int(check, 16), int(length, 16), body))
    return found


class Splitter:
    """Frames out of a stream. Length tells where a frame ends: a binary CRC may hold any byte, LF and CR too.

    What follows an LF and is no frame is given as well, up to its CR, so that it can be counted; the next frame is
    found behind it.
    """

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> list[bytes]:
        """What stands between LF and CR, for each that is whole now."""
        self._waiting += data
        found: list[bytes] = []
        while True:
            start = self._waiting.find(LF)
            if start < 0:
                self._waiting = b""
                return found
            self._waiting = self._waiting[start:]
            end = self._end()
            if end is None:
                return found
            found.append(self._waiting[1:end])
            self._waiting = self._waiting[end:].removeprefix(CR)

    def _end(self) -> int | None:
        """Where the first frame, or what is none, ends; None while more must come."""
        if len(self._waiting) < HEAD:
            return None
        for at in (9, 7):
            if not self._is_length(at):
                continue
            end = at + int(self._waiting[at - 4 : at], 16)
            first = self._waiting.find(CR, at, end + 1)
            if first == end:
                return end
            if first < 0 and len(self._waiting) <= end:
                return None
        marks = [at for at in (self._waiting.find(LF, 1), self._waiting.find(CR, 1)) if at > 0]
        if marks:
            return min(marks)
        return LONGEST if len(self._waiting) > LONGEST else None

    def _is_length(self, at: int) -> bool:
        """Whether a length stands before `at` and a quote at it; before a CRC in text there are digits only."""
        told = self._waiting[:at]
        is_crc = at == 7 or _HEX.fullmatch(told[1:5])
        return bool(is_crc and _LENGTH.fullmatch(told[at - 4 :]) and self._waiting[at : at + 1] == b'"')


def _frame(body: bytes, crc: str, binary: bool) -> Frame:
    found = _BODY.fullmatch(body)
    if found is None:
        raise Unreadable("the frame's parts are not in their places")
    receiver, account = found["receiver"], found["account"]
    return Frame(
        id=found["id"].decode(),
        encrypted=bool(found["star"]),
        sequence=found["sequence"].decode(),
        receiver=receiver.decode() if receiver is not None else None,
        line=found["line"].decode(),
        account=account.decode().upper() if account is not None else "",
        rest=found["rest"],
        crc=crc,
        binary_crc=binary,
    )


def content_of(frame: Frame, key: bytes | None) -> Content:
    """What a frame says. Unable when it cannot be decrypted or its parts are wrong.

    The key's owner and nobody else can have written an encrypted frame that reads well; so where a key is agreed, a
    frame in clear is refused.
    """
    if frame.encrypted != (key is not None):
        raise Unable("the frame is encrypted and no key is agreed" if frame.encrypted else "the frame is in clear")
    raw = decrypted(frame.rest, key) if key is not None else frame.rest
    text = raw.decode("latin-1")
    if frame.encrypted:
        _, bar, text = text.partition("|")
        if not bar:
            raise Unable("the frame cannot be decrypted")
    found = _REST.fullmatch(text)
    if found is None or not text.isprintable():
        raise Unable("the frame cannot be decrypted" if frame.encrypted else "the frame's data is not in brackets")
    data = found["data"]
    stamp = found["time"]
    if frame.encrypted and stamp is None:
        raise Unable("an encrypted frame needs its time")
    named = _ACCOUNT.match(data)
    if named:
        if named[1].upper() not in ("", frame.account):
            raise Unable("the account in the data is not that of the frame")
        data = data[named.end() :]
    extended = dict(_EXTENDED.findall(found["extended"]))
    return Content(data, extended, _instant(stamp) if stamp else None)


def occurred_at(content: Content) -> datetime | None:
    """When it happened, where the frame says so apart from when it was sent (extended data "H")."""
    said = content.extended.get("H")
    if said is None:
        return None
    try:
        return _instant(said)
    except Unable:
        return None


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%H:%M:%S,%m-%d-%Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unable("the frame's time is no time") from error


def stamp(at: datetime) -> str:
    """`_HH:MM:SS,MM-DD-YYYY`, in UTC."""
    return at.astimezone(UTC).strftime("_%H:%M:%S,%m-%d-%Y")


def decrypted(rest: bytes, key: bytes) -> bytes:
    """The plain text of what stands behind `[`. Unable when it is no whole number of blocks."""
    try:
        sealed = bytes.fromhex(rest.decode("ascii"))
    except ValueError as error:
        raise Unable("the frame cannot be decrypted") from error
    if not sealed or len(sealed) % _BLOCK:
        raise Unable("the frame cannot be decrypted")
    opening = _cipher(key).decryptor()
    return opening.update(sealed) + opening.finalize()


def encrypted(content: bytes, key: bytes, padding: Callable[[int], bytes]) -> bytes:
    """`content` (from the data on, without `[`), padded in front, as hexadecimal digits."""
    short = -(len(content) + 1) % _BLOCK
    sealing = _cipher(key).encryptor()
    return (sealing.update(padding(short) + b"|" + content) + sealing.finalize()).hex().upper().encode()


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    # The zero IV is the standard's (5.4.4.2.2); the random padding in front does an IV's work.
    return Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK)))


def framed(body: bytes, *, crc: str = "arc", binary_crc: bool = False) -> bytes:
    """LF, CRC, length, `body`, CR."""
    value = CRCS[crc](body)
    check = value.to_bytes(2, "big") if binary_crc else b"%04X" % value
    return LF + check + b"%04X" % len(body) + body + CR


def positive(frame: Frame, *, key: bytes | None, at: datetime, padding: Callable[[int], bytes]) -> bytes:
    """ACK (5.5.3.1): encrypted, with padding and time, where the frame was."""
    return _answer("ACK", frame, key, at, padding)


def unable(frame: Frame) -> bytes:
    """DUH (5.5.3.3): the frame was sound and means nothing here."""
    return _answer("DUH", frame, None, None, None)


def negative(frame: Frame, *, at: datetime) -> bytes:
    """NAK (5.5.3.2): the frame's time is out of the window; ours is told. Never encrypted."""
    body = b'"NAK"0000R0L0A0[]' + stamp(at).encode()
    return framed(body, crc=frame.crc, binary_crc=frame.binary_crc)


def _answer(
    word: str, frame: Frame, key: bytes | None, at: datetime | None, padding: Callable[[int], bytes] | None
) -> bytes:
    star = "*" if key is not None else ""
    receiver = f"R{frame.receiver}" if frame.receiver is not None else ""
    account = f"#{frame.account}" if frame.account else ""
    body = f'"{star}{word}"{frame.sequence}{receiver}L{frame.line}{account}['.encode()
    if key is None or at is None or padding is None:
        body += b"]"
    else:
        body += encrypted(b"]" + stamp(at).encode(), key, padding)
    return framed(body, crc=frame.crc, binary_crc=frame.binary_crc)
