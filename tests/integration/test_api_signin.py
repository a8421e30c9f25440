"""Sign-in from the first day: set-up link, sessions, passwords, API tokens, waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event

from custos.server.app import Limits, create_app
from custos.server.doorkeeper import ABSOLUTE_LIMIT, IDLE_LIMIT
from custos.testing.serving import ADMINISTRATOR, PASSWORD, PATIENCE_S, Served, serving

SIGN_IN = {"name": ADMINISTRATOR, "password": PASSWORD}
SETUP, SESSION, TOKENS = "/api/v1/setup", "/api/v1/session", "/api/v1/tokens"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """A server nobody has signed in to yet."""
    with serving(tmp_path) as served:
        yield served


def status(client: httpx.Client, path: str = SESSION) -> int:
    return client.get(path).status_code


def test_the_first_administrator_comes_by_a_link_that_works_once(fresh: Served) -> None:
    client = fresh.client()
    assert client.get(SETUP).json() == {"needed": True}
    token = fresh.setup_token()
    created = client.post(SETUP, json={"token": token, **SIGN_IN})
    assert created.status_code == 201
    assert created.json()["user"]["role"] == "administrator"
    assert client.get(SESSION).json() == created.json()
    assert client.get(SETUP).json() == {"needed": False}
    again = fresh.client().post(SETUP, json={"token": token, "name": "Eve", "password": PASSWORD})
    assert again.status_code == 403
    assert fresh.client().post(SESSION, json={"name": "Eve", "password": PASSWORD}).status_code == 401


def test_a_newer_link_ends_the_older_and_a_day_ends_both(fresh: Served) -> None:
    first, second = fresh.setup_token(), fresh.setup_token()
    client = fresh.client()
    assert client.post(SETUP, json={"token": first, **SIGN_IN}).status_code == 403
    fresh.clock.advance(timedelta(hours=24, seconds=1))
    assert client.post(SETUP, json={"token": second, **SIGN_IN}).status_code == 403
    assert client.post(SETUP, json={"token": fresh.setup_token(), **SIGN_IN}).status_code == 201


def test_two_with_the_same_link_at_once_make_one_administrator(fresh: Served) -> None:
    token = fresh.setup_token()

    def create(name: str) -> int:
        told = {"token": token, "name": name, "password": PASSWORD}
        return fresh.client().post(SETUP, json=told).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, ["Ada", "Eve"])) == [201, 403]


def test_a_weak_password_says_so_and_leaves_the_link_alive(fresh: Served) -> None:
    token = fresh.setup_token()
    weak = fresh.client().post(SETUP, json={"token": token, "name": "Ada", "password": "short"})
    assert weak.status_code == 422
    assert weak.json()["errors"][0]["pointer"] == "/password"
    assert fresh.client().post(SETUP, json={"token": token, **SIGN_IN}).status_code == 201


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(fresh: Served) -> None:
    cookie = fresh.client().post(SETUP, json={"token": fresh.setup_token(), **SIGN_IN}).headers["set-cookie"]
    assert cookie.startswith("custos=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    secret = cookie.split("=")[1].split(";")[0]
    assert secret not in repr(fresh.accounts.session(secret))


def test_over_https_the_cookie_never_leaves_that_channel_or_host(fresh: Served) -> None:
    async def sign_in() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(deps=fresh.deps))
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
            answer = await client.post(SETUP, json={"token": fresh.setup_token(), **SIGN_IN})
            assert (await client.get(SESSION)).status_code == 200
            secret = client.cookies["__Host-custos"]
            client.cookies.clear()
            assert (await client.get(SESSION, headers={"Cookie": f"custos={secret}"})).status_code == 401
            return answer

    parts = {part.strip() for part in asyncio.run(sign_in()).headers["set-cookie"].split(";")}
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Secure"} <= parts
    assert any(part.startswith("__Host-custos=") for part in parts)


def test_names_are_compared_without_case_and_the_wrong_name_or_password_look_the_same(fresh: Served) -> None:
    fresh.sign_in()
    client = fresh.client()
    assert client.post(SESSION, json={**SIGN_IN, "name": "ADA LOVELACE"}).status_code == 200
    refusals = [
        client.post(SESSION, json={"name": name, "password": "not the password"}) for name in (ADMINISTRATOR, "Eve")
    ]
    assert [r.status_code for r in refusals] == [401, 401]
    assert refusals[0].json() == refusals[1].json()


def test_signing_out_ends_this_session_only(fresh: Served) -> None:
    one, two = fresh.sign_in(), fresh.sign_in()
    stolen = dict(one.cookies)
    assert one.delete(SESSION).status_code == 204
    assert not one.cookies
    assert httpx.get(f"{fresh.url}{SESSION}", cookies=stolen, timeout=PATIENCE_S).status_code == 401
    assert status(two) == 200


def test_a_session_ends_when_idle_and_at_last_anyway(fresh: Served) -> None:
    idle = fresh.sign_in()
    fresh.clock.advance(IDLE_LIMIT)
    assert status(idle) == 401
    busy = fresh.sign_in()
    for _ in range(int(ABSOLUTE_LIMIT / IDLE_LIMIT * 2) - 1):
        fresh.clock.advance(IDLE_LIMIT / 2)
        assert status(busy) == 200
    fresh.clock.advance(IDLE_LIMIT / 2)
    assert status(busy) == 401


def test_a_new_password_ends_the_other_sessions_and_the_tokens(fresh: Served) -> None:
    one, two = fresh.sign_in(), fresh.sign_in()
    path = f"{SESSION}/password"
    program = fresh.client(Authorization=f"Bearer {one.post(TOKENS, json={'name': 'backup'}).json()['secret']}")
    assert status(program) == 200
    assert one.post(path, json={"current": "wrong", "new": "a new long password"}).status_code == 403
    weak = one.post(path, json={"current": PASSWORD, "new": "short"})
    assert (weak.status_code, weak.json()["errors"][0]["pointer"]) == (422, "/new")
    assert one.post(path, json={"current": PASSWORD, "new": "a new long password"}).status_code == 204
    assert (status(one), status(two), status(program)) == (200, 401, 401)
    client = fresh.client()
    assert client.post(SESSION, json=SIGN_IN).status_code == 401
    assert client.post(SESSION, json={**SIGN_IN, "password": "a new long password"}).status_code == 200


def test_api_tokens_are_told_once_used_and_ended(fresh: Served) -> None:
    browser = fresh.sign_in()
    made = browser.post(TOKENS, json={"name": "backup", "expires_in_days": 1})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("cst_")
    program = fresh.client(Authorization=f"Bearer {secret}")
    assert status(program, "/api/v1/site") == 200
    [listed] = browser.get(TOKENS).json()["items"]
    assert "secret" not in listed
    assert listed["last_used_at"] is not None
    assert program.get(SESSION).json()["expires_at"] == listed["expires_at"]
    fresh.clock.advance(timedelta(days=1))
    assert status(program) == 401
    browser = fresh.sign_in()
    assert browser.delete(f"{TOKENS}/{listed['id']}").status_code == 204
    assert browser.delete(f"{TOKENS}/{listed['id']}").status_code == 404


def test_a_disk_that_cannot_be_written_keeps_nobody_from_looking(
    fresh: Served, caplog: pytest.LogCaptureFixture
) -> None:
    browser = fresh.sign_in()
    secret = browser.post(TOKENS, json={"name": "backup"}).json()["secret"]
    program = fresh.client(Authorization=f"Bearer {secret}")

    def only_read(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only=ON").close()

    event.listen(fresh.store.database.writer, "checkout", only_read)
    fresh.clock.advance(timedelta(minutes=2))
    assert (status(browser), status(program)) == (200, 200)
    assert [r.getMessage().partition(" cannot be noted")[1] for r in caplog.records] == [" cannot be noted"] * 2
    assert secret not in caplog.text


def test_a_token_cannot_make_itself_a_way_to_stay(fresh: Served) -> None:
    secret = fresh.sign_in().post(TOKENS, json={"name": "backup"}).json()["secret"]
    program = fresh.client(Authorization=f"Bearer {secret}")
    assert program.post(TOKENS, json={"name": "another"}).status_code == 403
    assert program.delete(SESSION).status_code == 403
    told = {"current": PASSWORD, "new": "a new long password"}
    assert program.post(f"{SESSION}/password", json=told).status_code == 403
    assert status(program) == 200


@pytest.mark.parametrize("authorization", ["Bearer cst_wrong", "Bearer", "Basic YTpi", "cst_wrong", "Bearer wrong"])
def test_a_wrong_token_is_refused_even_beside_a_good_cookie(fresh: Served, authorization: str) -> None:
    client = fresh.sign_in()
    assert client.get(SESSION, headers={"Authorization": authorization}).status_code == 401


def test_guessing_passwords_takes_longer_and_longer(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(free_attempts=3)) as served:
        served.clock.hold()
        served.sign_in()
        client = served.client()
        wrong = {**SIGN_IN, "password": "not the password"}
        assert [client.post(SESSION, json=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
        waiting = client.post(SESSION, json=SIGN_IN)
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "1")
        served.clock.advance(timedelta(seconds=1))
        assert client.post(SESSION, json=wrong).status_code == 401
        assert client.post(SESSION, json=SIGN_IN).headers["Retry-After"] == "2"
        served.clock.advance(timedelta(seconds=2))
        assert client.post(SESSION, json=SIGN_IN).status_code == 200


def test_guessing_set_up_tokens_takes_longer_too(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(free_attempts=2)) as served:
        served.clock.hold()
        token = served.setup_token()
        client = served.client()
        wrong = {"token": "guess", **SIGN_IN}
        assert [client.post(SETUP, json=wrong).status_code for _ in range(3)] == [403, 403, 429]
        assert client.post(SETUP, json={"token": token, **SIGN_IN}).status_code == 429


def test_many_guesses_at_once_are_not_all_free(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(free_attempts=3)) as served:
        served.clock.hold()
        served.sign_in()
        wrong = {**SIGN_IN, "password": "not the password"}

        def guess(_: int) -> int:
            return served.client().post(SESSION, json=wrong).status_code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(guess, range(12))) == [401] * 3 + [429] * 9
