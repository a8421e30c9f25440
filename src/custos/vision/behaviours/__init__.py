"""What tracks do: `Behaviour.update(tracks, *, at) -> list[Sighting]`, one small module each."""

from custos.vision.behaviours.crossing import LineCrossing
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.visits import ZoneVisits

__all__ = ["LineCrossing", "Sighting", "ZoneVisits"]
