"""What every WebSocket does: takes a seat, listens, and ends when its principal may no longer listen.

talk() -> close code        hear(text)        beat() -> close code or None, every 15 s
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from custos.server.doorkeeper import Principal
from custos.server.gate import CLOSE_NOT_SIGNED_IN, CLOSE_TRY_LATER
from custos.server.wiring import Wiring

BEAT_S = 15.0
CLOSE_NOT_FOUND = 4404


class Conversation:
    """One accepted WebSocket, from here to its end.

    Args:
        talk: speaks until there is nothing more to say; returns the close code.
        hear: takes each text message of the client.
        beat: now and then; returns a close code to end the conversation.
    """

    def __init__(
        self,
        websocket: WebSocket,
        wiring: Wiring,
        principal: Principal,
        *,
        talk: Callable[[], Awaitable[int]],
        beat: Callable[[], Awaitable[int | None]],
        hear: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._websocket = websocket
        self._wiring = wiring
        self._principal = principal
        self._talk = talk
        self._beat = beat
        self._hear = hear

    async def run(self) -> None:
        """Until either side has enough."""
        await self._websocket.accept()
        with self._wiring.seats.taken(self._principal.user_id) as seated:
            code = await self._until_first() if seated else CLOSE_TRY_LATER
        if code is not None:
            await self._websocket.close(code)

    async def _until_first(self) -> int | None:
        """The close code of whichever ends first: talking, listening, beating. None: the client is gone."""
        tasks = [
            asyncio.ensure_future(self._talk()),
            asyncio.ensure_future(self._listen()),
            asyncio.ensure_future(self._keep_beating()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        except WebSocketDisconnect:
            return None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> int | None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            if text := message.get("text"):
                self._hear(text)

    async def _keep_beating(self) -> int | None:
        with self._wiring.changes.of(self._principal.user_id) as changed:
            return await self._beat_until_over(changed)

    async def _beat_until_over(self, changed: asyncio.Event) -> int | None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), BEAT_S)
            changed.clear()
            found = await run_in_threadpool(self._wiring.doorkeeper.principal, self._websocket)
            if found is None or found.role != self._principal.role:
                return CLOSE_NOT_SIGNED_IN
            if (code := await self._beat()) is not None:
                return code
