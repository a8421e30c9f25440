"""Sums over time, in SQL: the same question to SQLite and to PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, RowMapping, Select, cast, func, literal, select, type_coerce

from custos.adapters.store.schema import EPOCH, MICROSECOND, events
from custos.pipeline.ports import Measured, MeasureQuery

_CLOSING = timedelta(microseconds=1)
"""An event that tells of the time up to it belongs to the bucket which that time lies in."""


def measuring(site_id: str, query: MeasureQuery, *, is_sqlite: bool) -> Select[Any]:
    """The statement; its rows become `measured`."""
    shift = _CLOSING if query.closes else timedelta(0)
    bucket = ((_microseconds(is_sqlite) - _since(query.since + shift)) // literal(_width(query), BigInteger)).label("n")
    keys = [events.c.data[name].as_string().label(f"key_{i}") for i, name in enumerate(query.keys)]
    values: list[ColumnElement[Any]] = []
    for i, name in enumerate(query.fields):
        value = events.c.data[name].as_float()
        values += [func.sum(value).label(f"sum_{i}"), func.max(value).label(f"peak_{i}")]
    found = select(bucket, func.count().label("count"), *keys, *values).where(
        events.c.site_id == site_id,
        events.c.type == query.type,
        events.c.camera_id == query.camera_id,
        events.c.at >= query.since + shift,
        events.c.at < query.until + shift,
        *(events.c.data[name].as_string() == value for name, value in query.only.items()),
    )
    return found.group_by("n", *keys).order_by("n", *keys)


def measured(query: MeasureQuery, rows: Sequence[RowMapping]) -> list[Measured]:
    """What the statement's rows say."""
    width = timedelta(seconds=query.bucket_s)
    return [
        Measured(
            from_at=query.since + int(row["n"]) * width,
            keys=tuple(row[f"key_{i}"] or "" for i in range(len(query.keys))),
            count=row["count"],
            sums=tuple(float(row[f"sum_{i}"] or 0) for i in range(len(query.fields))),
            peaks=tuple(float(row[f"peak_{i}"] or 0) for i in range(len(query.fields))),
        )
        for row in rows
    ]


def _microseconds(is_sqlite: bool) -> ColumnElement[int]:
    """When, in microseconds since 1970."""
    if is_sqlite:
        return type_coerce(events.c.at, BigInteger)
    return cast(func.extract("epoch", events.c.at) * 1_000_000, BigInteger)


def _since(at: datetime) -> ColumnElement[int]:
    return literal((at - EPOCH) // MICROSECOND, BigInteger)


def _width(query: MeasureQuery) -> int:
    return query.bucket_s * 1_000_000
