"""Who is asking: sessions in cookies, API tokens, and the way in.

principal(connection) -> Principal | None      sign_in, create_administrator -> SignedIn
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from custos.model.account import ApiToken, Invitation, LastAdministrator, Role, Session, User, name_key
from custos.model.devices import TokenDevice
from custos.model.errors import CustosError
from custos.server.deps import ServerDeps
from custos.server.limits import Attempts
from custos.server.passwords import Passwords, weakness
from custos.server.problems import Fault, Problem, invalid
from custos.server.setup import secret_hash

log = logging.getLogger(__name__)

TOKEN_PREFIX = "cst_"  # noqa: S105 - the public beginning of every token, not a secret
IDLE_LIMIT = timedelta(hours=12)  # a shift
ABSOLUTE_LIMIT = timedelta(days=7)
INVITATION_LIFE = timedelta(days=3)
TOUCH_EVERY = timedelta(minutes=1)
DEVICE = "device:"
"""Before a device's id where a user's would stand; no user's id holds a colon."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as far as this request is concerned.

    Args:
        site_id: the site whose records the user may see, as far as the role goes.
        session_hash: of the browser's session; None for a program with a token.
        expires_at: when the session or token ends; None never.
    """

    user_id: str
    name: str
    role: Role
    site_id: str
    session_hash: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `cookie`: its secret id, which is nowhere else."""

    user: User
    session: Session
    cookie: str


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new API token. `secret` is nowhere else."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """A new invitation. `token` is nowhere else."""

    invitation: Invitation
    token: str


def is_https(connection: HTTPConnection) -> bool:
    return connection.url.scheme in ("https", "wss")


def cookie_name(connection: HTTPConnection) -> str:
    """`__Host-` binds the cookie to this host, where the browser's channel allows it."""
    return "__Host-custos" if is_https(connection) else "custos"


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else "unknown"


