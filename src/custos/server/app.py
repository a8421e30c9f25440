"""The HTTP side of Custos: `create_app(deps=ServerDeps(...)) -> FastAPI`."""

from __future__ import annotations

from functools import cache
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from custos.model.errors import CustosError
from custos.server import problems
from custos.server.console import Console
from custos.server.deps import ServerDeps
from custos.server.doorkeeper import Doorkeeper
from custos.server.gate import BodyLimit, Failures, Hosts, OnlySignedIn, Origins, SecurityHeaders
from custos.server.limits import Limits
from custos.server.live import events as live_events
from custos.server.live import video as live_video
from custos.server.openapi import document
from custos.server.routes import (
    cameras,
    context,
    counts,
    devices,
    events,
    incidents,
    people,
    plan,
    premises,
    rules,
    signin,
    tills,
)
from custos.server.wiring import Seats, Wiring

__all__ = ["Limits", "ServerDeps", "api_document", "create_app", "server_config"]

BASE = "/api/v1"
OPENAPI_PATH = f"{BASE}/openapi.json"
DESCRIPTION = "Everything needs a session cookie or `Authorization: Bearer cst_...`, but for sign-in itself."
WS_MESSAGE_BYTES = 64 << 10
"""Clients have nothing long to say."""


def create_app(*, deps: ServerDeps) -> FastAPI:
    """The whole server as an ASGI app."""
    app = _with_routes(deps.version)
    doorkeeper = Doorkeeper(deps)
    app.state.wiring = Wiring(deps, doorkeeper, Seats(deps.limits.live_sockets), started_at=deps.clock())
    _add_handlers(app)
    # The last added is the outermost.
    app.add_middleware(Console, static_dir=deps.static_dir)
    app.add_middleware(BodyLimit, deps=deps)
    app.add_middleware(OnlySignedIn, deps=deps, doorkeeper=doorkeeper)
    app.add_middleware(Origins)
    app.add_middleware(Hosts, deps=deps)
    app.add_middleware(Failures)
    app.add_middleware(SecurityHeaders)
    return app


def api_document(version: str) -> dict[str, Any]:
    """OpenAPI 3.1 of this program's API, without a server: docs/openapi.json, and what the console's types are of."""
    return _with_routes(version).openapi()


def _with_routes(version: str) -> FastAPI:
    app = FastAPI(
        title="Custos",
        version=version,
        description=DESCRIPTION,
        openapi_url=None,
        redirect_slashes=False,
        routes=list(_routes()),
        # A site's traffic is told to nobody, whatever the environment asks of OpenTelemetry.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )

    def told() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = told  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def server_config(app: FastAPI, *, host: str, port: int) -> uvicorn.Config:
    """How uvicorn is to run it: nothing said of itself, no access log (addresses may hold set-up tokens)."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_config=None,
        ws_max_size=WS_MESSAGE_BYTES,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        h11_max_incomplete_event_size=64 << 10,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        # A TLS proxy on this machine may say that the browser came by https, and from where.
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
    )


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Every address. They are the same for every server of a process, and FastAPI is slow to read their signatures."""
    api = APIRouter()
    # The live addresses come first: /events/live must not be read as an event called "live".
    for router in (live_events.router, live_video.router):
        api.include_router(router)
    routers = (signin, people, cameras, counts, events, incidents, context, devices, premises, rules, tills, plan)
    for router in (module.router for module in routers):
        api.include_router(router)

    @api.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    whole = APIRouter(redirect_slashes=False)
    whole.include_router(api, prefix=BASE)
    return tuple(whole.routes)


def _add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(problems.Problem, problems.on_problem)
    app.add_exception_handler(RequestValidationError, problems.on_invalid)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(CustosError, problems.on_custos_error)
