"""Events in plain words: `event_words(event, names, who) -> str`, one sentence without its full stop."""

from __future__ import annotations

import re
from collections.abc import Mapping

from custos.model.event import Event
from custos.model.event_types import EVENT_TYPES
from custos.pipeline.device_words import device_words

LONGEST = 240
REASONS = {
    "CredentialNotEnabled": "the credential is not enabled",
    "CredentialNotActive": "the credential is not active",
    "CredentialExpired": "the credential has expired",
    "InvalidPIN": "the PIN is wrong",
    "NotPermittedAtThisTime": "not at this time",
    "Unauthorized": "not allowed there",
}
"""Of refusals (ONVIF Access Control Service, section 5, reasons of tns1:AccessControl/Denied/...)."""
DOUBT = " (the camera had been moved: its zones and lines may be off)"
_REASON = re.compile(rf"\b(?:{'|'.join(REASONS)})\b")
_REST = re.compile(r"[:;.].*$", re.DOTALL)


def event_words(event: Event, names: Mapping[str, str], who: str | None = None) -> str:
    """What happened, as its own data say it, or else as its type means it.

    Args:
        names: of places, by "zones/lobby/desk", "doors/front", ...
        who: the name of the holder it is about, where that may be told.
    """
    own = event.data.get("words")
    if isinstance(own, str) and own:
        return own[:LONGEST]
    told = device_words(event, names, who)
    if told is not None:
        return _spelled(told)[:LONGEST]
    reason = event.data.get("reason")
    if isinstance(reason, str) and reason and "event_ids" in event.data:  # Custos' own conclusion, in words already
        return _spelled(reason)[:LONGEST]
    kind = EVENT_TYPES.get(event.type)
    meaning = _REST.sub("", kind.meaning) if kind is not None else event.type
    named = _named(meaning, event, names)
    told = f"{named}: {_spelled(reason)}" if isinstance(reason, str) and reason else named
    return told[: LONGEST - len(DOUBT)] + DOUBT if event.data.get("doubtful") else told[:LONGEST]


def _spelled(text: str) -> str:
    """With ONVIF's reasons in words; anything else is as somebody wrote it."""
    return _REASON.sub(lambda found: REASONS[found[0]], text)


def _named(meaning: str, event: Event, names: Mapping[str, str]) -> str:
    """With the names of what it is about in place of "an object", "a zone", "a door"."""
    data = event.data
    what = data.get("class")
    words = meaning
    if isinstance(what, str):
        thing = "Something that moves" if what == "unknown" else f"{'An' if what[:1] in 'aeiou' else 'A'} {what}"
        words = re.sub(r"^An? (new )?object\b", thing, words)
    zone = names.get(f"zones/{event.camera_id}/{data.get('zone_id')}")
    if zone is not None:
        words = re.sub(r"\b(a|the) zone\b", lambda _: f"“{zone}”", words, count=1)
    door = names.get(f"doors/{event.door_id}")
    if door is not None:
        words = re.sub(r"^(A|The) door('s)?\b", lambda found: door + (found[2] or ""), words, count=1)
    return words
