"""Something lies over the whole lens: nothing of the known view shows, and there is hardly any detail in its place.

After ONVIF's GlobalSceneChange. Cloth, tape, a hand, paint or a bag close to the lens are far out of focus, so the
picture is flat. A lens turned far out of focus is flat too, but light and dark still lie where they lay.
"""

from __future__ import annotations

from custos.vision.integrity.comparison import Comparison
from custos.vision.integrity.sighting import Evidence

GONE = 0.2
FLATTENED = 0.7
BLURRED_MATCH, BLURRED_GAIN = 0.7, 0.2
"""Light and dark of the whole picture match at least so well, and differ so much, when only the focus has gone."""
GLARE = 0.5


def covered(now: Comparison) -> Evidence | None:
    """Evidence when this look shows a covered lens."""
    seen = now.seen_share if now.view.is_black else now.shown_share
    if seen > GONE or now.flat_share < FLATTENED or now.view.white >= GLARE:
        return None
    if now.broad_match >= BLURRED_MATCH and now.broad_gain >= BLURRED_GAIN and not now.view.is_black:
        return None
    return {
        "score": round((1 - seen) * now.flat_share, 3),
        "seen": round(seen, 3),
        "flat": round(now.flat_share, 3),
        "brightness": round(now.view.mean, 1),
    }
