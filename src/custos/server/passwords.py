"""Passwords: argon2id (RFC 9106), computed in threads, two at a time, so that the event loop never waits."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from custos.model.account import name_key

MIN_LENGTH = 12
MAX_LENGTH = 256
MIN_DIFFERENT = 5
_AT_ONCE = 2  # each takes 64 MiB while it runs


def weakness(password: str, user_name: str) -> str:
    """Why this password will not do for this user, or ""."""
    if len(password) < MIN_LENGTH:
        return f"A password needs {MIN_LENGTH} characters or more; this one has {len(password)}."
    if len(set(password)) < MIN_DIFFERENT:
        return f"A password needs {MIN_DIFFERENT} different characters or more."
    if name_key(user_name) in name_key(password) and len(password) < MIN_LENGTH + len(user_name):
        return "A password must not be made of the user's name."
    return ""


class Passwords:
    """Hashes and verifies. `hasher` decides what it costs."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they match. With no hash (no such user) it takes as long and says no."""
        if password_hash is None:
            if self._nobody is None:
                self._nobody = await self.hash("nobody's password")
            await self._verify(self._nobody, password)
            return False
        return await self._verify(password_hash, password)

    async def _verify(self, password_hash: str, password: str) -> bool:
        async with self._turns:
            return await asyncio.to_thread(self._matches, password_hash, password)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
