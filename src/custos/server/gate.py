"""What every request passes before a route sees it, outermost first; each is an ASGI app around an ASGI app.

Headers -> Failures -> Hosts -> Origins -> SignedIn -> BodyLimit -> routes
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from custos.server.deps import LOOPBACK_HOSTS, ServerDeps
from custos.server.doorkeeper import Doorkeeper, address_of
from custos.server.limits import Allowance
from custos.server.problems import Problem, unexpected

log = logging.getLogger(__name__)

API = "/api/"
CLOSE_NOT_SIGNED_IN = 4401
CLOSE_TRY_LATER = 1013
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC = frozenset(
    {
        ("GET", "/api/v1/health"),
        ("GET", "/api/v1/setup"),
        ("POST", "/api/v1/setup"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/invitation"),
        ("POST", "/api/v1/invitation/accept"),
    }
)
"""All that answers without signing in, besides the console's own files."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_api(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith(API) or path == API.rstrip("/")


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem; a WebSocket's handshake, which browsers show nothing of, with a bare 403."""
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        await send({"type": "websocket.close"})
    else:
        await problem.response()(scope, receive, send)


class SecurityHeaders:
    """Puts the security headers on every answer, and `no-store` on those of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                if is_api(scope):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Failures:
    """The request's edge: what nobody expected is logged under an id, and answered without its inside."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_and_know(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_know)
        except (ClientDisconnect, WebSocketDisconnect):
            return  # nobody is there to be answered
        except Exception:  # the edge of the request; unexpected() logs it
            problem = unexpected(f"{scope.get('method', 'WebSocket')} {scope['path']}")
            if not started:
                await refuse(problem, scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1011})
            else:
                raise  # half an answer is out: only closing the connection can tell of it


class Hosts:
    """Refuses names that are not ours: another site's name pointed at this address (DNS rebinding)."""

    def __init__(self, app: ASGIApp, deps: ServerDeps) -> None:
        self.app = app
        self._allowed = frozenset(h.lower() for h in (*LOOPBACK_HOSTS, *deps.allowed_hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _host_name(Headers(scope=scope).get("host", "")) in self._allowed:
            await self.app(scope, receive, send)
            return
        problem = Problem(421, "This server is not known by that name. Add the name to its allowed hosts.")
        await refuse(problem, scope, receive, send)


def _host_name(host: str) -> str:
    """The Host header without its port, lower case: "[::1]:8420" -> "[::1]"."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


class Origins:
    """Refuses changes and WebSockets that another site's page asks for (CSRF), besides strict cookies.

    Browsers always say their Origin there; programs say none and are let through.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not self._matters(scope) or self._is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        problem = Problem(403, "The request comes from a page of another site.", kind="foreign-origin")
        await refuse(problem, scope, receive, send)

    def _matters(self, scope: Scope) -> bool:
        return scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS

    def _is_ours(self, headers: Headers) -> bool:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        try:
            return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
        except ValueError:  # no address at all, as "http://["
            return False


class OnlySignedIn:
    """Nothing of the API answers to who is not signed in, route or no route, but for what is `PUBLIC`.

    Leaves the Principal in the request's state, and keeps everybody within the general allowance.
    """

    def __init__(self, app: ASGIApp, deps: ServerDeps, doorkeeper: Doorkeeper) -> None:
        self.app = app
        self._doorkeeper = doorkeeper
        self._clock = deps.clock
        self._allowance = Allowance(per_s=deps.limits.requests_per_s, burst=deps.limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and not is_api(scope)):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        principal = await run_in_threadpool(self._doorkeeper.principal, connection)
        who = f"user {principal.user_id}" if principal else f"address {address_of(connection)}"
        wait_s = self._allowance.wait_s(who, self._clock())
        public = scope["type"] == "http" and (scope["method"], scope["path"]) in PUBLIC
        if wait_s > 0:
            problem = Problem(429, "Too many requests. Wait, then try again.", retry_after_s=wait_s)
            await self._turn_away(problem, CLOSE_TRY_LATER, scope, receive, send)
        elif principal is None and not public:
            await self._turn_away(Problem(401, "Sign in first."), CLOSE_NOT_SIGNED_IN, scope, receive, send)
        else:
            scope.setdefault("state", {})["principal"] = principal
            await self.app(scope, receive, send)

    async def _turn_away(self, problem: Problem, code: int, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await problem.response()(scope, receive, send)
            return
        # A browser's script sees the close code only of a WebSocket that was accepted.
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": code, "reason": problem.detail})


JSON_TYPES = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() in JSON_TYPES


class BodyLimit:
    """Reads the whole body first, up to the limit and not for ever: no route takes more, or a stream."""

    TIME_LIMIT_S = 30.0

    def __init__(self, app: ASGIApp, deps: ServerDeps) -> None:
        self.app = app
        self._limit = deps.limits.body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await self._read(request)
            if body and not _is_json(request.headers.get("content-type", "")):
                raise Problem(415, "Send JSON, with the header Content-Type: application/json.")
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        given = False

        async def receive_body() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, receive_body, send)

    async def _read(self, request: Request) -> bytes:
        announced = request.headers.get("content-length", "0")
        too_large = Problem(413, f"A request's body may have {self._limit} bytes at most.")
        if announced.isdigit() and int(announced) > self._limit:
            raise too_large
        parts = bytearray()
        try:
            async with asyncio.timeout(self.TIME_LIMIT_S):
                async for part in request.stream():
                    parts += part
                    if len(parts) > self._limit:
                        raise too_large
        except TimeoutError as late:
            raise Problem(408, "The body did not arrive in time.") from late
        return bytes(parts)
