"""A stream that brings less: what is usual is not learned from it."""

from __future__ import annotations

from custos.vision.integrity.degraded import RELEARN_S, StreamFlow
from custos.vision.integrity.frozen import Stillness
from custos.vision.integrity.sighting import Evidence

FPS = 10


def flowing(
    flow: StreamFlow, from_s: float, to_s: float, *, fps: float = FPS, packet_bytes: int = 4000, detail: float = 1.0
) -> list[Evidence | None]:
    """What is said once a second of a stream like this."""
    said: list[Evidence | None] = []
    for number in range(round(from_s * fps), round(to_s * fps)):
        at_s = number / fps
        flow.packet(packet_bytes, at_s)
        if at_s >= from_s + len(said):
            said.append(flow.check(at_s, detail=detail, light=1.0))
    return said


def test_nothing_has_come_yet() -> None:
    assert StreamFlow().check(0.0, detail=None, light=None) is None
    assert Stillness().check(0.0, light=None) is None


def test_a_starved_stream_stays_starved() -> None:
    """On the drawn dock its first seconds were taken for usual: it was told late, over too soon, and frozen besides."""
    flow = StreamFlow()
    assert set(flowing(flow, 0, 22)) == {None}
    said = flowing(flow, 22, 90, packet_bytes=1500, detail=0.8)
    told = [second for second, evidence in enumerate(said) if evidence]
    assert told[0] <= 5
    assert told == list(range(told[0], 68))
    assert flow.is_thin
    assert set(flowing(flow, 96, 110)[4:]) == {None}


def test_less_detail_alone_is_no_news_and_is_learned_from_no_more() -> None:
    """A passer-by before the rows that are looked at: the bits go on."""
    flow = StreamFlow()
    flowing(flow, 0, 22)
    assert set(flowing(flow, 22, 60, detail=0.7)) == {None}
    assert flowing(flow, 60, 80, packet_bytes=600, detail=0.8)[-1]


def test_what_has_been_less_for_half_an_hour_is_how_it_is_now() -> None:
    flow = StreamFlow()
    flowing(flow, 0, 22)
    said = flowing(flow, 22, 22 + RELEARN_S + 60, fps=4)
    over = [second for second, evidence in enumerate(said) if second > 10 and not evidence]
    assert RELEARN_S <= over[0] <= RELEARN_S + 10
    assert over == list(range(over[0], len(said)))
    assert flowing(flow, 22 + RELEARN_S + 60, 22 + RELEARN_S + 80, fps=1)[-1]
