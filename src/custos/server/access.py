"""One accessor per resource: asks whether this principal may, and denies by default.

What one may not see looks like what is not there (404); what one may see but not change is refused (403).
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum

from custos.correlation import RuleDefinition
from custos.model.access import Door, Holder
from custos.model.account import Role
from custos.model.context import Snapshot
from custos.model.devices import HttpDevice, JsonDevice
from custos.model.event import Event, Incident, Picture
from custos.model.site import Camera, Site
from custos.server.deps import ServerDeps
from custos.server.doorkeeper import DEVICE, Principal
from custos.server.ports import Accounts
from custos.server.problems import Problem, not_found

LONGEST_ID = 200
PERSONAL = frozenset({"holder_id", "credential", "operator", "user", "detail"})
"""Fields of events that say who somebody is, or may in a device's own words."""
PERSONAL_SUBJECTS = ("holders/", "credentials/")
"""Subjects of events that are somebody."""
_NAMING = PERSONAL | {"holder", "subject"}
"""What a rule groups by, or names in its sentence, when it tells who somebody is."""
_BRACES = re.compile(r"\{([^}]*)\}")


class Right(StrEnum):
    """What one may want with a resource."""

    SEE = "see"
    HANDLE = "handle incidents"
    CONFIGURE = "change cameras"
    MANAGE = "manage users"
    SEND = "send events"
    SEE_PEOPLE = "see who people are"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.OPERATOR: frozenset({Right.SEE, Right.HANDLE, Right.SEE_PEOPLE}),
    Role.VIEWER: frozenset({Right.SEE}),
    Role.DEVICE: frozenset({Right.SEND}),
}


def names_people(rule: RuleDefinition) -> bool:
    """Whether what the rule says, or how it groups, tells who somebody is: "{operator} made {count} refunds"."""
    told = (*_BRACES.findall(rule.operator), *rule.correlation.group_by)
    return any(one.rpartition(".")[2] in _NAMING for one in told)


