"""Who may sign in: users, their roles, and invitations."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from custos.model.account import Role
from custos.server.doorkeeper import address_of
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import not_found
from custos.server.routes.signin import welcome
from custos.server.shapes.account import (
    AcceptAsked,
    InvitationAsked,
    InvitationTold,
    InvitedAsked,
    InvitedTold,
    IssuedInvitationTold,
    PersonAsked,
    PersonTold,
    SessionTold,
)
from custos.server.shapes.base import Page
from custos.server.wiring import Reach, Wired

router = APIRouter(tags=["users"], responses=problems(*EVERYWHERE))


@router.get("/users")
def users(reach: Reach) -> Page[PersonTold]:
    """Everybody who may sign in or might again, by name."""
    return Page[PersonTold](items=[PersonTold.of(user) for user in reach.accounts().users()], next_cursor=None)


@router.put("/users/{user_id}", responses=problems(409))
def change_user(user_id: str, asked: PersonAsked, reach: Reach, wiring: Wired) -> PersonTold:
    """Change a user's role, disable or enable; who is disabled is signed out at once, and their API tokens end."""
    reach.accounts()
    changed = None
    if user_id.isprintable():
        role = Role(asked.role)
        changed = wiring.doorkeeper.change_user(reach.principal, user_id, role, is_enabled=asked.enabled)
    if changed is None:
        raise not_found("user")
    wiring.changes.tell(user_id)
    return PersonTold.of(changed)


@router.get("/invitations")
def invitations(reach: Reach, wiring: Wired) -> Page[InvitationTold]:
    """Those that nobody has accepted yet and that have not expired."""
    waiting = reach.accounts().invitations(at=wiring.deps.clock())
    return Page[InvitationTold](items=[InvitationTold.of(one) for one in waiting], next_cursor=None)


@router.post("/invitations", status_code=201, responses=problems(409))
def invite(asked: InvitationAsked, reach: Reach, wiring: Wired) -> IssuedInvitationTold:
    """Invite somebody, in place of an earlier invitation of this name; the token is told here and never again."""
    reach.accounts()
    issued = wiring.doorkeeper.invite(reach.principal, asked.name, Role(asked.role))
    return IssuedInvitationTold(**InvitationTold.of(issued.invitation).model_dump(), token=issued.token)


@router.delete("/invitations/{invitation_id}", status_code=204)
def withdraw_invitation(invitation_id: str, reach: Reach, wiring: Wired) -> Response:
    """Withdraw an invitation."""
    reach.accounts()
    if not invitation_id.isprintable() or not wiring.doorkeeper.withdraw_invitation(reach.principal, invitation_id):
        raise not_found("invitation")
    return Response(status_code=204)


@router.post("/invitation")
async def invited(asked: InvitedAsked, request: Request, wiring: Wired) -> InvitedTold:
    """Whom a link invites; asked by POST, so that its token stands in no address."""
    one = await wiring.doorkeeper.invited(asked.token, address_of(request))
    return InvitedTold(name=one.name, role=one.role, expires_at=one.expires_at)


@router.post("/invitation/accept", status_code=201)
async def accept_invitation(asked: AcceptAsked, request: Request, response: Response, wiring: Wired) -> SessionTold:
    """Become a user by an invitation's link, and sign in."""
    signed_in = await wiring.doorkeeper.accept_invitation(asked.token, asked.password, address_of(request))
    return welcome(signed_in, request, response)
