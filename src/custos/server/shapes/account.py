"""Sign-in, sessions and API tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from custos.model.account import ApiToken, Invitation, Role, User, name_key
from custos.server.passwords import MAX_LENGTH
from custos.server.shapes.base import LINE_PATTERN, Asked, Instant, Name, Told


def _visible(name: str) -> str:
    if not name_key(name):
        raise ValueError("the name is empty")
    return name


UserName = Annotated[str, Field(min_length=1, max_length=64, pattern=LINE_PATTERN), AfterValidator(_visible)]
Password = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class Health(Told):
    status: str = "ok"


class SetupNeed(Told):
    """Whether the first administrator is still to be created."""

    needed: bool


class SetupAsked(Asked):
    token: Annotated[str, Field(min_length=1, max_length=200)]
    name: UserName
    password: Annotated[str, Field(max_length=MAX_LENGTH, description="12 characters or more")]


class SignInAsked(Asked):
    name: UserName
    password: Password


class PasswordAsked(Asked):
    current: Password
    new: Annotated[str, Field(max_length=MAX_LENGTH, description="12 characters or more")]


class UserTold(Told):
    id: str
    name: str
    role: Role

    @classmethod
    def of(cls, user: User) -> UserTold:
        return cls(id=user.id, name=user.name, role=user.role)


PersonRole = Literal["viewer", "operator", "administrator"]


class PersonTold(UserTold):
    """A user, for administrators; `disabled_at` while they may not sign in."""

    created_at: Instant
    disabled_at: Instant | None

    @classmethod
    def of(cls, user: User) -> PersonTold:
        return cls(id=user.id, name=user.name, role=user.role, created_at=user.created_at, disabled_at=user.disabled_at)


class PersonAsked(Asked):
    """The whole of what an administrator may change of a user."""

    role: PersonRole
    enabled: bool


class InvitationAsked(Asked):
    """`name`: what they will type to sign in."""

    name: UserName
    role: PersonRole


class InvitationTold(Told):
    id: str
    name: str
    role: Role
    created_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, one: Invitation) -> InvitationTold:
        return cls(id=one.id, name=one.name, role=one.role, created_at=one.created_at, expires_at=one.expires_at)


class IssuedInvitationTold(InvitationTold):
    """`token` is told once and never again: the link is `/invited?token=...` of this console."""

    token: str


class InvitedAsked(Asked):
    token: Annotated[str, Field(min_length=1, max_length=200)]


class InvitedTold(Told):
    """Whom a link invites, and as what."""

    name: str
    role: Role
    expires_at: Instant


class AcceptAsked(Asked):
    token: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(max_length=MAX_LENGTH, description="12 characters or more")]


class SessionTold(Told):
    """Who is signed in, and until when; null for an API token that does not expire."""

    user: UserTold
    expires_at: Instant | None


class TokenAsked(Asked):
    name: Name
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class TokenTold(Told):
    id: str
    name: str
    created_at: Instant
    last_used_at: Instant | None
    expires_at: Instant | None

    @classmethod
    def of(cls, token: ApiToken) -> TokenTold:
        return cls(
            id=token.id,
            name=token.name,
            created_at=token.created_at,
            last_used_at=token.last_used_at,
            expires_at=token.expires_at,
        )


class IssuedTokenTold(TokenTold):
    """`secret` is told once and never again."""

    secret: str