class Access:
    """The resources, as far as one principal may reach them. Reads the store: not in the event loop."""

    def __init__(self, principal: Principal, deps: ServerDeps) -> None:
        self.principal = principal
        self._deps = deps

    def may(self, right: Right, site_id: str) -> bool:
        """Every record belongs to a site; a role holds rights over the records of the principal's own."""
        granted = RIGHTS.get(self.principal.role, frozenset())
        return site_id == self.principal.site_id and right in granted

    def _ask(self, what: str, site_id: str, right: Right) -> None:
        if not self.may(Right.SEE, site_id):
            raise not_found(what)
        if not self.may(right, site_id):
            raise Problem(403, f"The role {self.principal.role} may not {right}.")

    def site(self, right: Right = Right.SEE) -> Site:
        site = self._deps.book.site()
        self._ask("site", site.id, right)
        return site

    def accounts(self) -> Accounts:
        """The users of the installation, for who may manage them."""
        self._ask("user", self._deps.book.site().id, Right.MANAGE)
        return self._deps.accounts

    def camera(self, camera_id: str, right: Right = Right.SEE) -> Camera:
        site = self._deps.book.site()
        camera = site.camera(camera_id)
        if camera is None:
            raise not_found("camera")
        self._ask("camera", site.id, right)
        return camera

    def door(self, door_id: str, right: Right = Right.SEE) -> Door:
        site = self._deps.book.site()
        door = site.access.door(door_id)
        if door is None:
            raise not_found("door")
        self._ask("door", site.id, right)
        return door

    def people(self) -> tuple[Holder, ...]:
        """Those to whom credentials belong."""
        site = self._deps.book.site()
        self._ask("site", site.id, Right.SEE_PEOPLE)
        return site.access.holders

    def holder(self, holder_id: str) -> Holder:
        site = self._deps.book.site()
        self._ask("holder", site.id, Right.SEE_PEOPLE)
        holder = site.access.holder(holder_id)
        if holder is None:
            raise not_found("holder")
        return holder

    def shown(self, event: Event) -> Event:
        """The event as this principal may see it: without what says who somebody is, unless they may see people."""
        if self.may(Right.SEE_PEOPLE, event.site_id):
            return event
        hidden = PERSONAL | {"actor"} if event.type.startswith("door.") else PERSONAL  # a device may name a person
        data = {name: value for name, value in event.data.items() if name not in hidden}
        is_about_somebody = event.subject is not None and event.subject.startswith(PERSONAL_SUBJECTS)
        return replace(event, subject=None if is_about_somebody else event.subject, data=data)

    def shown_incident(self, incident: Incident) -> Incident:
        """The incident as this principal may see it: what a rule that names people said is for who may see people. So
        is what a rule said that is gone by now: nobody knows whom it named."""
        if self.may(Right.SEE_PEOPLE, incident.site_id):
            return incident
        rule = next((one for one in self._deps.rule_book.rules() if one.id == incident.rule_id), None)
        is_own = any(one.id == incident.rule_id for one in self._deps.book.site().rules)
        if is_own if rule is None else not names_people(rule):
            return incident
        timeline = tuple(replace(e, text=incident.title) if e.kind == "signal" else e for e in incident.timeline)
        return replace(incident, reasons=(incident.title,), timeline=timeline)

    def asks_about(self, subject: str | None) -> None:
        """Refuses a list that is narrowed to somebody to who may not see people: that something came back would tell
        whom it is about, though the events themselves do not."""
        if subject is not None and subject.startswith(PERSONAL_SUBJECTS):
            self._ask("site", self._deps.book.site().id, Right.SEE_PEOPLE)

    def event(self, event_id: str) -> Event:
        event = self._deps.store.event(self._own_site(event_id, "event"), event_id)
        if event is None:
            raise not_found("event")
        self._ask("event", event.site_id, Right.SEE)
        return event

    def picture(self, event_id: str) -> Picture:
        """Of an event that one may see."""
        event = self.event(event_id)
        picture = self._deps.store.picture(event.site_id, event_id)
        if picture is None:
            raise not_found("picture")
        return picture

    def incident(self, incident_id: str, right: Right = Right.SEE) -> Incident:
        incident = self._deps.store.incident(self._own_site(incident_id, "incident"), incident_id)
        if incident is None:
            raise not_found("incident")
        self._ask("incident", incident.site_id, right)
        return incident

    def snapshot(self, incident_id: str, snapshot_id: str) -> Snapshot:
        """Of the context of an incident that one may see."""
        incident = self.incident(incident_id)
        snapshot = self._deps.store.snapshot(self._own_site(snapshot_id, "picture"), incident.id, snapshot_id)
        if snapshot is None:
            raise not_found("picture")
        return snapshot

    def sending(self) -> HttpDevice | None:
        """Who sends events: the device whose token it is, or None for an administrator, who may speak for all."""
        site_id, principal = self._deps.book.site().id, self.principal
        if not self.may(Right.SEND, site_id):
            raise Problem(403, f"The role {principal.role} may not {Right.SEND}.")
        if principal.role is not Role.DEVICE:
            return None
        device = self._deps.book.site().device(principal.user_id.removeprefix(DEVICE))
        if not isinstance(device, HttpDevice) or not device.enabled:
            raise Problem(403, "This device's entry does not take CloudEvents.")
        return device

    def posting(self, device_id: str) -> JsonDevice:
        """The device that posts records of its own: the one whose token it is, or any for an administrator."""
        site, principal = self._deps.book.site(), self.principal
        if not self.may(Right.SEND, site.id):
            raise Problem(403, f"The role {principal.role} may not {Right.SEND}.")
        device = site.device(device_id)
        is_another = principal.role is Role.DEVICE and principal.user_id != DEVICE + device_id
        if is_another or not isinstance(device, JsonDevice) or not device.enabled:
            raise not_found("device that posts records")
        return device

    def sees_event(self, event: Event) -> bool:
        """Whether a live event may be told to this principal."""
        return self.may(Right.SEE, event.site_id)

    def _own_site(self, record_id: str, what: str) -> str:
        """The site to look in. Ids no record can have (a database may choke on NUL) are simply not there."""
        if len(record_id) > LONGEST_ID or not record_id.isprintable():
            raise not_found(what)
        return self.principal.site_id
