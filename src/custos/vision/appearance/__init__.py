"""What objects look like: named colours that hold under warm and cold light, bags carried, height, the best snapshot.

book = AppearanceBook(ruler)
book.update(frame, tracks, detections, motion, at_s=...) -> ids of tracks this picture shows best
book.describe(track_id) -> Appearance | None
"""

from custos.vision.appearance.book import Appearance, AppearanceBook, Bag, Colours
from custos.vision.appearance.ruler import DoorRuler, Ruler

__all__ = ["Appearance", "AppearanceBook", "Bag", "Colours", "DoorRuler", "Ruler"]
