"""What cameras showed minutes ago, asked for over the wire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from custos.adapters.link import hub_side
from custos.adapters.link.messages import PicturesRecalled, Recall, pictures_payload
from custos.model.event import Picture
from custos.testing.clock import after
from custos.testing.link import Ends, Store, connected, hub_at, run

MOMENTS = (after(-8), after(0))
PICTURES = tuple(Picture("recalled", "yard", at, b"jpeg %d" % n) for n, at in enumerate(MOMENTS))


async def recall_order(ends: Ends) -> Recall:
    order = await ends.worker.order()
    assert isinstance(order, Recall)
    return order


def test_a_hub_without_a_worker_recalls_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        hub = hub_at(tmp_path / "hub.sock", Store())
        await hub.start()
        assert await hub.recall("yard", MOMENTS) == []
        await hub.close()

    run(main())


def test_each_question_gets_its_own_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends:
            assert await ends.hub.recall("yard", ()) == []
            first, second = (asyncio.create_task(ends.hub.recall("yard", MOMENTS)) for _ in range(2))
            orders = [await recall_order(ends), await recall_order(ends)]
            assert [(one.camera_id, one.moments) for one in orders] == [("yard", MOMENTS)] * 2
            made, payload = pictures_payload(PICTURES)
            ends.worker.link.send_live(PicturesRecalled("a question nobody asked", made), payload)
            ends.worker.link.send_live(PicturesRecalled(orders[1].request, ()))
            ends.worker.link.send_live(PicturesRecalled(orders[0].request, made), payload)
            assert await first == list(PICTURES)
            assert await second == []

    run(main())


def test_a_worker_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_side, "RECALL_S", 0.05)

    async def main() -> None:
        async with connected(tmp_path) as ends:
            assert await ends.hub.recall("yard", MOMENTS) == []
            late = await recall_order(ends)
            made, payload = pictures_payload(tuple(replace(p, jpeg=b"late") for p in PICTURES))
            ends.worker.link.send_live(PicturesRecalled(late.request, made), payload)
            await ends.await_everything_sent()

    run(main())
