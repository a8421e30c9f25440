"""Every error has one shape: RFC 9457, `application/problem+json`."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from custos.model.errors import CustosError, UsageError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "urn:custos:problem:"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request. `pointer`: RFC 6901, into the body, or "/" and a parameter's name."""

    pointer: str
    detail: str


class Problem(Exception):
    """A request that ends with an error.

    Args:
        status: HTTP status code.
        detail: for a person; never a secret, never the inside of the program.
        kind: the last part of the `type` URN; by default the status' own name ("not-found").
        faults: what is wrong with which field.
        retry_after_s: when it is worth trying again.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        faults: Sequence[Fault] = (),
        retry_after_s: float | None = None,
        instance: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = HTTPStatus(status).phrase
        self.detail = detail
        self.kind = kind or self.title.lower().replace(" ", "-")
        self.faults = tuple(faults)
        self.retry_after_s = retry_after_s
        self.instance = instance

    def response(self) -> Response:
        """The answer that tells of it."""
        told: dict[str, object] = {
            "type": TYPE_BASE + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.instance:
            told["instance"] = self.instance
        if self.faults:
            told["errors"] = [{"pointer": f.pointer, "detail": f.detail} for f in self.faults]
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, ceil(self.retry_after_s)))
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="custos"'
        # ASCII only: what a request said may hold lone surrogates, which UTF-8 cannot carry.
        return Response(json.dumps(told), self.status, headers, MEDIA_TYPE)


def not_found(what: str) -> Problem:
    """Unknown and forbidden look the same."""
    return Problem(404, f"There is no such {what}.")


def invalid(faults: Sequence[Fault]) -> Problem:
    """422: the request was understood, and makes no sense."""
    return Problem(422, "The request has fields that cannot be used.", kind="invalid", faults=faults)


def unexpected(where: str) -> Problem:
    """500, logged with an id under which it can be found; call it while handling the exception."""
    failure_id = secrets.token_hex(6)
    log.exception("failure %s in %s", failure_id, where)
    return Problem(
        500,
        f"Something failed inside Custos. The log has more, under {failure_id}.",
        instance=f"urn:custos:failure:{failure_id}",
    )


def pointer_of(parts: Sequence[str | int]) -> str:
    """RFC 6901 pointer of a path of names and indices; "" is the whole."""
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in parts)


async def on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def on_invalid(request: Request, error: Exception) -> Response:
    """What Pydantic found: pointers instead of its `loc`, and never the input, which may be a secret."""
    assert isinstance(error, RequestValidationError)
    faults = []
    for found in error.errors():
        place = list(found["loc"][1:])
        if found["type"] == "json_invalid":
            faults.append(Fault("", f"not JSON: {found['ctx']['error']}, at character {place[0]}"))
        else:
            faults.append(Fault(pointer_of(place), str(found["msg"])))
    return invalid(faults).response()


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the router itself refuses: 404, 405, and bodies it cannot read."""
    assert isinstance(error, HTTPException)
    details = {
        404: "There is nothing at this address.",
        405: f"{request.method} cannot be used here.",
        400: "The body cannot be read.",
    }
    response = Problem(error.status_code, details.get(error.status_code, error.detail)).response()
    if error.headers and "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


async def on_custos_error(request: Request, error: Exception) -> Response:
    """An error of ours that a person can act on; the place it names may be a path, so it stays in the log."""
    assert isinstance(error, CustosError)
    told = f"{error.what} {error.remedy}".strip()
    if isinstance(error, UsageError):
        return invalid([Fault("", told)]).response()
    log.error("%s %s: %s", request.method, request.url.path, error)
    return Problem(500, told).response()
