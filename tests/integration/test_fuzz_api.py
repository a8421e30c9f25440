"""Whatever is thrown at the API: no 5xx, and every answer is one that the OpenAPI document describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from custos.model.access import View
from custos.model.context import Collected, Snapshot
from custos.model.devices import HttpDevice
from custos.model.event import Event, Incident, IncidentState, Picture
from custos.model.site import PresenceRule, Site
from custos.pipeline.ports import Commit
from custos.testing import premises
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.check_store import context
from custos.testing.rules import shipped_rules
from custos.testing.serving import DOCK, GENEROUS, Served, serving

EXAMPLES = 5
EXAMPLES_OF_NOBODY = 2
"""Whoever has not signed in is turned away before what they say is read."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = {
    "camera_id": "dock",
    "device_id": "bridge",
    "door_id": "front",
    "event_id": "e1",
    "holder_id": "ada",
    "incident_id": "inc-1",
    "rule_id": "lost-credential-tried",
    "snapshot_id": "snap-1",
    "till_id": "till-1",
    "token_id": "tok-1",
}
RULES = [rule for rule in shipped_rules() if rule.id == KNOWN["rule_id"]]


def whole_site() -> Site:
    """Doors, a till, a panel, a device and a rule around the lobby: the dock's zones must be free to change."""
    office = premises.site(replace(premises.plan(), views=(View("tills/till-1"), View("panels/main/01"))))
    rule = PresenceRule("presence", "Somebody there", (("lobby", "floor"),), None, 5.0)
    return replace(
        office,
        cameras=(DOCK, *office.cameras),
        rules=(rule,),
        devices=(HttpDevice(id="bridge", name="Badge bridge", token="bridge-token-of-the-test"),),
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    patient = replace(GENEROUS, free_attempts=1_000_000)
    with serving(tmp_path_factory.mktemp("site"), site=whole_site(), limits=patient, rules=RULES) as running:
        event = Event("e1", "zone.entered", START, "/sites/hq/cameras/dock", "tracks/dock-1-1", {"zone_id": "z"})
        incident = Incident(
            id="inc-1",
            number=1,
            site_id="hq",
            title="Someone",
            severity="high",
            risk=70,
            state=IncidentState.OPEN,
            opened_at=START,
            updated_at=START,
            group="g",
            rule_id="after-hours",
            camera_id="dock",
            zone_id="restricted",
            event_ids=("e1",),
            signal_ids=(),
            subjects=("tracks/dock-1-1",),
            reasons=(),
            timeline=(),
        )
        picture = Picture("e1", "dock", START, SMALLEST_JPEG)
        around = replace(context(1, Collected.DONE), incident_id="inc-1")
        snapshot = Snapshot("snap-1", "inc-1", "hq", "dock", START, SMALLEST_JPEG)
        running.store.commit(Commit([event], [picture], [], [incident], [around], [snapshot]))
        door = premises.DoorEvents()
        door.passed(0, "1001")
        sold = Event("sold", "pos.sold", premises.START, "/sites/hq/tills/till-1", None, {"till_id": "till-1"})
        ago = running.clock() - timedelta(minutes=5) - premises.START
        running.hub.accept([replace(one, at=one.at + ago) for one in (*door.told, sold)])
        for camera_id in ("dock", "lobby"):
            running.cameras.snapshots[camera_id] = Picture("s", camera_id, START, SMALLEST_JPEG)
        yield running


Operation = APIOperation[Any, Any, Any, Any]
"""Schemathesis' own; what it holds is the document's business."""


@pytest.fixture(scope="module")
def cookie(served: Served) -> str:
    return f"custos={served.sign_in().cookies['custos']}"


@pytest.fixture(scope="module")
def operations(served: Served, cookie: str) -> list[Operation]:
    """All but signing out, which would end the fuzzing."""
    document = schemathesis.openapi.from_url(f"{served.url}/api/v1/openapi.json", headers={"Cookie": cookie})
    kept = document.exclude(method="DELETE", path="/api/v1/session")
    return [found.ok() for found in kept.get_all_operations() if isinstance(found, Ok)]


def known_in(operation: Operation) -> dict[str, str]:
    """Of the ids in its path, those that there are."""
    return {name: value for name, value in KNOWN.items() if f"{{{name}}}" in operation.path}


def fuzz(
    operation: Operation, mode: GenerationMode, ids: dict[str, str], headers: dict[str, str], examples: int = EXAMPLES
) -> None:
    cases = operation.as_strategy(mode, path_parameters=ids or None)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def answers_as_documented(case: Case[Operation]) -> None:
        case.headers.pop("Authorization", None)  # made up, as the document says there may be one
        case.cookies.clear()
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers_as_documented()


def takes_anything(operation: Operation) -> bool:
    return bool(operation.body or operation.query or operation.headers or operation.path_parameters)


def test_every_id_is_known(operations: list[Operation], served: Served, cookie: str) -> None:
    """What is asked of by a known id is there: a site without doors made all of their routes answer 404."""
    asked = [one for one in operations if one.method == "get" and "{" in one.path and "{invitation_id}" not in one.path]
    paths = [f"/api/v1{one.path.format_map(KNOWN)}".replace("/api/v1/api/v1", "/api/v1") for one in asked]
    answers = {path: served.client(Cookie=cookie).get(path).status_code for path in paths}
    assert [path for path, status in answers.items() if status == 404] == []
    assert len(answers) > 10


@pytest.mark.parametrize("known", [False, True], ids=["any ids", "known ids"])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["sense", "nonsense"])
def test_every_answer_is_as_documented(
    served: Served, operations: list[Operation], cookie: str, mode: GenerationMode, known: bool
) -> None:
    for operation in operations:
        served.book.put_camera(DOCK)  # whatever has become of it
        if known and not known_in(operation):
            continue  # it is the same with any ids
        if mode is GenerationMode.POSITIVE or takes_anything(operation):
            fuzz(operation, mode, known_in(operation) if known else {}, {"Cookie": cookie})


def test_answers_to_nobody_are_as_documented(operations: list[Operation]) -> None:
    for operation in operations:
        fuzz(operation, GenerationMode.POSITIVE, known_in(operation), {}, EXAMPLES_OF_NOBODY)
