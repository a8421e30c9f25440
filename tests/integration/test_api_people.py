"""Users and invitations over HTTP: who may manage them, and what happens to whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from custos.model.account import Role
from custos.server.doorkeeper import INVITATION_LIFE
from custos.server.live import sockets
from custos.testing.serving import ADMINISTRATOR, PATIENCE_S, Served, serving

BOBS = "bob's own long password"
MANAGING = [
    ("GET", "/api/v1/users", None),
    ("PUT", "/api/v1/users/usr-1", {"role": "viewer", "enabled": True}),
    ("GET", "/api/v1/invitations", None),
    ("POST", "/api/v1/invitations", {"name": "Eve", "role": "administrator"}),
    ("DELETE", "/api/v1/invitations/inv-1", None),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


def invite(administrator: httpx.Client, name: str = "Bob", role: str = "operator") -> str:
    """The token of a fresh invitation."""
    answer = administrator.post("/api/v1/invitations", json={"name": name, "role": role})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def accept(served: Served, token: str, password: str = BOBS) -> httpx.Client:
    """The browser of somebody who has accepted."""
    client = served.client()
    client.post("/api/v1/invitation/accept", json={"token": token, "password": password}).raise_for_status()
    return client


def user_of(administrator: httpx.Client, name: str) -> dict[str, str]:
    [found] = [user for user in administrator.get("/api/v1/users").json()["items"] if user["name"] == name]
    assert isinstance(found, dict)
    return found


def change(administrator: httpx.Client, name: str, role: str, *, enabled: bool = True) -> httpx.Response:
    path = f"/api/v1/users/{user_of(administrator, name)['id']}"
    return administrator.put(path, json={"role": role, "enabled": enabled})


def test_at_first_there_is_the_administrator_alone(served: Served) -> None:
    administrator = served.sign_in()
    [ada] = administrator.get("/api/v1/users").json()["items"]
    assert (ada["name"], ada["role"], ada["disabled_at"]) == (ADMINISTRATOR, "administrator", None)
    assert administrator.get("/api/v1/invitations").json() == {"items": [], "next_cursor": None}


def test_from_the_invitation_to_work(served: Served) -> None:
    administrator = served.sign_in()
    token = invite(administrator)
    [waiting] = administrator.get("/api/v1/invitations").json()["items"]
    assert (waiting["name"], waiting["role"]) == ("Bob", "operator")
    assert token not in json.dumps(waiting)
    told = served.client().post("/api/v1/invitation", json={"token": token}).json()
    assert (told["name"], told["role"]) == ("Bob", "operator")
    bob = accept(served, token)
    assert bob.get("/api/v1/session").json()["user"]["role"] == "operator"
    assert administrator.get("/api/v1/invitations").json()["items"] == []
    signed_in = served.client().post("/api/v1/session", json={"name": "bob", "password": BOBS})
    assert signed_in.status_code == 200


def test_an_invitation_works_once(served: Served) -> None:
    token = invite(served.sign_in())
    accept(served, token)
    again = served.client().post("/api/v1/invitation/accept", json={"token": token, "password": BOBS})
    assert (again.status_code, again.json()["type"]) == (403, "urn:custos:problem:invitation-refused")


def test_an_invitation_expires(served: Served) -> None:
    token = invite(served.sign_in())
    served.clock.advance(INVITATION_LIFE)
    for path, more in (("/api/v1/invitation", {}), ("/api/v1/invitation/accept", {"password": BOBS})):
        assert served.client().post(path, json={"token": token} | more).status_code == 403


def test_a_newer_invitation_ends_the_one_before_and_a_withdrawn_one_is_none(served: Served) -> None:
    administrator = served.sign_in()
    old, new = invite(administrator), invite(administrator, role="viewer")
    assert served.client().post("/api/v1/invitation", json={"token": old}).status_code == 403
    [waiting] = administrator.get("/api/v1/invitations").json()["items"]
    assert administrator.delete(f"/api/v1/invitations/{waiting['id']}").status_code == 204
    assert administrator.delete(f"/api/v1/invitations/{waiting['id']}").status_code == 404
    assert served.client().post("/api/v1/invitation", json={"token": new}).status_code == 403


def test_a_weak_password_leaves_the_invitation_as_it_is(served: Served) -> None:
    token = invite(served.sign_in())
    weak = served.client().post("/api/v1/invitation/accept", json={"token": token, "password": "short"})
    assert (weak.status_code, weak.json()["errors"][0]["pointer"]) == (422, "/password")
    accept(served, token)


def test_nobody_is_invited_under_a_name_that_is_taken(served: Served) -> None:
    answer = served.sign_in().post("/api/v1/invitations", json={"name": ADMINISTRATOR.upper(), "role": "viewer"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:custos:problem:name-taken")


@pytest.mark.parametrize("role", ["device", "owner", ""])
def test_there_are_three_roles_for_people(served: Served, role: str) -> None:
    assert served.sign_in().post("/api/v1/invitations", json={"name": "Eve", "role": role}).status_code == 422


def test_a_role_counts_from_the_next_request_on(served: Served) -> None:
    administrator = served.sign_in()
    bob = accept(served, invite(administrator, role="viewer"))
    assert bob.get("/api/v1/users").status_code == 403
    assert change(administrator, "Bob", "administrator").json()["role"] == "administrator"
    assert bob.get("/api/v1/users").status_code == 200


def test_who_is_disabled_is_out_at_once_and_comes_back_when_enabled(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "BEAT_S", 10 * PATIENCE_S)
    administrator = served.sign_in()
    bob = accept(served, invite(administrator))
    secret = bob.post("/api/v1/tokens", json={"name": "script"}).json()["secret"]
    program = served.client(Authorization=f"Bearer {secret}")
    cookie = "; ".join(f"{name}={value}" for name, value in bob.cookies.items())
    with connect(f"{served.ws_url}/api/v1/events/live", additional_headers={"Cookie": cookie}) as listening:
        assert change(administrator, "Bob", "operator", enabled=False).json()["disabled_at"] is not None
        assert bob.get("/api/v1/site").status_code == 401
        assert program.get("/api/v1/site").status_code == 401
        with pytest.raises(ConnectionClosed) as ended:
            listening.recv(timeout=PATIENCE_S)  # long before the next beat
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == 4401
    refused = served.client().post("/api/v1/session", json={"name": "Bob", "password": BOBS})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:custos:problem:disabled")
    wrong = served.client().post("/api/v1/session", json={"name": "Bob", "password": "not the password"})
    assert wrong.status_code == 401  # who does not know the password learns nothing
    assert change(administrator, "Bob", "operator").json()["disabled_at"] is None
    assert bob.get("/api/v1/site").status_code == 401  # the old session stays ended
    assert served.client().post("/api/v1/session", json={"name": "Bob", "password": BOBS}).status_code == 200


def test_the_last_administrator_cannot_be_removed(served: Served) -> None:
    administrator = served.sign_in()
    for role, enabled in (("operator", True), ("administrator", False)):
        refused = change(administrator, ADMINISTRATOR, role, enabled=enabled)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:custos:problem:last-administrator")
    accept(served, invite(administrator, role="administrator"))
    assert change(administrator, ADMINISTRATOR, "viewer").status_code == 200
    assert administrator.get("/api/v1/users").status_code == 403


def test_there_is_no_such_user(served: Served) -> None:
    administrator = served.sign_in()
    for user_id in ("usr-nobody", "%00"):
        answer = administrator.put(f"/api/v1/users/{user_id}", json={"role": "viewer", "enabled": True})
        assert answer.status_code == 404
    assert administrator.delete("/api/v1/invitations/%00").status_code == 404


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
@pytest.mark.parametrize(("method", "path", "body"), MANAGING)
def test_only_administrators_manage(
    served: Served, role: Role, method: str, path: str, body: dict[str, object] | None
) -> None:
    assert served.acting_as(role).request(method, path, json=body).status_code == 403
    assert served.client().request(method, path, json=body).status_code == 401


@pytest.mark.parametrize(("method", "path", "body"), [one for one in MANAGING if one[0] != "GET"])
def test_a_token_changes_nobody(served: Served, method: str, path: str, body: dict[str, object] | None) -> None:
    """A program with an administrator's token must not make itself users who outlive the token."""
    answer = served.acting_as(Role.ADMINISTRATOR).request(method, path, json=body)
    assert (answer.status_code, "signed-in browser session" in answer.text) == (403, True)


def test_guessing_invitations_is_slowed_down(served: Served) -> None:
    served.clock.hold()
    codes = [served.client().post("/api/v1/invitation", json={"token": f"guess-{n}"}).status_code for n in range(12)]
    assert codes[0] == 403
    assert codes[-1] == 429
    served.clock.advance(timedelta(hours=1))
    assert served.client().post("/api/v1/invitation", json={"token": "guess"}).status_code == 403
