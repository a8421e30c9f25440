"""Accounts on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from custos.adapters.store import SqlAccounts, SqlStore
from custos.model.account import ApiToken, Invitation, LastAdministrator, Role, Session, SetupLink, User
from custos.server.ports import Accounts

NOW = datetime(2026, 3, 2, 8, 0, 0, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINK = SetupLink("link-hash", NOW, NOW + HOUR)
ANN = User("u-1", "Ann", Role.ADMINISTRATOR, "$argon2id$ann", NOW)


@pytest.fixture
def accounts(prepared_url: str, new_store: Callable[[str], SqlStore]) -> Accounts:
    return SqlAccounts(new_store(prepared_url))


pytestmark = pytest.mark.parametrize("prepared_url", ["sqlite", "postgresql"], indirect=True)


def _with_ann(accounts: Accounts) -> Accounts:
    assert accounts.put_setup_link(LINK)
    assert accounts.add_first_user(ANN, setup_token_hash=LINK.token_hash, at=NOW)
    return accounts


def test_nobody_at_first(accounts: Accounts) -> None:
    assert not accounts.has_users()
    assert accounts.user("u-1") is None
    assert accounts.user_by_name("Ann") is None
    assert accounts.session("s") is None
    assert accounts.token("t") is None
    assert accounts.tokens("u-1") == []
    assert not accounts.remove_token("u-1", "t-1")
    assert accounts.prune_sessions(at=NOW, idle_since=NOW) == 0


def test_first_user_comes_by_the_link(accounts: Accounts) -> None:
    _with_ann(accounts)
    assert accounts.has_users()
    assert accounts.user("u-1") == ANN == accounts.user_by_name("  ANN ")


@pytest.mark.parametrize(
    ("token_hash", "at"), [("other", NOW), ("", NOW), (LINK.token_hash, LINK.expires_at), ("link-has%", NOW)]
)
def test_wrong_or_old_link_changes_nothing(accounts: Accounts, token_hash: str, at: datetime) -> None:
    accounts.put_setup_link(LINK)
    assert not accounts.add_first_user(ANN, setup_token_hash=token_hash, at=at)
    assert not accounts.has_users()
    assert accounts.add_first_user(ANN, setup_token_hash=LINK.token_hash, at=LINK.expires_at - HOUR / 2)


def test_link_works_once(accounts: Accounts) -> None:
    _with_ann(accounts)
    eve = replace(ANN, id="u-2", name="Eve")
    assert not accounts.add_first_user(eve, setup_token_hash=LINK.token_hash, at=NOW)
    assert not accounts.put_setup_link(LINK)
    assert not accounts.add_first_user(eve, setup_token_hash=LINK.token_hash, at=NOW)
    assert accounts.user("u-2") is None


def test_newest_link_is_the_only_one(accounts: Accounts) -> None:
    accounts.put_setup_link(LINK)
    accounts.put_setup_link(replace(LINK, token_hash="new"))
    assert not accounts.add_first_user(ANN, setup_token_hash=LINK.token_hash, at=NOW)
    assert accounts.add_first_user(ANN, setup_token_hash="new", at=NOW)


def test_of_many_at_once_one_is_first(accounts: Accounts) -> None:
    accounts.put_setup_link(LINK)
    together = Barrier(4)

    def come(n: int) -> bool:
        together.wait()
        user = replace(ANN, id=f"u-{n}", name=f"User {n}")
        return accounts.add_first_user(user, setup_token_hash=LINK.token_hash, at=NOW)

    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(come, range(4)))
    assert sum(came) == 1
    assert [accounts.user(f"u-{n}") is not None for n in range(4)] == came


def test_sessions(accounts: Accounts) -> None:
    _with_ann(accounts)
    session = Session("hash", "u-1", NOW, NOW, NOW + HOUR)
    accounts.add_session(session)
    assert accounts.session("hash") == session
    accounts.touch_session("hash", NOW + HOUR / 2)
    assert accounts.session("hash") == replace(session, seen_at=NOW + HOUR / 2)
    accounts.end_session("hash")
    accounts.end_session("hash")
    assert accounts.session("hash") is None


def test_new_password_ends_the_other_sessions_and_the_tokens(accounts: Accounts) -> None:
    _with_ann(accounts)
    for name in ("mine", "other"):
        accounts.add_session(Session(name, "u-1", NOW, NOW, NOW + HOUR))
    accounts.add_token(ApiToken("t-1", "u-1", "backup", "hash-1", NOW))
    accounts.set_password("u-2", "$argon2id$new", keep_session=None)
    assert accounts.token("hash-1") is not None
    accounts.set_password("u-1", "$argon2id$new", keep_session="mine")
    assert accounts.tokens("u-1") == []
    assert accounts.session("mine") is not None
    assert accounts.session("other") is None
    assert accounts.user("u-1") == replace(ANN, password_hash="$argon2id$new")
    accounts.set_password("u-1", "$argon2id$newer", keep_session=None)
    assert accounts.session("mine") is None


def test_pruning_takes_expired_and_idle_sessions(accounts: Accounts) -> None:
    _with_ann(accounts)
    accounts.add_session(Session("expired", "u-1", NOW, NOW, NOW + HOUR))
    accounts.add_session(Session("idle", "u-1", NOW, NOW, NOW + 9 * HOUR))
    accounts.add_session(Session("live", "u-1", NOW, NOW + HOUR, NOW + 9 * HOUR))
    assert accounts.prune_sessions(at=NOW + HOUR, idle_since=NOW + HOUR / 2) == 2
    assert accounts.session("live") is not None


def test_tokens(accounts: Accounts) -> None:
    _with_ann(accounts)
    old = ApiToken("t-1", "u-1", "backup", "hash-1", NOW, None, NOW + HOUR)
    new = ApiToken("t-2", "u-1", "export", "hash-2", NOW + HOUR, None, None)
    accounts.add_token(old)
    accounts.add_token(new)
    assert accounts.tokens("u-1") == [new, old]
    assert accounts.tokens("u-2") == []
    assert accounts.token("hash-1") == old
    accounts.touch_token("t-1", NOW + HOUR)
    assert accounts.token("hash-1") == replace(old, last_used_at=NOW + HOUR)
    assert not accounts.remove_token("u-2", "t-1")
    assert accounts.remove_token("u-1", "t-1")
    assert accounts.token("hash-1") is None


# -- people besides the first

BOB = User("u-2", "Bob", Role.OPERATOR, "$argon2id$bob", NOW)
INVITED = Invitation("inv-1", "Bob", Role.OPERATOR, "bob-hash", "u-1", NOW, NOW + HOUR)


def _with_bob(accounts: Accounts) -> Accounts:
    _with_ann(accounts)
    assert accounts.invite(INVITED, at=NOW)
    assert accounts.add_invited_user(BOB, token_hash="bob-hash", at=NOW)
    return accounts


def test_nobody_is_invited_at_first(accounts: Accounts) -> None:
    assert accounts.users() == []
    assert accounts.invitations(at=NOW) == []
    assert accounts.invitation("bob-hash") is None
    assert not accounts.withdraw_invitation("inv-1")
    assert not accounts.add_invited_user(BOB, token_hash="bob-hash", at=NOW)
    assert accounts.change_user("u-2", role=Role.VIEWER, disabled_at=None) is None


def test_who_is_invited_comes_once(accounts: Accounts) -> None:
    _with_ann(accounts)
    assert accounts.invite(INVITED, at=NOW)
    assert accounts.invitations(at=NOW) == [INVITED]
    assert accounts.invitation("bob-hash") == INVITED
    assert accounts.add_invited_user(BOB, token_hash="bob-hash", at=NOW)
    assert accounts.invitations(at=NOW) == []
    assert [user.name for user in accounts.users()] == ["Ann", "Bob"]
    assert not accounts.add_invited_user(replace(BOB, id="u-3", name="Eve"), token_hash="bob-hash", at=NOW)


def test_an_invitation_expires(accounts: Accounts) -> None:
    _with_ann(accounts).invite(INVITED, at=NOW)
    assert accounts.invitations(at=NOW + HOUR) == []
    assert not accounts.add_invited_user(BOB, token_hash="bob-hash", at=NOW + HOUR)
    assert accounts.invite(replace(INVITED, id="inv-2", name="Eve", token_hash="eve-hash"), at=NOW + HOUR)
    assert accounts.invitation("bob-hash") is None  # what has expired goes


def test_a_newer_invitation_takes_the_place_of_the_one_before(accounts: Accounts) -> None:
    _with_ann(accounts).invite(INVITED, at=NOW)
    newer = replace(INVITED, id="inv-2", name=" bob ", token_hash="new-hash", role=Role.VIEWER)
    assert accounts.invite(newer, at=NOW)
    assert accounts.invitations(at=NOW) == [newer]
    assert not accounts.add_invited_user(BOB, token_hash="bob-hash", at=NOW)


def test_nobody_is_invited_under_the_name_of_a_user(accounts: Accounts) -> None:
    assert not _with_ann(accounts).invite(replace(INVITED, name="ANN"), at=NOW)
    assert accounts.invitations(at=NOW) == []


def test_an_invitation_is_withdrawn(accounts: Accounts) -> None:
    _with_ann(accounts).invite(INVITED, at=NOW)
    assert accounts.withdraw_invitation("inv-1")
    assert not accounts.add_invited_user(BOB, token_hash="bob-hash", at=NOW)


def test_who_is_disabled_loses_sessions_and_tokens_and_nobody_else_does(accounts: Accounts) -> None:
    _with_bob(accounts)
    for user_id in ("u-1", "u-2"):
        accounts.add_session(Session(f"of-{user_id}", user_id, NOW, NOW, NOW + HOUR))
        accounts.add_token(ApiToken(f"t-{user_id}", user_id, "backup", f"token-{user_id}", NOW))
    disabled = accounts.change_user("u-2", role=Role.OPERATOR, disabled_at=NOW)
    assert disabled == replace(BOB, disabled_at=NOW) == accounts.user("u-2")
    assert accounts.session("of-u-2") is None
    assert accounts.token("token-u-2") is None
    assert accounts.session("of-u-1") is not None
    assert accounts.token("token-u-1") is not None
    assert accounts.change_user("u-2", role=Role.VIEWER, disabled_at=None) == replace(BOB, role=Role.VIEWER)


@pytest.mark.parametrize(("role", "disabled_at"), [(Role.VIEWER, None), (Role.ADMINISTRATOR, NOW)])
def test_the_last_administrator_stays(accounts: Accounts, role: Role, disabled_at: datetime | None) -> None:
    _with_bob(accounts)
    with pytest.raises(LastAdministrator):
        accounts.change_user("u-1", role=role, disabled_at=disabled_at)
    assert accounts.user("u-1") == ANN
    accounts.change_user("u-2", role=Role.ADMINISTRATOR, disabled_at=NOW)
    with pytest.raises(LastAdministrator):  # a disabled one helps nobody
        accounts.change_user("u-1", role=role, disabled_at=disabled_at)
    accounts.change_user("u-2", role=Role.ADMINISTRATOR, disabled_at=None)
    assert accounts.change_user("u-1", role=role, disabled_at=disabled_at) is not None


def test_two_administrators_cannot_remove_each_other(accounts: Accounts) -> None:
    _with_bob(accounts).change_user("u-2", role=Role.ADMINISTRATOR, disabled_at=None)
    together = Barrier(2)

    def disable(user_id: str) -> bool:
        together.wait()
        try:
            return accounts.change_user(user_id, role=Role.ADMINISTRATOR, disabled_at=NOW) is not None
        except LastAdministrator:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, ("u-1", "u-2"))) == [False, True]
