"""What is known of the doors and areas of a site at this moment.

Premises(hub, clock): doors() -> list[DoorView], areas() -> list[AreaView]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from custos.access import AccessWatch, AreaView, DoorView
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Consumer


class Premises:
    """Asks the hub's consumers; thread-safe, and waits for the step that is under way."""

    def __init__(self, hub: Hub, clock: Callable[[], datetime]) -> None:
        self._hub = hub
        self._clock = clock

    def doors(self) -> list[DoorView]:
        """Every door as it is now, in the order of the site file; [] where there are none."""
        return self._hub.consult(lambda consumers: [v for w in _watches(consumers) for v in w.doors(self._clock())])

    def areas(self) -> list[AreaView]:
        """Every area with who is in it, in the order of the site file."""
        return self._hub.consult(lambda consumers: [v for w in _watches(consumers) for v in w.areas()])


def _watches(consumers: Sequence[Consumer]) -> list[AccessWatch]:
    return [one for one in consumers if isinstance(one, AccessWatch)]
