"""What doors, badges and cameras mean together: events in, conclusions out, as events.

    update(event) -> list[Event]     advance(at) -> list[Event]

ordering.py     events in the order of their times, within a stated tolerance
door.py         one door's state, in ONVIF's terms; opening.py: who went through in one opening
areas.py        who is in which area: anti-passback, occupancy, escorts, first person in
credentials.py  what the use of one credential gives away by itself
watch.py        all of a site, put together
"""

from __future__ import annotations

from custos.access.watch import AccessWatch, AreaView, DoorView, build_access

__all__ = ["AccessWatch", "AreaView", "DoorView", "build_access"]
