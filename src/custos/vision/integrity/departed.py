"""Whether a picture shows more than a still coded anew can: something moves, or the light or the view is another.

Asked of a stream that comes back after it was frozen. A living camera's noise may be coded away by then, and without it
nothing else tells that camera from a still. What coding makes of a still comes again with its key frames; somebody who
walks is where nobody has been.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FAR_LEVELS, MOVED, MUCH_MOVED = 20, 0.001, 0.004
"""Grey levels from the still and from all since it came back; the shares of the pixels that something moving takes."""
LIT_LEVELS = 6.0
"""Grey levels by which the middle pixel changes in another light. Coding, at crf 51 too, changed it by one."""
OTHER_LEVELS, OTHER, FOLLOWS = 8, 0.5, 0.75
"""Of another view such a share of the pixels differs by so many levels, and follows the still by less than this. Where
coding (crf 18 to 51) changed half of the pixels so much, they followed by 0.97 or more; other views by 0.3 at most."""


def departed(
    values: NDArray[np.int16], since: Iterable[NDArray[np.int16]], still: NDArray[np.int16], *, moved: float = MOVED
) -> bool:
    """Whether it is no picture of the still.

    Args:
        values: (n,) grey levels of the picture, always at the same pixels.
        since: (n,) each, those of the pictures before it, at least one, since the stream came back.
        still: (n,) those of the still. moved: the share of the pixels, 0..1, that shows that something moves.
    """
    change = values - still
    is_far = np.abs(change) >= FAR_LEVELS
    for one in since:
        is_far &= np.abs(values - one) >= FAR_LEVELS
    if np.count_nonzero(is_far) > moved * values.size or abs(float(np.median(change))) >= LIT_LEVELS:
        return True
    return bool(np.mean(np.abs(change) >= OTHER_LEVELS) >= OTHER) and _follows(values, still) < FOLLOWS


def _follows(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """Levels that the finer one of two changes, from place to place, for each level of the coarser: 1 when that one is
    the other with its detail coded away."""
    from_mean, other_from_mean = one - one.mean(), other - other.mean()
    coarser = min(float(from_mean @ from_mean), float(other_from_mean @ other_from_mean))
    return float(from_mean @ other_from_mean) / max(coarser, float(one.size))
