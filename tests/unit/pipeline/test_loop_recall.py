"""What a camera showed minutes ago, from the key frames that its loop keeps."""

from __future__ import annotations

from datetime import datetime

from custos.model.event import Picture
from custos.model.frame import Clock, Packet, StreamLost
from custos.testing.camera_rig import SOMEBODY, Rig, StepSource, feed, opened
from custos.testing.clock import START, after
from custos.testing.sources import ScriptedSource


def seconds(pictures: list[Picture]) -> list[float]:
    return [(picture.at - START).total_seconds() for picture in pictures]


def moments(*at_s: float) -> list[datetime]:
    return [after(one) for one in at_s]


def test_a_camera_that_never_had_a_picture_recalls_none() -> None:
    rig = Rig(SOMEBODY, lambda: ScriptedSource([], live=True))
    with rig.running():
        assert rig.loop.recall(moments(0)) == []


def test_key_frames_are_decoded_when_somebody_asks_also_after_the_camera_was_lost() -> None:
    source = StepSource()
    rig = Rig(SOMEBODY, lambda: source)
    with rig.running():
        source.step(opened())
        feed(rig, source, 0, 6)
        assert rig.loop.recall([]) == []
        assert seconds(rig.loop.recall(moments(1.1, 4.0, 0.9))) == [1, 4]
        source.step(StreamLost("cut", after(6)))
        [picture] = rig.loop.recall(moments(5.2))
        assert (picture.camera_id, picture.at, picture.jpeg) == ("yard", after(5), b"jpeg 320")


def test_a_stream_whose_key_frames_come_seldom_is_recalled_all_the_same() -> None:
    """Symptom: of a camera that sends a key frame every twenty seconds, incidents showed one picture."""
    source = StepSource()
    rig = Rig(SOMEBODY, lambda: source)
    with rig.running():
        source.step(opened())
        for n in range(90):
            rig.clock.advance(0.1)
            source.step(Packet(b"%d" % n, n / 10, n / 10, after(n / 10), Clock.CAMERA, is_keyframe=n == 0))
        found = seconds(rig.loop.recall(moments(*range(9))))
    assert len(found) >= 3
    assert found[0] == 0
    assert found[-1] > 6
