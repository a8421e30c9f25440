"""Behaviours' overlays drawn onto a picture: texts, arrows, heat, links between tracks, and places that alarm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import hypot

import cv2
import numpy as np

from custos.model.frame import Image
from custos.model.overlay import Overlay
from custos.model.site import Camera, Point

Colour = tuple[int, int, int]
CALM: Colour = (230, 230, 230)
"""BGR."""
ALERT: Colour = (60, 60, 255)
WAY: Colour = (120, 255, 160)
LETTERS = 0.42
"""Of the font's own size: capitals of 9 pixels."""
HEAT = 0.55
"""How much of the picture the warmest cell covers."""
LINE_PX = 15
RISE_PX = 4
"""Letters stand by so much above the place that they are written at."""
TIP_PX = 9.0
Box = tuple[int, int, int, int]


def draw_marks(picture: Image, overlays: Sequence[Overlay], camera: Camera, boxes: Mapping[int, Box]) -> None:
    """Draw onto `picture` (h, w, 3).

    Args:
        camera: its zones and lines are where texts stand.
        boxes: pixels, by track id.
    """
    taken: Counter[Point] = Counter()
    for overlay in overlays:
        colour = ALERT if overlay.is_alert else CALM
        _draw_heat(picture, overlay)
        _draw_place(picture, overlay, camera)
        _draw_links(picture, overlay, boxes, colour)
        for start, end in overlay.arrows:
            a, b = _pixel(picture, start), _pixel(picture, end)
            tip = min(0.35, TIP_PX / max(hypot(b[0] - a[0], b[1] - a[1]), 1.0))
            cv2.arrowedLine(picture, a, b, WAY, 1, cv2.LINE_AA, tipLength=tip)
        if overlay.text:
            at = _text_place(overlay, camera)
            taken[at] += 1
            write(picture, overlay.text, _nth_row(picture, _pixel(picture, at), taken[at]), colour)


def _nth_row(picture: Image, at: tuple[int, int], nth: int) -> tuple[int, int]:
    """Where the nth text about a place stands: below its name, as far as there is room in the picture, then above it.
    The name stands there itself, moved into the picture."""
    lowest = picture.shape[0] - 4 + RISE_PX
    y = min(max(at[1], 10 + RISE_PX), lowest)
    below = (lowest - y) // LINE_PX
    return at[0], y + LINE_PX * nth if nth <= below else y - LINE_PX * (nth - below)


def write(picture: Image, text: str, at: tuple[int, int], colour: Colour) -> None:
    """`text` with its lower left corner about `at`, moved into the picture; on a dark ground, which keeps thin letters
    legible where an outline would fill them."""
    height, width = picture.shape[:2]
    long = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, LETTERS, 1)[0][0]
    x, y = max(min(at[0], width - long - 2), 0), min(max(at[1] - RISE_PX, 10), height - 4)
    ground = picture[max(y - 11, 0) : y + 4, max(x - 2, 0) : x + long + 2]
    ground[:] = np.rint(ground * 0.25).astype(np.uint8)
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, LETTERS, colour, 1, cv2.LINE_AA)


def _draw_heat(picture: Image, overlay: Overlay) -> None:
    if not overlay.cells:
        return
    height, width = picture.shape[:2]
    warmth = np.zeros((height, width), np.float32)
    for left, top, right, bottom, strength in overlay.cells:
        rows = slice(round(top * height), round(bottom * height))
        warmth[rows, round(left * width) : round(right * width)] = strength
    warmth = cv2.GaussianBlur(warmth, (0, 0), max(width / 120, 1)).astype(np.float32)
    colours = cv2.applyColorMap(np.rint(warmth * 255).astype(np.uint8), cv2.COLORMAP_JET)
    share = (HEAT * np.sqrt(warmth))[..., None]
    picture[:] = np.rint(picture * (1 - share) + colours * share).astype(np.uint8)


def _draw_place(picture: Image, overlay: Overlay, camera: Camera) -> None:
    """The zone or line of a behaviour that alarms."""
    if not overlay.is_alert:
        return
    zone, line = camera.zone(overlay.zone_id), camera.line(overlay.line_id)
    if zone is not None:
        corners = np.array([_pixel(picture, corner) for corner in zone.polygon], np.int32)
        cv2.polylines(picture, [corners], isClosed=True, color=ALERT, thickness=2, lineType=cv2.LINE_AA)
    if line is not None:
        cv2.line(picture, _pixel(picture, line.points[0]), _pixel(picture, line.points[1]), ALERT, 2, cv2.LINE_AA)


def _draw_links(picture: Image, overlay: Overlay, boxes: Mapping[int, Box], colour: Colour) -> None:
    """A ring under each track it is about, and a line from each to the next."""
    feet = []
    for track_id in overlay.track_ids:
        if track_id in boxes:
            left, _, right, bottom = boxes[track_id]
            foot, reach = ((left + right) // 2, bottom), max((right - left) // 2, 4)
            cv2.ellipse(picture, foot, (reach, max(reach // 3, 2)), 0, 0, 360, colour, 2, cv2.LINE_AA)
            feet.append(foot)
    if len(feet) > 1:
        cv2.polylines(picture, [np.array(feet, np.int32)], False, colour, 1, cv2.LINE_AA)


def _text_place(overlay: Overlay, camera: Camera) -> Point:
    if overlay.at is not None:
        return overlay.at
    zone, line = camera.zone(overlay.zone_id), camera.line(overlay.line_id)
    if zone is not None:
        return zone.polygon[0]
    return line.points[0] if line is not None else (0.01, 0.8)


def _pixel(picture: Image, point: Point) -> tuple[int, int]:
    height, width = picture.shape[:2]
    return round(point[0] * width), round(point[1] * height)
