"""What tracks do: `Behaviour.update(tracks, *, at) -> list[Sighting]`, one small module each.

`make_behaviours(camera)` makes those a camera has.
"""

from custos.vision.behaviours.crossing import LineCrossing
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.registry import Where, make_behaviour, make_behaviours, refused_speeds
from custos.vision.behaviours.sighting import Behaviour, Sighting
from custos.vision.behaviours.visits import ZoneVisits

__all__ = [
    "Behaviour",
    "Floor",
    "LineCrossing",
    "Sighting",
    "Where",
    "ZoneVisits",
    "make_behaviour",
    "make_behaviours",
    "refused_speeds",
]
