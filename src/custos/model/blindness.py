"""Which cameras cannot be believed when they show nobody: their picture is gone, or something was done to them."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from custos.model.event import Event
from custos.model.event_shape import DEVICE, SEEN_BY

PICTURE_STOPPED = ("camera.lost", "camera.stalled")
"""Custos gets no pictures, by its own clock."""
PICTURE_GONE = (*PICTURE_STOPPED, "camera.signal_lost")
"""Until `camera.connected`, or the device says that its signal is restored."""
PICTURE_STATES = ("camera.connected", "camera.lost", "camera.stalled")
"""Of these the newest tells how a camera is, however long ago it was."""
ATTACKED = (
    "camera.covered", "camera.blinded", "camera.obstructed", "camera.defocused", "camera.frozen", "camera.replayed",
    "camera.tampered",
)  # fmt: skip
"""What is done to a camera so that nobody seen means nothing, until `camera.restored` says that it is over."""
BLIND_TYPES = (*PICTURE_GONE, "camera.connected", *ATTACKED, "camera.restored")
"""What `Blindness` follows from."""
ATTACKED_FOR = timedelta(hours=12)
"""Then an attack counts as over: some cameras tell no end."""
SIGNALS_S = 30 * 86_400.0
"""So far back is asked for lost signals: a camera tells what it was that is restored, so that the newest such event is
not enough; they are few."""
SIGNAL_TYPES = ("camera.signal_lost", "camera.restored")
"""What tells of them."""
MAX_ATTACKS = 20
"""Of one camera at a time."""
_WORDS = {
    "camera.covered": "is covered",
    "camera.blinded": "is blinded",
    "camera.obstructed": "is partly hidden",
    "camera.defocused": "is out of focus",
    "camera.frozen": "shows a picture that stands still",
    "camera.replayed": "shows a recording",
    "camera.tampered": "was tampered with",
}


class Blindness:
    """The cameras of a site that are blind. Events in the order of their times. Bounded."""

    def __init__(self) -> None:
        self._gone: dict[str, str] = {}
        self._changed_at: dict[str, datetime] = {}
        self._attacks: dict[str, OrderedDict[tuple[str, ...], datetime]] = {}

    def hear(self, event: Event) -> None:
        """Note that a camera went blind, or sees again."""
        camera_id = event.camera_id
        if camera_id is None:
            return
        if tells_of_picture(event):
            self._changed_at[camera_id] = event.at
            if event.type in PICTURE_GONE:
                self._gone[camera_id] = event.type
            else:
                self._gone.pop(camera_id, None)
        elif event.type in ATTACKED:
            attacks = self._attacks.setdefault(camera_id, OrderedDict())
            attacks[_attack_of(event, event.type)] = event.at
            if len(attacks) > MAX_ATTACKS:
                attacks.popitem(last=False)
        elif event.type == "camera.restored" and camera_id in self._attacks:
            self._attacks[camera_id].pop(_attack_of(event, str(event.data.get("was"))), None)

    def recall(self, event: Event) -> None:
        """Hear it, unless something newer is known of the picture: what a start hears of long ago is not all in
        the order of its times."""
        known_at = self._changed_at.get(event.camera_id or "")
        if known_at is None or event.at >= known_at or not tells_of_picture(event):
            self.hear(event)

    def causes(self, camera_id: str, at: datetime) -> tuple[str, ...]:
        """The types of the events that blinded it; () when it sees."""
        attacks = self._attacks.get(camera_id, OrderedDict[tuple[str, ...], datetime]())
        lasting = (attack[0] for attack, since in attacks.items() if at - since < ATTACKED_FOR)
        gone = self._gone.get(camera_id)
        return (*lasting,) if gone is None else (gone, *lasting)

    def is_blind(self, camera_id: str, at: datetime) -> bool:
        """Whether the camera's picture is gone, or shows nothing for what was done to it."""
        return bool(self.causes(camera_id, at))


def blind_words(cause: str) -> str:
    """What a camera does of which that was told: "is covered", "has no picture"."""
    return _WORDS.get(cause, "has no picture")


def is_signal_back(event: Event) -> bool:
    """Whether a device says that the picture it had lost is there again."""
    return event.type == "camera.restored" and event.data.get("was") == "camera.signal_lost"


def tells_of_picture(event: Event) -> bool:
    """Whether the event says that a camera's picture is gone, or there again."""
    return event.type in PICTURE_GONE or event.type == "camera.connected" or is_signal_back(event)


def _attack_of(event: Event, type_: str) -> tuple[str, ...]:
    """Which attack it is; a device tells the same type by several topics, each with an end of its own."""
    if event.data.get(SEEN_BY) != DEVICE:
        return (type_,)
    return (type_, str(event.data.get("onvif_topic")), str(event.data.get("source")))
