"""The picture is nearly black, or drowned in light. After ONVIF's ImageTooDark and ImageTooBright.

Only what comes suddenly, against the brightness the camera has shown over the last quarter of a minute: nightfall
blinds nobody by surprise. In the dark that is left when lamps are switched off a scene still shows, at night as well;
black is when none does, or when so little light is left that it does not matter whether it does.
"""

from __future__ import annotations

from custos.vision.integrity.comparison import Comparison
from custos.vision.integrity.sighting import Evidence
from custos.vision.integrity.small_view import BLACK

CONTRAST_LOST = 3.0
"""The picture had at least so many times the contrast before."""
PITCH_BLACK = 25.0
"""Nothing brighter than a twenty-fifth of the range: whatever is made out in it, nobody can watch by it."""
SHOWS = 0.5
"""Share of the known view in a picture that is nearly black, from which the lamps are off and the lens is free."""
WHITE_SHARE = 0.5
WHITE_MEAN = 210.0
WASHED_OUT = 0.55
"""Share of the known view that may still show in a picture drowned in light."""

TOPICS = {"dark": "tns1:VideoSource/ImageTooDark", "bright": "tns1:VideoSource/ImageTooBright"}


def blinded(now: Comparison) -> Evidence | None:
    """Evidence when this look is too dark or too bright."""
    view, known = now.view, now.known
    contrast = max(view.light - view.dark, 1.0)
    is_black = view.is_black and (view.light <= PITCH_BLACK or now.seen_share < SHOWS)
    if is_black and known.light > BLACK * 1.25 and known.contrast >= CONTRAST_LOST * contrast:
        return _evidence(now, "dark", score=1 - (view.light - 16) / (BLACK - 16) / 2)
    drowned = view.white >= WHITE_SHARE or view.mean >= WHITE_MEAN
    if drowned and now.seen_share <= WASHED_OUT:
        return _evidence(now, "bright", score=max(view.white, 1 - now.seen_share))
    return None


def _evidence(now: Comparison, cause: str, *, score: float) -> Evidence:
    return {
        "cause": cause,
        "score": round(min(max(score, 0.0), 1.0), 3),
        "brightness": round(now.view.mean, 1),
        "usual_brightness": round(float(now.known.small.mean()), 1),
        "white": round(now.view.white, 3),
        "onvif_topic": TOPICS[cause],
    }
