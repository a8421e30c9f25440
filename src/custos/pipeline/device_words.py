"""Doors, badges, tills and panels in words: `device_words(event, names, who) -> str | None`, with no full stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from custos.model.event import Event

Teller = Callable[[Event, Mapping[str, str], str], str | None]
_USED = {
    "grant": "with a credential",
    "release": "released by an operator",
    "exit": "from inside",
    "free": "while it stood free",
    "unlocked": "while it stood unlocked",
    "shunt": "while its alarms were suspended",
    "forced": "by force",
}
"""Why a door could be opened: `because` of `door.used`."""


def device_words(event: Event, names: Mapping[str, str], who: str | None) -> str | None:
    """What a device told, with its amounts and people; None for what is none of these, or does not say enough.

    Args:
        names: of places, by "doors/front", "areas/lobby", ...
        who: the holder's name, where it is known and may be told; else the credential is nobody's.
    """
    teller = _TELLERS.get(event.type)
    return None if teller is None else teller(event, names, who or _credential(event))


def _credential(event: Event) -> str:
    number = _text(event, "credential")
    return f"Unknown credential {number}" if number else "Somebody"


def _text(event: Event, name: str) -> str:
    value = event.data.get(name)
    return value if isinstance(value, str) else ""


def _number(event: Event, name: str) -> float | None:
    value = event.data.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _somebody(does: str) -> Teller:
    return lambda event, names, who: f"{who} {does}{_because(event)}"


def _because(event: Event) -> str:
    reason = _text(event, "reason")
    return f": {reason}" if reason else ""


def _passed(event: Event, names: Mapping[str, str], who: str) -> str | None:
    into = _text(event, "into_area")
    return f"{who} went into {names.get(f'areas/{into}', into)}" if into else None


def _door(does: str) -> Teller:
    def told(event: Event, names: Mapping[str, str], who: str) -> str | None:
        door = names.get(f"doors/{event.door_id}")
        return None if door is None else f"{door} {does}"

    return told


def _used(event: Event, names: Mapping[str, str], who: str) -> str:
    how, open_s = _USED.get(_text(event, "because"), ""), _number(event, "open_s")
    people = [(_number(event, "people_in"), "went in"), (_number(event, "people_out"), "went out")]
    counted = ", ".join(f"{count:g} {went}" for count, went in people if count)
    words = f"Used {how}".strip()
    words += "" if open_s is None else f", open for {open_s:.0f} s"
    return f"{words}; {counted}" if counted else words


def _at_till(what: str) -> Teller:
    def told(event: Event, names: Mapping[str, str], who: str) -> str:
        amount, operator = _number(event, "amount"), _text(event, "operator")
        words = what if amount is None else f"{what} of {amount:.2f} {_text(event, 'currency')}".rstrip()
        return f"{words} by {operator}{_because(event)}" if operator else words + _because(event)

    return told


def _signed(does: str) -> Teller:
    return lambda event, names, who: f"{_text(event, 'operator') or 'Somebody'} {does}"


def _reported(event: Event, names: Mapping[str, str], who: str) -> str | None:
    meaning, zone, partition = _text(event, "meaning"), _text(event, "zone"), _text(event, "partition")
    if not meaning:
        return None
    where = f", zone {zone}" if zone else f", partition {partition}" if partition else ""
    return f"{meaning[:1].upper()}{meaning[1:]}{where}"


_PANEL = ("alarmed", "restored", "troubled", "armed", "disarmed", "tested", "bypassed", "reported")
_TELLERS: Mapping[str, Teller] = {
    "access.granted": _somebody("was let in"),
    "access.denied": _somebody("was refused"),
    "access.taken": _somebody("went through"),
    "access.not_taken": _somebody("was let in and did not go through"),
    "access.coerced": _somebody("signals a threat"),
    "access.passed": _passed,
    "door.opened": _door("was opened"),
    "door.closed": _door("was closed"),
    "door.locked": _door("was locked"),
    "door.unlocked": _door("was unlocked"),
    "door.used": _used,
    "exit.requested": lambda event, names, who: "Somebody inside asked to go out",
    "pos.sold": _at_till("Sale"),
    "pos.refunded": _at_till("Refund"),
    "pos.voided": _at_till("Cancellation"),
    "pos.opened": _at_till("Drawer opened without a sale"),
    "pos.overridden": _at_till("Price changed by hand"),
    "pos.signed_on": _signed("signed on"),
    "pos.signed_off": _signed("signed off"),
    **{f"panel.{one}": _reported for one in _PANEL},
}
