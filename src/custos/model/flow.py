"""A heat map of one camera: a grid over its picture with how long objects stood in each cell and which way they went.

    FlowGrid.empty(32, 18) + grid_of(event.data) + ...

It goes into an event as a few flat lists, so that maps of any span can be added up from stored events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.model.event import Json

Grid = NDArray[np.float64]
_DECI, _MILLE = 10.0, 1000.0
"""In events, times are in tenths of a second and ways in thousandths of the picture, as whole numbers."""
SIZES = (2, 128)


@dataclass(frozen=True, slots=True, eq=False)
class FlowGrid:
    """Sums over a span of time.

    Args:
        seconds: (rows, columns) object seconds spent in each cell.
        ways: (rows, columns, 2) the sum of the moves that began in it, x and y in fractions of the picture.
    """

    seconds: Grid
    ways: Grid

    def __post_init__(self) -> None:
        rows, columns = self.seconds.shape
        if self.ways.shape != (rows, columns, 2):
            raise ValueError(f"ways must be ({rows}, {columns}, 2), got {self.ways.shape}")

    @classmethod
    def empty(cls, columns: int, rows: int) -> FlowGrid:
        if not (SIZES[0] <= columns <= SIZES[1] and SIZES[0] <= rows <= SIZES[1]):
            raise ValueError(f"a grid has {SIZES[0]}..{SIZES[1]} columns and rows, got {columns} x {rows}")
        return cls(np.zeros((rows, columns)), np.zeros((rows, columns, 2)))

    @property
    def columns(self) -> int:
        return int(self.seconds.shape[1])

    @property
    def rows(self) -> int:
        return int(self.seconds.shape[0])

    @property
    def is_empty(self) -> bool:
        return not self.seconds.any()

    def __add__(self, other: FlowGrid) -> FlowGrid:
        if other.seconds.shape != self.seconds.shape:
            raise ValueError(f"grids of {self.seconds.shape} and {other.seconds.shape} cells do not add up")
        return FlowGrid(self.seconds + other.seconds, self.ways + other.ways)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """(row, column) of a point 0..1; points outside count to the nearest cell."""
        row = min(max(int(y * self.rows), 0), self.rows - 1)
        return row, min(max(int(x * self.columns), 0), self.columns - 1)

    def to_data(self) -> dict[str, Json]:
        """As the fields of an event: only cells where somebody was, four whole numbers each: which (row by row from
        0), tenths of a second, and the way in thousandths of the picture, x and y."""
        cells: list[Json] = []
        for index in np.flatnonzero(np.rint(self.seconds * _DECI) > 0).tolist():
            row, column = divmod(index, self.columns)
            x, y = self.ways[row, column] * _MILLE
            cells += [index, round(float(self.seconds[row, column]) * _DECI), round(float(x)), round(float(y))]
        return {"columns": self.columns, "rows": self.rows, "cells": cells}


def grid_of(data: Mapping[str, Json]) -> FlowGrid:
    """The grid in an event's data; ValueError when it is none."""
    columns, rows, cells = data.get("columns"), data.get("rows"), data.get("cells")
    if not isinstance(columns, int) or not isinstance(rows, int) or not isinstance(cells, list) or len(cells) % 4:
        raise ValueError("a flow grid needs columns, rows and cells, four numbers each")
    grid = FlowGrid.empty(columns, rows)
    numbers = np.array(cells, float).reshape(-1, 4)
    index = numbers[:, 0].astype(int)
    if len(index) and not (index.min() >= 0 and index.max() < columns * rows):
        raise ValueError(f"a flow grid of {columns} x {rows} has no cell {index.max()}")
    np.add.at(grid.seconds.reshape(-1), index, numbers[:, 1] / _DECI)
    np.add.at(grid.ways.reshape(-1, 2), index, numbers[:, 2:] / _MILLE)
    return grid
