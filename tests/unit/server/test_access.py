"""Who may what: every role, every right, and other sites' records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from custos.model.account import Role
from custos.model.event import Event
from custos.pipeline.ports import Commit
from custos.server.access import LONGEST_ID, Access, Right
from custos.server.deps import ServerDeps
from custos.server.doorkeeper import Principal
from custos.server.problems import Problem
from custos.testing.cameras import START
from custos.testing.serving import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        events = [
            Event("e1", "track.started", START, "/sites/hq/cameras/dock"),
            Event("e2", "track.started", START, "/sites/elsewhere/cameras/dock"),
        ]
        running.store.commit(Commit(events=events))
        yield running


def principal(role: Role, site_id: str = "hq") -> Principal:
    return Principal("usr-1", "ada", role, site_id, None, None)


def status_of(deps: ServerDeps, role: Role, right: Right, site_id: str = "hq") -> int:
    try:
        Access(principal(role, site_id), deps).camera("dock", right)
    except Problem as problem:
        return problem.status
    return 200


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        # see, handle, configure, manage users, send, see people
        (Role.ADMINISTRATOR, [200, 200, 200, 200, 200, 200]),
        (Role.OPERATOR, [200, 200, 403, 403, 403, 200]),
        (Role.VIEWER, [200, 403, 403, 403, 403, 403]),
        (Role.DEVICE, [404, 404, 404, 404, 404, 404]),  # sees no site; what it sends is asked for by Access.sending
    ],
)
def test_rights_of_the_roles(served: Served, role: Role, statuses: list[int]) -> None:
    assert [status_of(served.deps, role, right) for right in Right] == statuses


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_another_sites_records_are_not_there_whatever_the_role(served: Served, role: Role, right: Right) -> None:
    assert status_of(served.deps, role, right, site_id="elsewhere") == 404


def test_unknown_and_forbidden_look_the_same(served: Served) -> None:
    details = set()
    for event_id in ("e2", "e3", "e\x001", "é" * (LONGEST_ID + 1), "\ud800"):
        with pytest.raises(Problem) as caught:
            Access(principal(Role.ADMINISTRATOR), served.deps).event(event_id)
        details.add((caught.value.status, caught.value.detail))
    assert details == {(404, "There is no such event.")}
    assert Access(principal(Role.VIEWER), served.deps).event("e1").id == "e1"


def test_live_events_of_another_site_are_not_told(served: Served) -> None:
    access = Access(principal(Role.VIEWER), served.deps)
    event = Event("e1", "track.started", START, "/sites/hq/cameras/dock")
    assert access.sees_event(event)
    assert not access.sees_event(replace(event, source="/sites/elsewhere/cameras/dock"))
