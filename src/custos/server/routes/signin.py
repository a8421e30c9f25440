"""Set-up, sessions and API tokens."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from custos.server.doorkeeper import SignedIn, address_of, cookie_name, is_https
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import not_found
from custos.server.shapes.account import (
    Health,
    IssuedTokenTold,
    PasswordAsked,
    SessionTold,
    SetupAsked,
    SetupNeed,
    SignInAsked,
    TokenAsked,
    TokenTold,
    UserTold,
)
from custos.server.shapes.base import Page
from custos.server.wiring import Asker, Wired

router = APIRouter(tags=["sign-in"], responses=problems(*EVERYWHERE))


@router.get("/health")
async def health() -> Health:
    """Whether the server answers."""
    return Health()


@router.get("/setup")
def setup_need(wiring: Wired) -> SetupNeed:
    """Whether the first administrator is still to be created."""
    return SetupNeed(needed=not wiring.deps.accounts.has_users())


@router.post("/setup", status_code=201)
async def create_administrator(asked: SetupAsked, request: Request, response: Response, wiring: Wired) -> SessionTold:
    """Create the administrator, with the token of the one-time link, and sign in."""
    signed_in = await wiring.doorkeeper.create_administrator(
        asked.token, asked.name, asked.password, address_of(request)
    )
    return welcome(signed_in, request, response)


@router.post("/session")
async def sign_in(asked: SignInAsked, request: Request, response: Response, wiring: Wired) -> SessionTold:
    """Sign in; the session is in the cookie."""
    signed_in = await wiring.doorkeeper.sign_in(asked.name, asked.password, address_of(request))
    return welcome(signed_in, request, response)


def welcome(signed_in: SignedIn, request: Request, response: Response) -> SessionTold:
    """Give the browser its cookie, and tell whose it is."""
    response.set_cookie(
        cookie_name(request),
        signed_in.cookie,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="strict",
        expires=signed_in.session.expires_at,
    )
    return SessionTold(user=UserTold.of(signed_in.user), expires_at=signed_in.session.expires_at)


@router.get("/session")
async def session(principal: Asker) -> SessionTold:
    """Who is signed in."""
    user = UserTold(id=principal.user_id, name=principal.name, role=principal.role)
    return SessionTold(user=user, expires_at=principal.expires_at)


@router.delete("/session", status_code=204)
def sign_out(principal: Asker, request: Request, wiring: Wired) -> Response:
    """End this session."""
    wiring.doorkeeper.sign_out(principal)
    response = Response(status_code=204)
    response.delete_cookie(cookie_name(request), path="/", secure=is_https(request), httponly=True, samesite="strict")
    return response


@router.post("/session/password", status_code=204)
async def change_password(asked: PasswordAsked, principal: Asker, request: Request, wiring: Wired) -> Response:
    """Change one's password; one's other sessions and API tokens end."""
    await wiring.doorkeeper.change_password(principal, asked.current, asked.new, address_of(request))
    return Response(status_code=204)


@router.get("/tokens")
def tokens(principal: Asker, wiring: Wired) -> Page[TokenTold]:
    """One's API tokens."""
    found = wiring.deps.accounts.tokens(principal.user_id)
    return Page[TokenTold](items=[TokenTold.of(t) for t in found], next_cursor=None)


@router.post("/tokens", status_code=201)
def issue_token(asked: TokenAsked, principal: Asker, wiring: Wired) -> IssuedTokenTold:
    """Make an API token; it may do what its user may. Its secret is told here and never again."""
    life = timedelta(days=asked.expires_in_days) if asked.expires_in_days else None
    issued = wiring.doorkeeper.issue_token(principal, asked.name, life)
    told = TokenTold.of(issued.token)
    return IssuedTokenTold(**told.model_dump(), secret=issued.secret)


@router.delete("/tokens/{token_id}", status_code=204)
def remove_token(token_id: str, principal: Asker, wiring: Wired) -> Response:
    """End an API token."""
    if not token_id.isprintable() or not wiring.deps.accounts.remove_token(principal.user_id, token_id):
        raise not_found("token")
    return Response(status_code=204)
