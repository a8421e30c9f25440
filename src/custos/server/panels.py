"""What is the matter with intrusion panels and their zones, by what they told last.

panel_troubles(events) -> PanelTroubles; .of("panels/main/01") -> Trouble | None

    alarm    told, and neither restored nor disarmed since
    tamper   the same of somebody at the panel or a detector, which ends only when it is restored
    silent   a supervised panel has not been heard: nobody knows how its zones are
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from custos.model.event import Event

What = Literal["alarm", "tamper", "silent"]
ALARMS = ("panel.alarmed", "panel.troubled", "panel.restored", "panel.disarmed")
SILENCES = ("panel.silent", "panel.heard")
GRAVEST_FIRST: tuple[What, ...] = ("alarm", "tamper", "silent")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter, since when."""

    what: What
    since: datetime


@dataclass(frozen=True, slots=True)
class _Told:
    panel: str
    zone: str
    partition: str
    kind: str
    trouble: Trouble


class PanelTroubles:
    """Of all panels of a site."""

    def __init__(self) -> None:
        self._told: list[_Told] = []
        self._silent: dict[str, Trouble] = {}

    def of(self, place: str) -> Trouble | None:
        """The gravest trouble of a panel, "panels/main", or of one of its zones, "panels/main/01"."""
        panel, _, zone = place.removeprefix("panels/").partition("/")
        found = [one.trouble for one in self._told if one.panel == panel and zone in ("", one.zone)]
        if panel in self._silent:
            found.append(self._silent[panel])
        return min(found, key=lambda one: (GRAVEST_FIRST.index(one.what), one.since), default=None)

    def hear(self, event: Event) -> None:
        """The next event of a panel."""
        panel, zone, partition, kind = (_text(event, name) for name in ("panel_id", "zone", "partition", "kind"))
        if event.type == "panel.silent":
            self._silent[panel] = Trouble("silent", event.at)
        elif event.type == "panel.heard":
            self._silent.pop(panel, None)
        elif event.type == "panel.alarmed" or (event.type == "panel.troubled" and kind == "tamper"):
            if not any((one.panel, one.zone, one.kind) == (panel, zone, kind) for one in self._told):
                trouble = Trouble("tamper" if kind == "tamper" else "alarm", event.at)
                self._told.append(_Told(panel, zone, partition, kind, trouble))
        elif event.type == "panel.restored":
            self._end(lambda one: (one.panel, one.kind) == (panel, kind) and zone in ("", one.zone))
        elif event.type == "panel.disarmed":
            self._end(
                lambda one: (
                    one.panel == panel
                    and one.trouble.what == "alarm"
                    and (not partition or one.partition in ("", partition))
                )
            )

    def _end(self, is_over: Callable[[_Told], bool]) -> None:
        self._told = [one for one in self._told if not is_over(one)]


def panel_troubles(events: Iterable[Event]) -> PanelTroubles:
    """As the events tell, the oldest first."""
    troubles = PanelTroubles()
    for event in events:
        troubles.hear(event)
    return troubles


def _text(event: Event, name: str) -> str:
    value = event.data.get(name)
    return value if isinstance(value, str) else ""
