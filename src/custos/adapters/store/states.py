"""What last was said of each state: a question to the index of states alone, however many events there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import TextClause, bindparam, text

from custos.adapters.store.schema import IS_STATE, STATES_INDEX, Instant, Words
from custos.model.state_types import STATE_TYPES

_QUERY = f"""
WITH RECURSIVE wanted(type) AS ({{wanted}}),
found(type, source) AS (
  SELECT wanted.type, (SELECT source FROM events {{by}} WHERE site_id = :site_id AND events.type = wanted.type
    AND events.{IS_STATE} ORDER BY source LIMIT 1) FROM wanted
  UNION ALL
  SELECT found.type, (SELECT source FROM events {{by}} WHERE site_id = :site_id AND events.type = found.type
    AND events.source > found.source AND events.{IS_STATE} ORDER BY source LIMIT 1)
  FROM found WHERE found.source IS NOT NULL
)
SELECT sequence FROM (
  SELECT (SELECT sequence FROM events {{by}} WHERE site_id = :site_id AND events.type = found.type
    AND events.source = found.source AND at < :before AND events.{IS_STATE}
    ORDER BY at DESC, sequence DESC LIMIT 1) AS sequence
  FROM found WHERE found.source IS NOT NULL
) AS newest WHERE sequence IS NOT NULL
"""  # noqa: S608  the names of types are ours
"""From one source to the next by one look into the index each: DISTINCT would read the whole of it."""


def newest_states(site_id: str, types: Sequence[str], before: datetime, *, is_sqlite: bool) -> TextClause:
    """The sequence numbers of the newest events of these types, of one for each source, with at < before.

    Raises:
        ValueError: a type that tells of no state.
    """
    if others := set(types) - set(STATE_TYPES):
        raise ValueError(f"{sorted(others)} tell of no state")
    names = sorted(set(types))
    wanted = " UNION ALL ".join(f"SELECT CAST(:type_{n} AS TEXT)" for n in range(len(names)))
    query = _QUERY.format(wanted=wanted, by=f"INDEXED BY {STATES_INDEX}" if is_sqlite else "")
    values = [bindparam(f"type_{n}", name, Words) for n, name in enumerate(names)]
    return text(query).bindparams(*values, bindparam("site_id", site_id, Words), bindparam("before", before, Instant))
