"""Users, sessions, API tokens and the set-up link, in the store's database.

They belong to the installation, not to one of its sites: whoever renames the site still signs in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, or_, select, update

from custos.adapters.store.schema import api_tokens, invitations, sessions, setup_links, users
from custos.adapters.store.store import SqlStore
from custos.model.account import ApiToken, Invitation, LastAdministrator, Role, Session, SetupLink, User, name_key


class SqlAccounts:
    """`custos.server.ports.Accounts` over the store's database."""

    def __init__(self, store: SqlStore) -> None:
        self._database = store.database

    def has_users(self) -> bool:
        with self._database.read() as connection:
            return _has_users(connection)

    def user(self, user_id: str) -> User | None:
        return self._user(select(users).where(users.c.id == user_id))

    def user_by_name(self, name: str) -> User | None:
        return self._user(select(users).where(users.c.name_key == name_key(name)))

    def put_setup_link(self, link: SetupLink) -> bool:
        values = {"token_hash": link.token_hash, "created_at": link.created_at, "expires_at": link.expires_at}
        with self._database.write(alone=True) as connection:
            if _has_users(connection):
                return False
            connection.execute(delete(setup_links))
            connection.execute(insert(setup_links), values)
        return True

    def add_first_user(self, user: User, *, setup_token_hash: str, at: datetime) -> bool:
        link = (setup_links.c.token_hash == setup_token_hash, setup_links.c.expires_at > at)
        with self._database.write(alone=True) as connection:
            if _has_users(connection) or not connection.execute(delete(setup_links).where(*link)).rowcount:
                return False
            connection.execute(delete(setup_links))
            connection.execute(insert(users), _user_values(user))
        return True

    def users(self) -> list[User]:
        with self._database.read() as connection:
            rows = connection.execute(select(users).order_by(users.c.name_key)).mappings()
            return [_user_of(row) for row in rows]

    def change_user(self, user_id: str, *, role: Role, disabled_at: datetime | None) -> User | None:
        with self._database.write(alone=True) as connection:
            row = connection.execute(select(users).where(users.c.id == user_id)).mappings().one_or_none()
            if row is None:
                return None
            remains = role is Role.ADMINISTRATOR and disabled_at is None
            if not remains and not _has_administrator(connection, besides=user_id):
                raise LastAdministrator
            changed = update(users).where(users.c.id == user_id).values(role=role.value, disabled_at=disabled_at)
            connection.execute(changed)
            if disabled_at is not None:
                connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
                connection.execute(delete(api_tokens).where(api_tokens.c.user_id == user_id))
            return replace(_user_of(row), role=role, disabled_at=disabled_at)

    def invite(self, invitation: Invitation, *, at: datetime) -> bool:
        same_name = name_key(invitation.name)
        with self._database.write(alone=True) as connection:
            if connection.execute(select(users.c.id).where(users.c.name_key == same_name)).first() is not None:
                return False
            over = or_(invitations.c.expires_at <= at, invitations.c.name_key == same_name)
            connection.execute(delete(invitations).where(over))
            connection.execute(insert(invitations), _invitation_values(invitation))
        return True

    def invitations(self, *, at: datetime) -> list[Invitation]:
        live = select(invitations).where(invitations.c.expires_at > at).order_by(invitations.c.name_key)
        with self._database.read() as connection:
            return [_invitation_of(row) for row in connection.execute(live).mappings()]

    def invitation(self, token_hash: str) -> Invitation | None:
        query = select(invitations).where(invitations.c.token_hash == token_hash)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _invitation_of(row)

    def withdraw_invitation(self, invitation_id: str) -> bool:
        with self._database.write() as connection:
            return connection.execute(delete(invitations).where(invitations.c.id == invitation_id)).rowcount == 1

    def add_invited_user(self, user: User, *, token_hash: str, at: datetime) -> bool:
        link = (invitations.c.token_hash == token_hash, invitations.c.expires_at > at)
        with self._database.write(alone=True) as connection:
            if not connection.execute(delete(invitations).where(*link)).rowcount:
                return False
            connection.execute(insert(users), _user_values(user))
        return True

    def set_password(self, user_id: str, password_hash: str, *, keep_session: str | None) -> None:
        others = delete(sessions).where(sessions.c.user_id == user_id)
        if keep_session is not None:
            others = others.where(sessions.c.id_hash != keep_session)
        with self._database.write() as connection:
            connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
            connection.execute(others)
            connection.execute(delete(api_tokens).where(api_tokens.c.user_id == user_id))

    def add_session(self, session: Session) -> None:
        values = {
            "id_hash": session.id_hash,
            "user_id": session.user_id,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "expires_at": session.expires_at,
        }
        with self._database.write() as connection:
            connection.execute(insert(sessions), values)

    def session(self, id_hash: str) -> Session | None:
        with self._database.read() as connection:
            row = connection.execute(select(sessions).where(sessions.c.id_hash == id_hash)).mappings().one_or_none()
        return None if row is None else Session(**row)

    def touch_session(self, id_hash: str, seen_at: datetime) -> None:
        with self._database.write() as connection:
            connection.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(seen_at=seen_at))

    def end_session(self, id_hash: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))

    def add_token(self, token: ApiToken) -> None:
        values = {
            "id": token.id,
            "user_id": token.user_id,
            "name": token.name,
            "secret_hash": token.secret_hash,
            "created_at": token.created_at,
            "last_used_at": token.last_used_at,
            "expires_at": token.expires_at,
        }
        with self._database.write() as connection:
            connection.execute(insert(api_tokens), values)

    def token(self, secret_hash: str) -> ApiToken | None:
        query = select(api_tokens).where(api_tokens.c.secret_hash == secret_hash)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else ApiToken(**row)

    def tokens(self, user_id: str) -> list[ApiToken]:
        newest = (api_tokens.c.created_at.desc(), api_tokens.c.id.desc())
        query = select(api_tokens).where(api_tokens.c.user_id == user_id).order_by(*newest)
        with self._database.read() as connection:
            return [ApiToken(**row) for row in connection.execute(query).mappings()]

    def touch_token(self, token_id: str, last_used_at: datetime) -> None:
        with self._database.write() as connection:
            connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=last_used_at))

    def remove_token(self, user_id: str, token_id: str) -> bool:
        query = delete(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.user_id == user_id)
        with self._database.write() as connection:
            return connection.execute(query).rowcount == 1

    def prune_sessions(self, *, at: datetime, idle_since: datetime) -> int:
        over = delete(sessions).where(or_(sessions.c.expires_at <= at, sessions.c.seen_at < idle_since))
        with self._database.write() as connection:
            return connection.execute(over).rowcount

    def _user(self, query: Select[tuple[object, ...]]) -> User | None:
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _user_of(row)


