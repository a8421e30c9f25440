"""What every role does: ids."""

from __future__ import annotations

import uuid

from custos.app.roles import new_id


def test_ids_are_never_the_same_and_later_ones_sort_behind() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert [one[:12] for one in made] == sorted(one[:12] for one in made)  # milliseconds
    parsed = uuid.UUID(made[0])
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
