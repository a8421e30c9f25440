"""What a password's hash is made of."""

from __future__ import annotations

import asyncio
import dataclasses

from argon2 import PasswordHasher, Type, extract_parameters

from custos.server.deps import ServerDeps
from custos.server.passwords import Passwords


def of_a_site() -> Passwords:
    (field,) = (one for one in dataclasses.fields(ServerDeps) if one.name == "hasher")
    assert callable(field.default_factory)
    hasher = field.default_factory()
    assert isinstance(hasher, PasswordHasher)
    return Passwords(hasher)


def test_a_site_hashes_as_rfc_9106_recommends_where_memory_is_scarce() -> None:
    """RFC 9106, section 4, the second recommended option: argon2id, 64 MiB, three passes, four lanes."""
    cost = extract_parameters(asyncio.run(of_a_site().hash("correct horse battery")))
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (Type.ID, 65_536, 3, 4)


def test_only_the_password_matches_its_hash() -> None:
    async def main() -> None:
        passwords = of_a_site()
        told = await passwords.hash("correct horse battery")
        assert await passwords.verify(told, "correct horse battery")
        assert not await passwords.verify(told, "wrong horse battery")
        assert not await passwords.verify("no hash at all", "correct horse battery")
        assert not await passwords.verify(None, "nobody's password")

    asyncio.run(main())
