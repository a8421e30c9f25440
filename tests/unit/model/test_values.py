"""Events, frames, packets, accounts and errors: values that refuse what they are not."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import datetime

import numpy as np
import pytest

from custos.model.account import Role, User, name_key
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, camera_source
from custos.model.event_types import EVENT_TYPES
from custos.model.frame import Clock, Frame, Image, Packet
from custos.testing.clock import START

NAIVE = datetime(2026, 5, 4, 12)  # noqa: DTZ001  the point of the test
EVENT = Event("e-1", "zone.entered", START, camera_source("hq", "dock"))


@pytest.mark.parametrize(
    ("source", "site_id", "camera_id"),
    [
        ("/sites/hq/cameras/dock", "hq", "dock"),
        ("/sites/hq/doors/dock", "hq", None),
        ("/sites/hq/server", "hq", None),
        ("/sites/hq", "hq", None),
        ("somewhere", "", None),
    ],
)
def test_who_says_so(source: str, site_id: str, camera_id: str | None) -> None:
    event = replace(EVENT, source=source)
    assert (event.site_id, event.camera_id) == (site_id, camera_id)


def test_an_event_is_whole_and_stays_as_it_is() -> None:
    for event_id, kind, source in (("", "a.b", "/s"), ("e", "", "/s"), ("e", "a.b", "")):
        with pytest.raises(ValueError, match="needs id, type and source"):
            Event(event_id, kind, START, source)
    with pytest.raises(ValueError, match="at must be an aware datetime, got naive 2026-05-04T12:00:00"):
        replace(EVENT, at=NAIVE)
    with pytest.raises(FrozenInstanceError):
        setattr(EVENT, "type", "zone.left")  # noqa: B010  mypy would refuse the plain assignment, too


def test_event_types_are_dotted_and_explained() -> None:
    for name, kind in EVENT_TYPES.items():
        assert name == kind.name
        assert name.count(".") == 1
        assert kind.meaning.endswith(".")
        assert len({f.name for f in kind.fields}) == len(kind.fields)
        known = {"text", "number", "integer", "flag", "box", "points", "texts", "numbers", "object"}
        assert {f.kind for f in kind.fields} <= known


def grey(height: int, width: int) -> Image:
    return np.full((height, width, 3), 100, np.uint8)


def test_a_frame_of_a_picture() -> None:
    bgr = np.zeros((4, 6, 3), np.uint8)
    bgr[:, :3] = (255, 0, 0)
    bgr[:, 3:] = (0, 0, 255)
    frame = Frame.from_bgr(bgr, captured_at=START)
    assert (frame.width_px, frame.height_px) == (6, 4)
    assert frame.luma[0].tolist() == [29, 29, 29, 76, 76, 76]  # BT.601: blue is dark, red less so
    assert frame.bgr is frame.bgr


def test_colour_is_made_once_and_only_when_wanted() -> None:
    made: list[Image] = []

    def to_bgr() -> Image:
        made.append(grey(2, 2))
        return made[-1]

    frame = Frame("dock", 1, START, Clock.FILE, grey(2, 2)[:, :, 0], to_bgr)
    assert made == []
    assert frame.bgr is frame.bgr
    assert len(made) == 1


@pytest.mark.parametrize(
    "bgr", [grey(4, 4)[:, :, 0], grey(4, 4).astype(np.float32), grey(0, 4)], ids=["grey", "float", "empty"]
)
def test_what_is_no_picture(bgr: Image) -> None:
    with pytest.raises(ValueError, match="got"):
        Frame.from_bgr(bgr, captured_at=START)


def test_times_of_capture_have_a_zone() -> None:
    with pytest.raises(ValueError, match="captured_at"):
        Frame.from_bgr(grey(4, 4), captured_at=NAIVE)
    with pytest.raises(ValueError, match="captured_at"):
        Packet(b"", 0, 0, NAIVE, Clock.ARRIVAL, is_keyframe=True)


@pytest.mark.parametrize(("a", "b"), [("Ana", "ana "), ("Straße", "STRASSE"), ("ﬁona", "Fiona")])
def test_names_that_look_alike_are_one(a: str, b: str) -> None:
    assert name_key(a) == name_key(b)


def test_a_user_has_a_name() -> None:
    with pytest.raises(ValueError, match="needs id and name"):
        User("u-1", "  ", Role.VIEWER, "hash", START)


def test_errors_say_what_where_and_what_to_do() -> None:
    error = UsageError("the port is taken.", where="127.0.0.1", remedy="Choose another.")
    assert str(error) == "127.0.0.1: the port is taken. Choose another."
    assert str(CustosError("it broke.")) == "it broke."
    assert (UsageError("x").exit_status, CustosError("x").exit_status) == (2, 1)
