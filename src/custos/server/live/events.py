"""Events as they happen: one CloudEvent a message."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket

from custos.model.event import Event
from custos.pipeline.cloudevents import to_cloudevent
from custos.pipeline.ports import Subscription
from custos.server.access import Access
from custos.server.gate import CLOSE_TRY_LATER
from custos.server.live.sockets import Conversation
from custos.server.routes.events import MOST_TYPES, TypeFilter
from custos.server.wiring import Reach, Wired

router = APIRouter()


@router.websocket("/events/live")
async def events_live(
    websocket: WebSocket,
    reach: Reach,
    wiring: Wired,
    type: Annotated[list[TypeFilter], Query(max_length=MOST_TYPES)] = [],  # noqa: B006  the API's name; copied by FastAPI
    camera_id: str | None = None,
) -> None:
    """Live events; {"type": "gap", "dropped": n} to a slow reader, {"type": "ping"} every 15 s."""
    subscription = wiring.deps.bus.subscribe(*type)
    wanted = _Wanted(camera_id, reach)

    async def talk() -> int:
        return await _tell(websocket, subscription, wanted)

    async def beat() -> int | None:
        await websocket.send_json({"type": "ping"})
        return None

    try:
        await Conversation(websocket, wiring, reach.principal, talk=talk, beat=beat).run()
    finally:
        subscription.close()


class _Wanted:
    """What this listener wants and may hear, of the types that it listens to."""

    def __init__(self, camera_id: str | None, reach: Access) -> None:
        self._camera_id = camera_id
        self._reach = reach

    def covers(self, event: Event) -> bool:
        return self._reach.sees_event(event) and (self._camera_id is None or event.camera_id == self._camera_id)

    def shown(self, event: Event) -> Event:
        """The event as this listener may see it."""
        return self._reach.shown(event)


async def _tell(websocket: WebSocket, subscription: Subscription, wanted: _Wanted) -> int:
    told_dropped = 0
    async for event in subscription:
        dropped = subscription.dropped  # once: it grows while we send
        if dropped > told_dropped:
            await websocket.send_json({"type": "gap", "dropped": dropped - told_dropped})
            told_dropped = dropped
        if wanted.covers(event):
            await websocket.send_text(json.dumps(to_cloudevent(wanted.shown(event))))
    return CLOSE_TRY_LATER
