"""The console's files: hashed assets for ever, index.html for every other address, which it routes itself."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from custos.server.gate import is_api
from custos.server.problems import Problem

FOR_EVER = "public, max-age=31536000, immutable"
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Custos</title>
<h1>The console is not built</h1>
<p>Run <code>make run</code> once, or use the API at <code>/api/v1</code>.</p></html>
"""
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


class Console:
    """Answers what is asked outside the API from the built console's folder. Public: it holds no data."""

    def __init__(self, app: ASGIApp, static_dir: Path) -> None:
        self.app = app
        self._root = static_dir.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_api(scope):
            await self.app(scope, receive, send)
            return
        response = await run_in_threadpool(self._answer, Request(scope))
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            problem = Problem(405, f"{request.method} cannot be used here.").response()
            problem.headers["Allow"] = "GET, HEAD"
            return problem
        path = request.url.path.lstrip("/")
        found = self._find(path)
        if found is not None:
            return self._file(found, FOR_EVER if path.startswith("assets/") else "no-cache")
        if path.startswith("assets/"):
            return Problem(404, "There is nothing at this address.").response()
        index = self._find("index.html")
        if index is None:
            return HTMLResponse(NOT_BUILT, status_code=503)
        return self._file(index, "no-cache")

    def _find(self, path: str) -> Path | None:
        """The file of this path, if it lies inside the folder."""
        if not path:
            return None
        try:
            candidate = (self._root / path).resolve()
            return candidate if candidate.is_relative_to(self._root) and candidate.is_file() else None
        except (OSError, ValueError):  # what no file can be called: too long a name, a NUL in it
            return None

    def _file(self, path: Path, cache: str) -> Response:
        media_type = MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        return FileResponse(path, media_type=media_type or "application/octet-stream", headers={"Cache-Control": cache})
