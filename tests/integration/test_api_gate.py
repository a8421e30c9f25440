"""What every request passes: nothing is readable without signing in, and other sites' pages get nowhere."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIWebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from custos.model.live import CameraState
from custos.server.app import Limits
from custos.server.gate import PUBLIC, SECURITY_HEADERS
from custos.server.live import events as live_events
from custos.server.live import video as live_video
from custos.testing.cameras import START
from custos.testing.serving import PATIENCE_S, Served, serving

MIB = 1 << 20


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("site")
    assets = folder / "console" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-1a2b3c.js").write_text("console.log('custos')")
    (folder / "console" / "index.html").write_text("<!doctype html><title>Custos</title>")
    (folder / "secret.txt").write_text("not for the world")
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


def test_no_route_of_the_document_answers_without_signing_in(served: Served, ada: httpx.Client) -> None:
    nobody = served.client()
    walked = 0
    for path, methods in ada.get("/api/v1/openapi.json").json()["paths"].items():
        for method in methods:
            if (method.upper(), path) in PUBLIC:
                continue
            for camera in ("dock", "no-such-thing"):
                filled = path.replace("{camera_id}", camera)
                answer = nobody.request(method, filled, json={"name": "x"})
                assert answer.status_code == 401, f"{method} {path}"
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["www-authenticate"].startswith("Bearer")
            walked += 1
    assert walked >= 20


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/openapi.json",
        "/api/v1/no-such",
        "/api/v2/site",
        "/api//v1/site",
    ],
)
def test_no_address_of_the_api_answers_without_signing_in_route_or_no_route(served: Served, path: str) -> None:
    assert served.client().get(path).status_code == 401


def test_what_is_public_says_nothing_of_the_site(served: Served) -> None:
    nobody = served.client()
    assert nobody.get("/api/v1/health").json() == {"status": "ok"}
    assert set(nobody.get("/api/v1/setup").json()) == {"needed"}


def live_paths() -> list[str]:
    routes = [*live_events.router.routes, *live_video.router.routes]
    return [r.path.replace("{camera_id}", "dock") for r in routes if isinstance(r, APIWebSocketRoute)]


@pytest.mark.parametrize("path", [*live_paths(), "/no-such/live"])
def test_no_websocket_speaks_to_who_has_not_signed_in(served: Served, path: str) -> None:
    with connect(f"{served.ws_url}/api/v1{path}") as socket_, pytest.raises(ConnectionClosed) as closed:
        socket_.recv(timeout=PATIENCE_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_there_are_the_two_websockets() -> None:
    assert sorted(live_paths()) == ["/cameras/dock/live", "/events/live"]


@pytest.mark.parametrize("path", ["/", "/incidents/inc-1", "/setup?token=x", "/assets/index-1a2b3c.js", "/api/v1/site"])
def test_every_answer_carries_the_security_headers(served: Served, path: str) -> None:
    headers = served.client().get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize(
    ("path", "status", "cache"),
    [
        ("/", 200, "no-cache"),
        ("/incidents/inc-1", 200, "no-cache"),
        ("/" + "a" * 300, 200, "no-cache"),
        ("/assets/" + "a" * 300, 404, "no-store"),
        ("/assets/index-1a2b3c.js", 200, "public, max-age=31536000, immutable"),
        ("/assets/index-old.js", 404, "no-store"),
        ("/api/v1/health", 200, "no-store"),
    ],
)
def test_caches_are_told_what_to_keep(served: Served, path: str, status: int, cache: str) -> None:
    answer = served.client().get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, cache)


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/a%00b"]
)
def test_the_console_gives_no_file_outside_its_folder(served: Served, path: str) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"not for the world" not in answer
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 404"))


def test_without_a_built_console_a_page_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        answer = served.client().get("/")
    assert answer.status_code == 503
    assert "make run" in answer.text


def test_the_console_only_reads(served: Served) -> None:
    answer = served.client().post("/", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert served.client().head("/").status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8420", 200),
        ("LOCALHOST", 200),
        ("[::1]:8420", 200),
        ("cctv.example", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("", 421),
    ],
)
def test_only_our_own_names_are_answered(served: Served, host: str, status: int) -> None:
    for path in ("/api/v1/health", "/"):
        assert served.client().get(path, headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"Origin": "{own}"}, 404),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 404),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_changes_asked_for_by_another_sites_page_are_refused(
    served: Served, ada: httpx.Client, headers: dict[str, str], status: int
) -> None:
    filled = {name: value.format(own=served.url) for name, value in headers.items()}
    assert ada.delete("/api/v1/cameras/no-such", headers=filled).status_code == status
    assert ada.get("/api/v1/site", headers=filled).status_code == 200


@pytest.mark.parametrize("path", live_paths())
def test_websockets_of_another_sites_page_are_refused(served: Served, ada: httpx.Client, path: str) -> None:
    url, cookie = f"{served.ws_url}/api/v1{path}", {"Cookie": f"custos={ada.cookies['custos']}"}
    foreign = Origin("https://evil.example")
    with pytest.raises(InvalidStatus) as refused, connect(url, origin=foreign, additional_headers=cookie):
        pass
    assert refused.value.response.status_code == 403
    with connect(url, origin=Origin(served.url), additional_headers=cookie):
        pass


def test_bodies_end_at_one_mebibyte(served: Served, ada: httpx.Client) -> None:
    json_type = {"Content-Type": "application/json"}
    too_large = ada.post("/api/v1/tokens", content=b" " * (MIB + 1), headers=json_type)
    assert too_large.status_code == 413
    chunks = (b" " * 65536 for _ in range(17))
    assert ada.post("/api/v1/tokens", content=chunks, headers=json_type).status_code == 413
    padded = json.dumps({"name": "padded"}).encode().ljust(MIB)
    assert ada.post("/api/v1/tokens", content=padded, headers=json_type).status_code == 201


@pytest.mark.parametrize(
    ("content", "content_type", "status", "pointer"),
    [
        (b"{", "application/json", 422, ""),
        (b"\xff", "application/json", 400, None),
        (b"[]", "application/json", 422, ""),
        (b'{"name": "\\ud800"}', "application/json", 422, "/name"),
        (b'{"name": "a\\u0000b"}', "application/json", 422, "/name"),
        (b'{"name": "a", "\\ud800": 1}', "application/json", 422, ""),
        (b'{"name": "a", "expires_in_days": 1e400}', "application/json", 422, "/expires_in_days"),
        (b'{"name": "a", "expires_in_days": NaN}', "application/json", 422, "/expires_in_days"),
        (b"[" * 100_000, "application/json", 400, None),
        (b"name=a", "application/x-www-form-urlencoded", 415, None),
        (b'{"name": "a"}', "text/plain", 415, None),
    ],
)
def test_malformed_bodies_get_a_problem(
    ada: httpx.Client, content: bytes, content_type: str, status: int, pointer: str | None
) -> None:
    answer = ada.post("/api/v1/tokens", content=content, headers={"Content-Type": content_type})
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert [e["pointer"] for e in told.get("errors", [])] == ([] if pointer is None else [pointer])


def test_a_password_is_never_said_back(served: Served) -> None:
    told = {"name": "Ada", "password": ["hunter2hunter2"]}
    assert "hunter2" not in served.client().post("/api/v1/session", json=told).text


def test_methods_that_are_not_there(ada: httpx.Client) -> None:
    answer = ada.patch("/api/v1/cameras")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert "GET" in answer.headers["allow"]


def test_the_unexpected_is_a_problem_with_an_id_and_nothing_of_the_inside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path) as served:
        served.cameras.states_told["dock"] = CameraState("dock", "no state there is", START, reason="very inside")
        answer = served.sign_in().get("/api/v1/cameras/dock")
    assert answer.status_code == 500
    failure_id = answer.json()["instance"].rpartition(":")[2]
    assert failure_id in caplog.text
    assert "very inside" not in answer.text
    assert "Traceback" not in answer.text


def test_everybody_has_an_allowance(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(requests_per_s=0.001, burst=5)) as served:
        served.clock.hold()
        nobody = served.client()
        statuses = [nobody.get("/api/v1/health").status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert int(nobody.get("/api/v1/health").headers["Retry-After"]) > 900
