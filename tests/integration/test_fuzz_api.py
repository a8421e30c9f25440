"""Whatever is thrown at the API: no 5xx, and every answer is one that the OpenAPI document describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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

from custos.model.event import Event, Incident, IncidentState, Picture
from custos.pipeline.ports import Commit
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.serving import DOCK, GENEROUS, SITE, Served, serving

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
KNOWN = {"camera_id": "dock", "event_id": "e1", "incident_id": "inc-1", "token_id": "tok-1"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    patient = replace(GENEROUS, free_attempts=1_000_000)
    site = replace(SITE, rules=())  # which would hold on to their cameras' zones
    with serving(tmp_path_factory.mktemp("site"), site=site, limits=patient) as running:
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
        running.store.commit(Commit(events=[event], pictures=[picture], incidents=[incident]))
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
