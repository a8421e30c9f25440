"""A camera as it is seen now: fragmented MP4 where a browser can play the stream as it is, else pictures.

docs/api.md describes the messages.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from custos.model.event import Json, Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.live import CameraState, LiveItem, TrackView
from custos.model.overlay import Overlay
from custos.model.site import Camera
from custos.pipeline.cloudevents import instant_text
from custos.server.gate import CLOSE_TRY_LATER
from custos.server.live.queue import ViewerQueue
from custos.server.live.sockets import CLOSE_NOT_FOUND, Conversation
from custos.server.ports import FragmentMuxer, FragmentMuxerFactory
from custos.server.problems import Problem
from custos.server.routes.cameras import state_of
from custos.server.shapes.site import CameraStateTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter()

INIT, FRAGMENT, PICTURE = 1, 2, 3
STATE_EVERY_S = 2.0
PLAYABLE_CODEC = "h264"


@router.websocket("/cameras/{camera_id}/live")
async def camera_live(websocket: WebSocket, camera_id: str, reach: Reach, wiring: Wired, mode: str = "auto") -> None:
    """Live video, tracks and state. `mode`: "auto", or "pictures" for pictures whatever the codec."""
    try:
        camera = await run_in_threadpool(reach.camera, camera_id)
    except Problem:
        await websocket.accept()
        await websocket.close(CLOSE_NOT_FOUND, "There is no such camera.")
        return
    show = Show(websocket, wiring, camera, pictures=mode == "pictures")

    async def beat() -> int | None:
        try:
            await run_in_threadpool(reach.camera, camera_id)
        except Problem:
            return CLOSE_NOT_FOUND
        return None

    await Conversation(websocket, wiring, reach.principal, talk=show.run, beat=beat, hear=show.hear).run()


class Show:
    """One viewer's show of one camera."""

    def __init__(self, websocket: WebSocket, wiring: Wiring, camera: Camera, *, pictures: bool) -> None:
        self._websocket = websocket
        self._wiring = wiring
        self._camera = camera
        self._pictures = pictures
        self._paused = False
        self._queue = ViewerQueue()
        self._teller = Teller(websocket, wiring.deps.muxer, wiring.deps.clock)

    def hear(self, text: str) -> None:
        """{"type": "pause"} and {"type": "resume"}; anything else means nothing."""
        try:
            asked = json.loads(text)
        except (ValueError, RecursionError):
            return
        match asked:
            case {"type": "pause"}:
                self._paused = True
                self._queue.pause()
            case {"type": "resume"}:
                self._paused = False
                self._teller.start_again()
                self._queue.resume()

    async def run(self) -> int:
        """Until the camera has nothing more to show; the close code."""
        if not self._pictures:
            try:
                await self._watch(pictures=False)
            except NotPlayable:
                self._pictures = True
        if self._pictures:
            await self._watch(pictures=True)
        error: dict[str, Json] = {
            "type": "error",
            "title": "The camera has stopped",
            "detail": "Nothing more comes from this camera just now. Try again in a moment.",
        }
        await self._websocket.send_json(error)
        return CLOSE_TRY_LATER

    async def _watch(self, *, pictures: bool) -> None:
        self._queue = ViewerQueue()
        if self._paused:
            self._queue.pause()
        async with self._wiring.deps.cameras.watch(self._camera.id, pictures=pictures) as items:
            filling = asyncio.ensure_future(self._fill(items))
            ticking = asyncio.ensure_future(self._tick())
            try:
                async for item in self._queue:
                    await self._teller.tell(item, pictures=pictures)
                await filling
            finally:
                filling.cancel()
                ticking.cancel()
                await asyncio.gather(filling, ticking, return_exceptions=True)

    async def _fill(self, items: AsyncIterator[LiveItem]) -> None:
        """From the camera to the queue, at the camera's pace."""
        try:
            async for item in items:
                self._queue.put(item)
        finally:
            self._queue.end()

    async def _tick(self) -> None:
        while True:
            self._queue.put(state_of(self._camera, self._wiring))
            await asyncio.sleep(STATE_EVERY_S)


