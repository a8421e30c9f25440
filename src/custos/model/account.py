"""Who may sign in: users, their sessions and API tokens, and the one-time link that makes the first of them.

Secrets never stand here: a session, a token and a set-up link are known by the hash of what the browser or
the script holds, a password by its argon2 hash.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from custos.model.frame import require_aware


class Role(StrEnum):
    """What a user may do; of people, each may all that the one before it may."""

    VIEWER = "viewer"  # looks
    OPERATOR = "operator"  # handles incidents
    ADMINISTRATOR = "administrator"  # changes cameras and users
    DEVICE = "device"  # none of these: sends events with a token of the site file, and sees nothing


def name_key(name: str) -> str:
    """What two names must not share: the name without case, surrounding space and compatibility forms."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in.

    Args:
        id: never reused.
        name: what they type to sign in; `name_key(name)` is unique.
        password_hash: argon2's own format.
        disabled_at: since when they may not sign in; None while they may.
    """

    id: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.created_at, "created_at")
        if self.disabled_at is not None:
            require_aware(self.disabled_at, "disabled_at")
        if not self.id or not name_key(self.name):
            raise ValueError(f"a user needs id and name, got {self.id!r}, {self.name!r}")


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `id_hash`: of the value in its cookie."""

    id_hash: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.created_at, "created_at")
        require_aware(self.seen_at, "seen_at")
        require_aware(self.expires_at, "expires_at")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A script's way in. `secret_hash`: of the token, which was shown once."""

    id: str
    user_id: str
    name: str
    secret_hash: str
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.created_at, "created_at")
        if self.last_used_at is not None:
            require_aware(self.last_used_at, "last_used_at")
        if self.expires_at is not None:
            require_aware(self.expires_at, "expires_at")


@dataclass(frozen=True, slots=True)
class SetupLink:
    """The one-time link with which the first administrator is made."""

    token_hash: str
    created_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.created_at, "created_at")
        require_aware(self.expires_at, "expires_at")


class LastAdministrator(Exception):
    """Nobody would be left who may change users and cameras."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link with which somebody becomes a user.

    Args:
        name: what they will type to sign in; the administrator has chosen it.
        token_hash: of what the link carries, which was shown once.
        invited_by: the administrator's user id.
    """

    id: str
    name: str
    role: Role
    token_hash: str
    invited_by: str
    created_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.created_at, "created_at")
        require_aware(self.expires_at, "expires_at")
        if not self.id or not name_key(self.name):
            raise ValueError(f"an invitation needs id and name, got {self.id!r}, {self.name!r}")
        if self.role is Role.DEVICE:
            raise ValueError("nobody is invited as a device: a device's token stands in the site file")
