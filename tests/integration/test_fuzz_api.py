"""Whatever is thrown at the API: no 5xx, and every answer is one that the OpenAPI document describes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from custos.model.event import Event, Incident, IncidentState, Picture
from custos.pipeline.ports import Commit
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.serving import Served, serving

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = {"camera_id": "dock", "event_id": "e1", "incident_id": "inc-1", "token_id": "tok-1"}
UNAVAILABLE = ("GET", "/api/v1/cameras/{camera_id}/snapshot.jpg")
"""The one 5xx that is documented: 503 while a camera has no picture."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("site")) as running:
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


@pytest.fixture(scope="module")
def cookie(served: Served) -> str:
    return f"custos={served.sign_in().cookies['custos']}"


@pytest.fixture(scope="module")
def document(served: Served, cookie: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{served.url}/api/v1/openapi.json", headers={"Cookie": cookie})


# Signing out would end the fuzzing.
api = schemathesis.pytest.from_fixture("document").exclude(method="DELETE", path="/api/v1/session")
gently = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@api.parametrize()
@gently
def test_answers_are_as_documented(case: Case, cookie: str) -> None:
    case.call_and_validate(headers={"Cookie": cookie}, checks=CHECKS)


@api.include(path_regex=r"\{").parametrize()
@gently
def test_answers_about_what_is_there_are_as_documented(case: Case, cookie: str) -> None:
    case.path_parameters.update({name: KNOWN[name] for name in case.path_parameters})
    case.call_and_validate(headers={"Cookie": cookie}, checks=CHECKS)


@api.parametrize()
@gently
def test_answers_to_nobody_are_as_documented(case: Case) -> None:
    case.call_and_validate(checks=CHECKS)
