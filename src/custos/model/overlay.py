"""What a behaviour knows, as marks to be drawn onto the picture: by `--annotate` and by the live console alike."""

from __future__ import annotations

from dataclasses import dataclass

from custos.model.naming import Point


@dataclass(frozen=True, slots=True)
class Overlay:
    """The marks of one behaviour at one instant; coordinates 0..1 of the picture.

    Args:
        behaviour_id: whose marks these are.
        text: a short line: "queue 3, longest 41 s"; empty for none.
        at: where the text stands; None puts it to the behaviour's zone or line, or in the corner.
        zone_id, line_id: what it is drawn on; they are drawn already, and are marked when `is_alert`.
        track_ids: objects it is about; marked, and joined by a line when there are several.
        arrows: from, to: directions and flows.
        cells: (left, top, right, bottom, strength 0..1): a heat map's cells.
        is_alert: it speaks of something out of the ordinary now.
    """

    behaviour_id: str
    text: str = ""
    at: Point | None = None
    zone_id: str | None = None
    line_id: str | None = None
    track_ids: tuple[int, ...] = ()
    arrows: tuple[tuple[Point, Point], ...] = ()
    cells: tuple[tuple[float, float, float, float, float], ...] = ()
    is_alert: bool = False
