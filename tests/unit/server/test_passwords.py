"""What a password's hash is made of."""

from __future__ import annotations

import asyncio
import dataclasses

from argon2 import Type, extract_parameters

from custos.server.deps import ServerDeps
from custos.server.passwords import Passwords


def test_a_site_hashes_as_rfc_9106_recommends_where_memory_is_scarce() -> None:
    """RFC 9106, section 4, the second recommended option: argon2id, 64 MiB, three passes, four lanes."""
    (hasher,) = (f for f in dataclasses.fields(ServerDeps) if f.name == "hasher")
    assert callable(hasher.default_factory)
    cost = extract_parameters(asyncio.run(Passwords(hasher.default_factory()).hash("correct horse battery")))
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (Type.ID, 65_536, 3, 4)


def test_with_no_such_user_nothing_matches() -> None:
    async def main() -> None:
        (hasher,) = (f for f in dataclasses.fields(ServerDeps) if f.name == "hasher")
        passwords = Passwords(hasher.default_factory())
        told = await passwords.hash("correct horse battery")
        assert await passwords.verify(told, "correct horse battery")
        assert not await passwords.verify(told, "wrong horse battery")
        assert not await passwords.verify("no hash at all", "correct horse battery")
        assert not await passwords.verify(None, "nobody's password")

    asyncio.run(main())