class NotPlayable(Exception):
    """This stream cannot be played as it is; only pictures will do."""


class Teller:
    """Turns live items into messages of the protocol."""

    def __init__(self, websocket: WebSocket, factory: FragmentMuxerFactory, clock: Callable[[], datetime]) -> None:
        self._websocket = websocket
        self._factory = factory
        self._clock = clock
        self._stream: StreamInfo | None = None
        self._muxer: FragmentMuxer | None = None

    def start_again(self) -> None:
        """Let the next key frame begin a new stream: there is a hole in time before it."""
        self._muxer = None

    async def tell(self, item: LiveItem, *, pictures: bool) -> None:
        """Send one item; NotPlayable when fragments are wanted and this stream has none."""
        match item:
            case StreamInfo():
                await self._tell_stream(item, pictures)
            case Packet():
                await self._tell_packet(item)
            case Picture():
                await self._websocket.send_bytes(_framed(PICTURE, item.at, item.jpeg))
            case TrackView():
                await self._websocket.send_json(_tracks(item))
            case CameraState():
                told = CameraStateTold.of(item).model_dump(mode="json")
                await self._websocket.send_json({"type": "state", **told})

    async def _tell_stream(self, stream: StreamInfo, pictures: bool) -> None:
        self._stream, self._muxer = stream, None
        if pictures:
            await self._start("pictures", "image/jpeg", stream, self._clock())
        elif stream.codec != PLAYABLE_CODEC:
            raise NotPlayable

    async def _tell_packet(self, packet: Packet) -> None:
        if self._stream is None:
            return
        if self._muxer is None:
            if not packet.is_keyframe:
                return
            self._muxer = self._factory(self._stream, packet)
            if self._muxer is None:
                raise NotPlayable
            await self._start("mse", self._muxer.mime, self._stream, self._muxer.epoch_at)
            await self._websocket.send_bytes(bytes([INIT]) + self._muxer.init_segment())
        fragment = self._muxer.fragment(packet)
        if fragment:
            await self._websocket.send_bytes(_framed(FRAGMENT, packet.captured_at, fragment))

    async def _start(self, mode: Literal["mse", "pictures"], mime: str, stream: StreamInfo, epoch_at: datetime) -> None:
        await self._websocket.send_json(
            {
                "type": "start",
                "mode": mode,
                "mime": mime,
                "width_px": stream.width_px,
                "height_px": stream.height_px,
                "epoch_at": instant_text(epoch_at),
            }
        )


def _framed(kind: int, at: datetime, data: bytes) -> bytes:
    """One byte of kind, the capture time as big-endian float64 in Unix milliseconds, the data."""
    return struct.pack(">Bd", kind, at.timestamp() * 1000) + data


def _tracks(view: TrackView) -> dict[str, Json]:
    return {
        "type": "tracks",
        "at": instant_text(view.at),
        "tracks": [
            {
                "id": track.track_id,
                "subject": track.subject,
                "class": track.class_name,
                "confidence": round(track.confidence, 3),
                "box": [round(side, 5) for side in track.box],
                "observed": track.observed,
            }
            for track in view.tracks
        ],
        "overlays": [_overlay(overlay) for overlay in view.overlays],
    }


def _overlay(overlay: Overlay) -> dict[str, Json]:
    """One behaviour's marks; see docs/api.md."""
    return {
        "behaviour_id": overlay.behaviour_id,
        "text": overlay.text,
        "at": None if overlay.at is None else list(overlay.at),
        "zone_id": overlay.zone_id,
        "line_id": overlay.line_id,
        "tracks": list(overlay.track_ids),
        "arrows": [[list(start), list(end)] for start, end in overlay.arrows],
        "cells": [list(cell) for cell in overlay.cells],
        "alert": overlay.is_alert,
    }
