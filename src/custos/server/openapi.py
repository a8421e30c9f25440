"""The OpenAPI document: every status a route may answer with, and problems in their own media type."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from custos.server.gate import PUBLIC
from custos.server.problems import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]
"""FastAPI's own shape for `responses=`."""

_PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
_MEANINGS = {
    400: "The body cannot be read.",
    401: "Not signed in.",
    403: "This principal may not do that, or the request comes from another site's page.",
    404: "There is none, or none that this principal may see.",
    405: "Not with this method.",
    408: "The body did not arrive in time.",
    409: "It has changed in the meantime, or its state does not allow this.",
    412: "It is not at the version that If-Match names.",
    413: "The body is too large.",
    415: "The body is not JSON, or not said to be.",
    421: "This server is not known by that name.",
    422: "Something in the request cannot be used; `errors` says what.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    500: "Something failed inside Custos.",
    503: "Not now.",
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `type` names the kind of problem; `errors` point into the request.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
EVERYWHERE = (400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 429, 500)
"""What any route may answer with."""


def problems(*statuses: int) -> Responses:
    """For `responses=` of a route: these, as problems."""
    return {
        status: {"description": _MEANINGS[status], "content": {MEDIA_TYPE: {"schema": _PROBLEM_REF}}}
        for status in statuses
    }


def jpeg(description: str) -> Responses:
    """For `responses=` of a route that answers with a picture."""
    return {
        200: {
            "description": description,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    }


def document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, with the Problem schema and with how to sign in."""
    told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = told["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    told["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "custos"},
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, cst_..."},
    }
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            public = (method.upper(), path) in PUBLIC
            operation["security"] = [] if public else [{"session": []}, {"token": []}]
    return told
