"""Where objects stand and which way they go: a heat map of the camera, told every period."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from custos.geometry.polygons import Point
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.flow import FlowGrid
from custos.model.overlay import Overlay
from custos.vision.behaviours.company import Company
from custos.vision.behaviours.periods import Period
from custos.vision.behaviours.sighting import Sighting

LONGEST_STEP_S = 5.0
"""A longer gap between two pictures says nothing of where somebody was in between."""
SHOWN_CELLS = 160
SHOWN_ARROWS = 40
LEAST_WAY = 0.02
"""Fractions of the picture; less is no way worth an arrow."""


class FlowMap:
    """The grid of one camera."""

    def __init__(self, spec: BehaviourSpec) -> None:
        self._spec = spec
        columns = round(spec.value("columns"))
        self._size = columns, max(2, round(columns * 9 / 16))
        self._company = Company(spec)
        self._period = Period(spec.value("period_s"))
        self._grid = FlowGrid.empty(*self._size)
        self._shown = FlowGrid.empty(*self._size)
        self._last: dict[int, tuple[datetime, Point]] = {}
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        over = self._period.over(at)
        found = self._tell(*over) if over else []
        self._last_at = at
        chosen = self._company.of(tracks)
        for track_id, foot in zip(chosen.track_id.tolist(), chosen.foot_points().tolist(), strict=True):
            self._step(track_id, (foot[0], foot[1]), at)
        for track_id in tracks.ended:
            self._last.pop(track_id, None)
        return found

    def end(self) -> list[Sighting]:
        self._company.end()
        cut = self._period.end(self._last_at)
        found = self._tell(*cut) if cut else []
        self._grid = FlowGrid.empty(*self._size)
        self._last.clear()
        self._last_at = None
        return found

    def overlays(self) -> tuple[Overlay, ...]:
        """The map since the start, its warmest cells."""
        grid = self._shown
        if grid.is_empty:
            return (Overlay(self._spec.id),)
        order = np.argsort(grid.seconds, axis=None)[::-1][:SHOWN_CELLS].tolist()
        warmest = float(grid.seconds.max())
        cells: list[tuple[float, float, float, float, float]] = []
        arrows: list[tuple[Point, Point]] = []
        for index in order:
            row, column = divmod(index, grid.columns)
            seconds = float(grid.seconds[row, column])
            if seconds <= 0:
                break
            left, top, right, bottom = _edges(grid, row, column)
            cells.append((left, top, right, bottom, round((seconds / warmest) ** 0.5, 3)))
            if len(arrows) < SHOWN_ARROWS and (arrow := _arrow(grid, row, column)) is not None:
                arrows.append(arrow)
        return (Overlay(self._spec.id, cells=tuple(cells), arrows=tuple(arrows)),)

    def _step(self, track_id: int, foot: Point, at: datetime) -> None:
        before = self._last.get(track_id)
        self._last[track_id] = at, foot
        if before is None:
            return
        step_s = (at - before[0]).total_seconds()
        if not 0 < step_s <= LONGEST_STEP_S:
            return
        for grid in (self._grid, self._shown):
            row, column = grid.cell(*before[1])
            grid.seconds[row, column] += step_s
            grid.ways[row, column] += (foot[0] - before[1][0], foot[1] - before[1][1])

    def _tell(self, at: datetime, period_s: float) -> list[Sighting]:
        grid, self._grid = self._grid, FlowGrid.empty(*self._size)
        data = grid.to_data()
        return [Sighting("flow.mapped", None, at, {**data, "period_s": round(period_s, 3)})] if data["cells"] else []


def _edges(grid: FlowGrid, row: int, column: int) -> tuple[float, float, float, float]:
    return column / grid.columns, row / grid.rows, (column + 1) / grid.columns, (row + 1) / grid.rows


def _arrow(grid: FlowGrid, row: int, column: int) -> tuple[Point, Point] | None:
    """The mean way of a cell, drawn about as long as the cell is wide."""
    x, y = grid.ways[row, column]
    length = float(np.hypot(x, y))
    if length < LEAST_WAY:
        return None
    reach = 0.8 / grid.columns / length
    middle = (column + 0.5) / grid.columns, (row + 0.5) / grid.rows
    return middle, (round(middle[0] + float(x) * reach, 4), round(middle[1] + float(y) * reach, 4))