def _has_users(connection: Connection) -> bool:
    return bool(connection.execute(select(func.count()).select_from(users)).scalar())


def _has_administrator(connection: Connection, *, besides: str) -> bool:
    others = (users.c.role == Role.ADMINISTRATOR.value, users.c.disabled_at.is_(None), users.c.id != besides)
    return connection.execute(select(users.c.id).where(*others)).first() is not None


def _invitation_values(one: Invitation) -> dict[str, str | datetime]:
    return {
        "id": one.id,
        "name": one.name,
        "name_key": name_key(one.name),
        "role": one.role.value,
        "token_hash": one.token_hash,
        "invited_by": one.invited_by,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
    }


def _invitation_of(row: RowMapping) -> Invitation:
    return Invitation(
        row["id"], row["name"], Role(row["role"]), row["token_hash"], row["invited_by"], row["created_at"],
        row["expires_at"],
    )  # fmt: skip


def _user_values(user: User) -> dict[str, str | datetime | None]:
    return {
        "id": user.id,
        "name": user.name,
        "name_key": name_key(user.name),
        "role": user.role.value,
        "password_hash": user.password_hash,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
    }


def _user_of(row: RowMapping) -> User:
    return User(row["id"], row["name"], Role(row["role"]), row["password_hash"], row["created_at"], row["disabled_at"])