class Doorkeeper:
    """Knows principals, and lets new ones in."""

    def __init__(self, deps: ServerDeps) -> None:
        self._accounts = deps.accounts
        self._book = deps.book
        self._clock = deps.clock
        self._passwords = Passwords(deps.hasher)
        limits = deps.limits
        self._by_address = Attempts(free=limits.free_attempts, longest_wait_s=limits.longest_wait_s)
        self._by_user = Attempts(free=limits.free_attempts, longest_wait_s=limits.longest_user_wait_s)

    def principal(self, connection: HTTPConnection) -> Principal | None:
        """Of the Bearer token where there is one, else of the cookie. Reads the store: not in the loop."""
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            scheme, _, secret = authorization.partition(" ")
            return self._of_token(secret.strip()) if scheme.lower() == "bearer" else None
        cookie = connection.cookies.get(cookie_name(connection))
        return self._of_session(secret_hash(cookie)) if cookie else None

    def _of_token(self, secret: str) -> Principal | None:
        if not secret.startswith(TOKEN_PREFIX):
            return self._of_device(secret)
        token = self._accounts.token(secret_hash(secret))
        now = self._clock()
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
            with _going_on(f"the use of API token {token.id}"):
                self._accounts.touch_token(token.id, now)
        return self._principal(token.user_id, None, token.expires_at)

    def _of_device(self, secret: str) -> Principal | None:
        """The device of the site file that holds this token; every one is compared, so that time tells nothing."""
        site, said = self._book.site(), secret.encode("utf-8", "surrogateescape")
        matching = [
            device
            for device in site.devices
            if isinstance(device, TokenDevice) and hmac.compare_digest(device.token.encode(), said)
        ]
        if not matching or not matching[0].enabled:
            return None
        return Principal(DEVICE + matching[0].id, matching[0].name, Role.DEVICE, site.id, None, None)

    def _of_session(self, id_hash: str) -> Principal | None:
        session = self._accounts.session(id_hash)
        now = self._clock()
        if session is None or session.expires_at <= now or now - session.seen_at >= IDLE_LIMIT:
            return None
        if now - session.seen_at >= TOUCH_EVERY:
            with _going_on(f"the use of a session of {session.user_id}"):
                self._accounts.touch_session(id_hash, now)
        return self._principal(session.user_id, id_hash, session.expires_at)

    def _principal(self, user_id: str, session: str | None, expires_at: datetime | None) -> Principal | None:
        user = self._accounts.user(user_id)
        if user is None or user.disabled_at is not None:
            return None
        return Principal(user.id, user.name, user.role, self._book.site().id, session, expires_at)

    async def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """A session for who knows the password; Problem 401 otherwise, 429 after too many attempts."""
        self._admit(address, name)
        user = await run_in_threadpool(self._accounts.user_by_name, name)
        if not await self._passwords.verify(user.password_hash if user else None, password) or user is None:
            log.warning("sign-in refused for %r from %s", name, address)
            raise Problem(401, "The name or the password is wrong.", kind="sign-in-refused")
        self._welcome(address, name)
        if user.disabled_at is not None:
            log.warning("sign-in of the disabled user %r from %s", user.name, address)
            raise Problem(403, "This account is disabled. An administrator can enable it.", kind="disabled")
        log.info("%r signed in from %s", user.name, address)
        return await self._open_session(user)

    async def create_administrator(self, token: str, name: str, password: str, address: str) -> SignedIn:
        """The first user, for who holds the link; Problem 403 for a link that does not count, 422, 429."""
        self._admit(address, None)
        if await run_in_threadpool(self._accounts.has_users):
            raise _dead_link()
        refuse_weak(password, name, pointer="/password")
        now = self._clock()
        password_hash = await self._passwords.hash(password)
        user = User(f"usr-{secrets.token_hex(8)}", name.strip(), Role.ADMINISTRATOR, password_hash, now)
        added = await run_in_threadpool(
            self._accounts.add_first_user, user, setup_token_hash=secret_hash(token), at=now
        )
        if not added:
            log.warning("set-up link refused from %s", address)
            raise _dead_link()
        self._welcome(address, None)
        log.info("administrator %r created from %s", user.name, address)
        return await self._open_session(user)

    async def invited(self, token: str, address: str) -> Invitation:
        """The invitation of a link; Problem 403 for a link that does not count, 429."""
        self._admit(address, None)
        invitation = await run_in_threadpool(self._accounts.invitation, secret_hash(token))
        if invitation is None or invitation.expires_at <= self._clock():
            log.warning("invitation refused from %s", address)
            raise _dead_invitation()
        self._welcome(address, None)
        return invitation

    async def accept_invitation(self, token: str, password: str, address: str) -> SignedIn:
        """A user, for who holds the link; Problem 403 for a link that does not count, 422 for a weak password, 429."""
        invitation = await self.invited(token, address)
        refuse_weak(password, invitation.name, pointer="/password")
        password_hash = await self._passwords.hash(password)
        now = self._clock()
        user = User(f"usr-{secrets.token_hex(8)}", invitation.name, invitation.role, password_hash, now)
        if not await run_in_threadpool(self._accounts.add_invited_user, user, token_hash=invitation.token_hash, at=now):
            raise _dead_invitation()
        log.info("%r accepted the invitation as %s from %s", user.name, user.role, address)
        return await self._open_session(user)

    def invite(self, principal: Principal, name: str, role: Role) -> IssuedInvitation:
        """A one-time link for a new user; Problem 403 when a token asks, 409 when there is a user of this name."""
        _session_of(principal)
        now, token = self._clock(), secrets.token_urlsafe(32)
        invitation = Invitation(
            f"inv-{secrets.token_hex(8)}", name.strip(), role, secret_hash(token), principal.user_id, now,
            now + INVITATION_LIFE,
        )  # fmt: skip
        if not self._accounts.invite(invitation, at=now):
            raise Problem(409, f"There is a user {name.strip()!r} already.", kind="name-taken")
        log.info("%r invited %r as %s", principal.name, invitation.name, role)
        return IssuedInvitation(invitation, token)

    def withdraw_invitation(self, principal: Principal, invitation_id: str) -> bool:
        """False when there is none of this id; Problem 403 when a token asks."""
        _session_of(principal)
        withdrawn = self._accounts.withdraw_invitation(invitation_id)
        if withdrawn:
            log.info("%r withdrew the invitation %s", principal.name, invitation_id)
        return withdrawn

    def change_user(self, principal: Principal, user_id: str, role: Role, *, is_enabled: bool) -> User | None:
        """The user, changed; None for no such user. Problem 403 when a token asks, 409 for the last administrator."""
        _session_of(principal)
        present = self._accounts.user(user_id)
        if present is None:
            return None
        disabled_at = None if is_enabled else present.disabled_at or self._clock()
        try:
            changed = self._accounts.change_user(user_id, role=role, disabled_at=disabled_at)
        except LastAdministrator as refusal:
            told = "Nobody would be left who may change users and cameras. Make somebody else administrator first."
            raise Problem(409, told, kind="last-administrator") from refusal
        log.info("%r made %r %s, %s", principal.name, present.name, role, "enabled" if is_enabled else "disabled")
        return changed

    def _admit(self, address: str, name: str | None) -> None:
        now = self._clock()
        wait_s = self._by_address.wait_s(address, now)
        if wait_s == 0 and name is not None:
            wait_s = self._by_user.wait_s(name_key(name), now)
        if wait_s > 0:
            log.warning("too many attempts to sign in from %s", address)
            raise Problem(429, "Too many attempts. Wait, then try again.", retry_after_s=wait_s)

    def _welcome(self, address: str, name: str | None) -> None:
        # The address only gets this attempt back: an account of one's own must not buy guesses at another's.
        self._by_address.succeeded(address, forget_all=False)
        if name is not None:
            self._by_user.succeeded(name_key(name), forget_all=True)

    async def _open_session(self, user: User) -> SignedIn:
        now = self._clock()
        cookie = secrets.token_urlsafe(32)
        session = Session(secret_hash(cookie), user.id, now, now, now + ABSOLUTE_LIMIT)
        await run_in_threadpool(self._accounts.add_session, session)
        await run_in_threadpool(self._accounts.prune_sessions, at=now, idle_since=now - IDLE_LIMIT)
        return SignedIn(user, session, cookie)

    def sign_out(self, principal: Principal) -> None:
        self._accounts.end_session(_session_of(principal))

    async def change_password(self, principal: Principal, current: str, new: str, address: str) -> None:
        """Problem 403 when `current` is wrong, 422 for a weak one; the user's other sessions and tokens end."""
        session_hash = _session_of(principal)
        self._admit(address, principal.name)
        user = await run_in_threadpool(self._accounts.user, principal.user_id)
        if user is None or not await self._passwords.verify(user.password_hash, current):
            raise Problem(403, "The current password is wrong.", kind="sign-in-refused")
        self._welcome(address, principal.name)
        refuse_weak(new, user.name, pointer="/new")
        fresh = await self._passwords.hash(new)
        await run_in_threadpool(self._accounts.set_password, user.id, fresh, keep_session=session_hash)
        log.info("%r changed the password from %s", user.name, address)

    def issue_token(self, principal: Principal, name: str, life: timedelta | None) -> IssuedToken:
        """A new API token of the user; Problem 403 when a token asks."""
        _session_of(principal)
        now = self._clock()
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        token = ApiToken(
            id=f"tok-{secrets.token_hex(8)}",
            user_id=principal.user_id,
            name=name,
            secret_hash=secret_hash(secret),
            created_at=now,
            expires_at=now + life if life else None,
        )
        self._accounts.add_token(token)
        log.info("%r made the API token %s", principal.name, token.id)
        return IssuedToken(token, secret)


def refuse_weak(password: str, user_name: str, *, pointer: str) -> None:
    """Problem 422 for a password that will not do."""
    reason = weakness(password, user_name)
    if reason:
        raise invalid([Fault(pointer, reason)])


@contextmanager
def _going_on(what: str) -> Iterator[None]:
    """A note that cannot be stored (a full disk) must not keep anybody from looking."""
    try:
        yield
    except CustosError as error:
        log.warning("%s cannot be noted: %s", what, error)


def _dead_link() -> Problem:
    return Problem(
        403,
        "This set-up link does not work: it has been used, has expired, or a newer one was made. "
        "While there is no user, each start of Custos prints a new one.",
        kind="set-up-refused",
    )


def _dead_invitation() -> Problem:
    return Problem(
        403,
        "This invitation does not work: it has been used, withdrawn, replaced by a newer one, or has expired. "
        "Ask an administrator for a new one.",
        kind="invitation-refused",
    )


def _session_of(principal: Principal) -> str:
    """The session's hash; a token, which a program holds, must not make itself a way to stay."""
    if principal.session_hash is None:
        raise Problem(403, "This needs a signed-in browser session; an API token cannot do it.")
    return principal.session_hash
