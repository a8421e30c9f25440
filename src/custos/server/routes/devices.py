"""Devices, and the events they send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Header, Request
from starlette.concurrency import run_in_threadpool

from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, Json
from custos.server.access import Access
from custos.server.intake import BATCH_LIMIT, events_of
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import Fault, Problem, invalid, not_found, pointer_of
from custos.server.shapes.base import Page
from custos.server.shapes.device import DeviceTold, TakenTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["devices"], responses=problems(*EVERYWHERE))

_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/cloudevents+json": {"schema": {"type": "object"}},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "application/json": {"schema": {"type": ["object", "array"]}},
        },
    }
}
_RECORDS: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": ["object", "array"]}}}}
}
CE = "ce-"


@router.get("/devices")
async def devices(reach: Reach, wiring: Wired) -> Page[DeviceTold]:
    """Every device of the site file, and how it fares."""
    site, states = reach.site(), wiring.deps.devices.states()
    told = [DeviceTold.of(device, states[device.id]) for device in site.devices if device.id in states]
    return Page[DeviceTold](items=told, next_cursor=None)


@router.get("/devices/{device_id}")
async def device(device_id: str, reach: Reach, wiring: Wired) -> DeviceTold:
    """One device."""
    found, state = reach.site().device(device_id), wiring.deps.devices.states().get(device_id)
    if found is None or state is None:
        raise not_found("device")
    return DeviceTold.of(found, state)


@router.post("/events", responses=problems(409, 503), openapi_extra=_BODIES)
async def send_events(
    request: Request,
    reach: Reach,
    wiring: Wired,
    ce_specversion: Annotated[str | None, Header(max_length=20)] = None,
) -> TakenTold:
    """Take events in: one CloudEvent (structured, or binary in `ce-` headers) or a batch; all of them or none.

    An event whose id is known already is the same event, and is not stored again: sending again does no harm.
    """
    sender = reach.sending()
    body = await request.body()
    if ce_specversion is not None:
        told: Json = _from_headers(request.headers, _json(body) if body else {})
    else:
        told = _json(body)
    is_batch = isinstance(told, list)
    site_id = reach.principal.site_id
    events, faults = events_of(
        told if isinstance(told, list) else [told],
        site_id=site_id,
        sender=sender,
        now=wiring.deps.clock(),
        whole=is_batch,
    )
    if faults:
        raise invalid(faults[:100])
    return await _take(events, reach, wiring, sender.id if sender else None)


@router.post("/devices/{device_id}/records", responses=problems(409, 503), openapi_extra=_RECORDS)
async def send_records(device_id: str, request: Request, reach: Reach, wiring: Wired) -> TakenTold:
    """Take records of the device's own shape, one or an array: its entry in the site file says what they mean.

    All of them or none. A record that is sent again makes the same events, which are not stored again.
    """
    device = reach.posting(device_id)
    told = _json(await request.body())
    records = told if isinstance(told, list) else [told]
    if len(records) > BATCH_LIMIT:
        raise invalid([Fault("", f"at most {BATCH_LIMIT} records are taken at once, got {len(records)}")])
    events, faults = wiring.deps.devices.read(device.id, records)
    if faults:
        pointers = [pointer_of([i]) if isinstance(told, list) else "" for i, _ in faults]
        raise invalid([Fault(at, what) for at, (_, what) in zip(pointers, faults, strict=True)][:100])
    return await _take(events, reach, wiring, device.id)


async def _take(events: list[Event], reach: Access, wiring: Wiring, device_id: str | None) -> TakenTold:
    distinct = list({event.id: event for event in reversed(events)}.values())[::-1]
    await run_in_threadpool(_refuse_borrowed_ids, events, reach, wiring)
    try:
        if device_id is None:
            ids = {event.id for event in distinct}
            new = [event for event in await wiring.deps.hub.accept(distinct) if event.id in ids]
        else:
            new = await wiring.deps.devices.take(device_id, distinct)
    except UsageError:
        raise
    except CustosError as error:
        raise Problem(503, "The events cannot be stored now; send them again.", retry_after_s=5) from error
    return TakenTold(accepted=len(events), new=len(new), duplicates=len(events) - len(new))


def _refuse_borrowed_ids(events: list[Event], reach: Access, wiring: Wiring) -> None:
    """Two senders that count from 1 would each take the other's events for their own, and lose them in silence."""
    owners = {event.id: event.source for event in reversed(events)}
    known = wiring.deps.store.events_by_id(reach.principal.site_id, list(owners))
    owners |= {event.id: event.source for event in known}
    for event in events:
        if event.source != owners[event.id]:
            what = f"The id {event.id!r} is that of an event of {owners[event.id]}: ids are unique for ever."
            raise Problem(409, what + " Make them of a UUID, or begin them with the sender's name.", kind="id-is-taken")


def _json(body: bytes) -> Json:
    try:
        told: Json = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise invalid([Fault("", f"not JSON: {str(problem)[:200]}")]) from problem
    return told


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _from_headers(headers: Mapping[str, str], data: Json) -> Json:
    """CloudEvents' binary mode: attributes in headers, percent-encoded, the data in the body (HTTP binding 3.1)."""
    told: dict[str, Json] = {name[len(CE) :]: unquote(value) for name, value in headers.items() if name.startswith(CE)}
    return {**told, "data": data}
