"""Something lies over the whole lens: nothing of the known view shows, and there is hardly any detail in its place.

After ONVIF's GlobalSceneChange. Cloth, tape, a hand, paint or a bag close to the lens are far out of focus, so the
picture is flat. A lens turned far out of focus is flat too, but light and dark still lie where they lay.
"""

from __future__ import annotations

from custos.vision.integrity.comparison import Comparison
from custos.vision.integrity.sighting import Evidence

GONE = 0.2
FLATTENED = 0.7
BLURRED_MATCH = 0.7
"""Light and dark of the whole picture match at least so well when only the focus has gone."""
GLARE = 0.5


def covered(now: Comparison) -> Evidence | None:
    """Evidence when this look shows a covered lens."""
    if now.seen_share > GONE or now.flat_share < FLATTENED or now.glance.white >= GLARE:
        return None
    if now.broad_match >= BLURRED_MATCH and not now.glance.is_black:
        return None
    return {
        "score": round((1 - now.seen_share) * now.flat_share, 3),
        "seen": round(now.seen_share, 3),
        "flat": round(now.flat_share, 3),
        "brightness": round(now.glance.mean, 1),
    }
