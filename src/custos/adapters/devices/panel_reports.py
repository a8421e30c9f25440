"""What a panel reports, out of the data of a DC-09 frame: `sia_reports(data)`, `contact_id_reports(data)`.

Nri1/BA01          a new event in partition 1: burglary alarm, zone 01
Nid3/ri2/OP3^Ada^  user 3 disarmed partition 2
1130 01 012        Contact ID: qualifier 1 (new), code 130, group 01, zone 012
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from custos.adapters.devices.panel_codes import Meaning, contact_id_meaning, sia_meaning

_PIECE = re.compile(r"(?P<modifiers>(?:[a-z]{2}[0-9:.,\-]*)*)(?:(?P<code>[A-Z]{2})(?P<number>[0-9A-Fa-f]*))?")
_MODIFIER = re.compile(r"([a-z]{2})([0-9:.,\-]*)")
_TEXT = re.compile(r"[\^*]([^\^*]*)[\^*]?$")
_LETTERED = re.compile(r"(ri|id|pi)([0-9A-Za-z]+)")
_CONTACT_ID = re.compile(
    r"(?P<qualifier>[136])(?P<code>[0-9]{3})\s*(?P<group>[0-9A-F]{2})\s*(?P<zone>[0-9A-F]{3})", re.I
)
_DIALLED = re.compile(
    r"[0-9B-F]{4}\s?(?:18|98)\s?(?P<rest>[136][0-9B-F]{3}\s?[0-9B-F]{2}\s?[0-9B-F]{3})\s?[0-9A-F]?", re.I
)
_BY_USER = ("arming", "access")
"""Kinds whose number is a user's rather than a zone's."""


@dataclass(frozen=True, slots=True)
class Report:
    """One thing a panel tells; empty texts where it does not tell."""

    code_system: str
    code: str
    meaning: Meaning
    partition: str = ""
    zone: str = ""
    user: str = ""
    text: str = ""


def sia_reports(data: str) -> list[Report]:
    """Of SIA-DCS data without its account. ValueError when it is none."""
    codes, *texts = data.split("|")
    told = " ".join(text[1:].strip() for text in texts if text[:1] == "A" and text[1:].strip())
    pieces = _without_age(codes).split("/")
    partition = user = ""
    reports: list[Report] = []
    for piece in pieces:
        piece, own = _split_text(piece)
        lettered = _LETTERED.fullmatch(piece)
        found = _PIECE.fullmatch(piece)
        if lettered and not (found and found["code"]):
            modifiers, code, number = [(lettered[1], lettered[2])], None, ""
        elif found is not None and piece:
            modifiers, code, number = _MODIFIER.findall(found["modifiers"]), found["code"], found["number"] or ""
        else:
            raise ValueError("the data is no SIA event")
        for name, value in modifiers:
            partition = value if name == "ri" else partition
            user = value if name == "id" else user
        if code:
            meaning = sia_meaning(code)
            by_user = meaning.kind in _BY_USER
            reports.append(
                Report(
                    "sia",
                    code,
                    meaning,
                    partition,
                    "" if by_user else number,
                    (number if by_user else "") or user,
                    own or told,
                )
            )
    if not reports:
        raise ValueError("the data holds no SIA code")
    return reports


def _without_age(codes: str) -> str:
    """Without the leading N (new) or O (old), where what is left still begins like an event."""
    if codes[:1] in ("N", "O") and re.match(r"[a-z]{2}|[A-Z]{2}", codes[1:]):
        return codes[1:]
    return codes


def _split_text(piece: str) -> tuple[str, str]:
    found = _TEXT.search(piece)
    return (piece[: found.start()], found[1].strip()) if found else (piece, "")


def contact_id_reports(data: str) -> list[Report]:
    """Of ADM-CID data without its account, as DC-09 writes it or as DC-05 dials it. ValueError when it is none."""
    data = data.strip()
    dialled = _DIALLED.fullmatch(data)
    if dialled and _is_dialled_well(data):
        data = dialled["rest"]
    found = _CONTACT_ID.fullmatch(data)
    if found is None:
        raise ValueError("the data is no Contact ID event")
    code, restored = found["code"], found["qualifier"] == "3"
    meaning = contact_id_meaning(code, restored=restored)
    group = found["group"] if found["group"] != "00" else ""
    number = found["zone"] if found["zone"] != "000" else ""
    by_user = meaning.kind in _BY_USER
    return [Report("contact_id", code, meaning, group, "" if by_user else number, number if by_user else "")]


def _is_dialled_well(data: str) -> bool:
    """DC-05's check digit, where there is one: all digits together are a multiple of 15, 0 counting as 10."""
    digits = data.replace(" ", "").upper()
    if len(digits) < 16:
        return True
    return sum(10 if digit == "0" else int(digit, 16) for digit in digits) % 15 == 0
