"""What a person does to an incident: `apply(incident, change) -> Incident`.

                 (A) acknowledge
          OPEN -----------------> ACKNOWLEDGED
          ^  |                         |
          |  | (B) resolve             | (C) resolve
          |  v                         v
          |  RESOLVED <----------------+
          |     |
          +-----+ (D) reopen

(A) says who looks after it, unless somebody is assigned already. (B) and (C) need a disposition: how it
ended. (D) takes the disposition back. Assigning is for incidents that are not resolved; a note may be
written at any time. Everything else is refused, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from custos.model.errors import CustosError
from custos.model.event import Disposition, Incident, IncidentState, TimelineEntry
from custos.model.frame import require_aware

MAX_NOTE_CHARS = 10_000
MAX_NAME_CHARS = 200


class Refused(CustosError):
    """The incident's state, or what the change says, does not allow it."""


class Action(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    NOTE = "note"
    ASSIGN = "assign"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to do.

    Args:
        actor: name of who does it.
        at: when (aware).
        disposition: how it ended; needed to resolve, refused otherwise.
        note: free text for the timeline; needed for a note, welcome with everything else.
        assignee: for assign: who; None takes the assignment away.
    """

    action: Action
    actor: str
    at: datetime
    disposition: Disposition | None = None
    note: str = ""
    assignee: str | None = None

    def __post_init__(self) -> None:
        require_aware(self.at, "at")


def apply(incident: Incident, change: Change) -> Incident:
    """The incident after the change; `version` is left to whoever stores it. Raises Refused."""
    _check(change)
    match change.action:
        case Action.ACKNOWLEDGE:
            changed = _acknowledge(incident, change)
        case Action.RESOLVE:
            changed = _resolve(incident, change)
        case Action.REOPEN:
            changed = _reopen(incident, change)
        case Action.ASSIGN:
            changed = _assign(incident, change)
        case Action.NOTE:
            changed = incident
    if change.note.strip():
        changed = _log(changed, change, "note", change.note.strip())
    return replace(changed, updated_at=max(incident.updated_at, change.at))


def _check(change: Change) -> None:
    if not change.actor.strip():
        raise Refused("A change needs the name of who makes it.")
    if change.action is Action.NOTE and not change.note.strip():
        raise Refused("The note is empty.", remedy="Write something in it.")
    if len(change.note) > MAX_NOTE_CHARS:
        raise Refused(f"The note has {len(change.note)} characters; {MAX_NOTE_CHARS} are the most it may have.")
    if len(change.assignee or "") > MAX_NAME_CHARS:
        raise Refused(f"The assignee's name has more than {MAX_NAME_CHARS} characters.")
    if change.disposition is not None and change.action is not Action.RESOLVE:
        raise Refused(f"A disposition belongs to resolving an incident, not to '{change.action}'.")


def _acknowledge(incident: Incident, change: Change) -> Incident:
    if incident.state is not IncidentState.OPEN:
        raise Refused(f"Incident {incident.number} is {incident.state}; only an open one can be acknowledged.")
    taken = replace(incident, state=IncidentState.ACKNOWLEDGED, assignee=incident.assignee or change.actor)
    return _log(taken, change, "state", f"Acknowledged by {change.actor}")


def _resolve(incident: Incident, change: Change) -> Incident:
    if incident.state is IncidentState.RESOLVED:
        raise Refused(f"Incident {incident.number} is resolved already.", remedy="Reopen it to change how it ended.")
    if change.disposition is None:
        dispositions = ", ".join(d.value for d in Disposition)
        raise Refused("Resolving needs a disposition.", remedy=f"Say how it ended: {dispositions}.")
    resolved = replace(incident, state=IncidentState.RESOLVED, disposition=change.disposition, resolved_at=change.at)
    words = change.disposition.value.replace("_", " ")
    return _log(resolved, change, "state", f"Resolved by {change.actor} as {words}")


def _reopen(incident: Incident, change: Change) -> Incident:
    if incident.state is not IncidentState.RESOLVED:
        raise Refused(f"Incident {incident.number} is {incident.state}; only a resolved one can be reopened.")
    reopened = replace(incident, state=IncidentState.OPEN, disposition=None, resolved_at=None)
    return _log(reopened, change, "state", f"Reopened by {change.actor}")


def _assign(incident: Incident, change: Change) -> Incident:
    if incident.state is IncidentState.RESOLVED:
        raise Refused(f"Incident {incident.number} is resolved.", remedy="Reopen it to assign it.")
    assignee = (change.assignee or "").strip() or None
    if assignee == incident.assignee:
        raise Refused(f"Incident {incident.number} is assigned to {assignee or 'nobody'} already.")
    words = f"Assigned to {assignee}" if assignee else "Assignment taken away"
    return _log(replace(incident, assignee=assignee), change, "state", f"{words} by {change.actor}")


def _log(incident: Incident, change: Change, kind: str, text: str) -> Incident:
    entry = TimelineEntry(change.at, kind, text, change.actor)
    return replace(incident, timeline=(*incident.timeline, entry))
