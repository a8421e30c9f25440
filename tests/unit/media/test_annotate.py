"""A recording drawn over: the picture changes where something is to be seen, and the file can be played."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest

from custos.adapters.media.annotate import Annotator
from custos.adapters.media.marks import draw_marks, write
from custos.model.detections import Tracks
from custos.model.event import Event
from custos.model.frame import Frame, Image
from custos.model.overlay import Overlay
from custos.model.site import Camera, Line, Zone
from custos.pipeline.analysis import Step
from custos.testing.clock import after
from custos.vision.behaviours import make_behaviours

WIDTH, HEIGHT = 320, 240
EMPTY = Camera("dock", "Dock", "dock.mp4")
DOCK = Zone("dock", "Dock", ((0.5, 0.5), (0.9, 0.5), (0.9, 0.9), (0.5, 0.9)))
GATE = Line("gate", "Gate", ((0.1, 0.9), (0.4, 0.9)))
ENTERED = Event("e-1", "zone.entered", after(0), "/sites/s/cameras/dock", "tracks/dock-s-7", {"zone_id": "dock"})


def frame(n: int, width_px: int = WIDTH, height_px: int = HEIGHT) -> Frame:
    grey = np.full((height_px, width_px, 3), 100, np.uint8)
    return Frame.from_bgr(grey, index=n, captured_at=after(n / 10))


def person(n: int, track_id: int = 7, left: float = 100) -> Tracks:
    return Tracks(
        np.array([[left + n, 60, left + 40 + n, 160]], np.float32),
        np.array([0.9], np.float32),
        np.zeros(1, np.int64),
        np.array([track_id], np.int64),
        np.ones(1, np.bool_),
        np.zeros(1, np.float32),
        WIDTH,
        HEIGHT,
    )


def nobody(ended: tuple[int, ...] = ()) -> Tracks:
    return Tracks.empty(WIDTH, HEIGHT, ended)


def played(path: Path) -> list[Image]:
    with av.open(str(path)) as video:
        return [picture.to_ndarray(format="bgr24").astype(np.uint8) for picture in video.decode(video=0)]


def drawn(picture: Image, left: int, top: int, right: int, bottom: int) -> bool:
    """Whether something was drawn there, over the grey."""
    part = picture[top:bottom, left:right].astype(int)
    return bool((np.abs(part - 100) > 40).any())


def annotate(folder: Path, camera: Camera, *steps: Step) -> list[Image]:
    path = folder / "annotated.mp4"
    with Annotator(path, camera, fps=10) as annotator:
        for step in steps:
            annotator.draw(step)
        assert not path.exists()
    return played(path)


def test_nothing_to_draw_makes_no_file(tmp_path: Path) -> None:
    with Annotator(tmp_path / "annotated.mp4", EMPTY, fps=10) as annotator:
        annotator.draw(Step(None, nobody(), ()))
    assert list(tmp_path.iterdir()) == []


def test_every_picture_is_there_and_an_empty_one_stays_as_it_is(tmp_path: Path) -> None:
    pictures = annotate(tmp_path, EMPTY, *(Step(frame(n), nobody(), ()) for n in range(5)))
    assert len(pictures) == 5
    assert pictures[0].shape == (HEIGHT, WIDTH, 3)
    assert not drawn(pictures[-1], 0, 0, WIDTH, HEIGHT)


def test_the_frame_is_left_alone(tmp_path: Path) -> None:
    one = frame(0)
    annotate(tmp_path, EMPTY, Step(one, person(0), ()))
    assert (one.bgr == 100).all()


def test_zones_and_lines_are_drawn(tmp_path: Path) -> None:
    camera = Camera("dock", "Dock", "dock.mp4", (DOCK,), (GATE,))
    (picture,) = annotate(tmp_path, camera, Step(frame(0), nobody(), ()))
    assert drawn(picture, 158, 130, 163, 200)  # the left side of the zone
    assert not drawn(picture, 200, 140, 280, 200)  # its middle
    assert drawn(picture, 40, 212, 120, 220)  # the line


def test_boxes_names_and_ways_are_drawn(tmp_path: Path) -> None:
    steps = [Step(frame(n), person(2 * n), ()) for n in range(30)]
    *_, last = annotate(tmp_path, EMPTY, *steps)
    assert drawn(last, 156, 60, 161, 160)  # the left side of the box
    assert drawn(last, 158, 44, 210, 58)  # its name above
    assert drawn(last, 125, 158, 150, 163)  # where it has been
    assert not drawn(last, 0, 0, 100, HEIGHT)


def test_who_has_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    steps = [Step(frame(n), person(2 * n), ()) for n in range(5)]
    *_, last = annotate(tmp_path, EMPTY, *steps, Step(frame(5), nobody(ended=(7,)), ()))
    assert not drawn(last, 0, 0, WIDTH, HEIGHT)


@pytest.mark.parametrize(("at_s", "shown"), [(1.0, True), (3.9, True), (6.0, False)])
def test_news_are_shown_for_a_while(tmp_path: Path, at_s: float, shown: bool) -> None:
    steps = (Step(frame(0), nobody(), (ENTERED,)), Step(frame(round(at_s * 10)), nobody(), ()))
    first, second = annotate(tmp_path, EMPTY, *steps)
    assert drawn(first, 0, 0, 200, 24)
    assert drawn(second, 0, 0, 200, 24) is shown


def test_a_recording_that_changes_its_size_becomes_one_file(tmp_path: Path) -> None:
    pictures = annotate(tmp_path, EMPTY, Step(frame(0), nobody(), ()), Step(frame(1, 641, 479), nobody(), ()))
    assert [picture.shape for picture in pictures] == [(HEIGHT, WIDTH, 3)] * 2


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> None:
        with Annotator(tmp_path / "annotated.mp4", EMPTY, fps=10) as annotator:
            annotator.draw(Step(frame(0), nobody(), ()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_events_of_the_future_do_not_matter(tmp_path: Path) -> None:
    """An event's time is its own; a picture that is late shows it all the same."""
    late: datetime = after(0.5)
    event = Event("e-2", "line.crossed", late, "/sites/s/cameras/dock", None, {"line_id": "gate"})
    (picture,) = annotate(tmp_path, EMPTY, Step(frame(0), nobody(), (event,)))
    assert drawn(picture, 0, 0, 200, 24)


MARKED = Camera("dock", "Dock", "dock.mp4", (DOCK,), (GATE,))


def marked(overlay: Overlay, tracks: Tracks | None = None) -> Image:
    """The grey picture with one behaviour's marks."""
    picture = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    there = tracks or nobody()
    boxes = {t: tuple(int(v) for v in box) for t, box in zip(there.track_id.tolist(), there.xyxy.tolist(), strict=True)}
    draw_marks(picture, [overlay], MARKED, boxes)  # type: ignore[arg-type]
    return picture


def test_a_behaviour_without_anything_to_show_draws_nothing() -> None:
    assert (marked(Overlay("it")) == 100).all()
    assert (marked(Overlay("it", zone_id="dock", track_ids=(99,))) == 100).all()


def test_texts_stand_at_the_zone_or_the_line_or_where_they_are_told_to() -> None:
    assert drawn(marked(Overlay("it", "3 inside", zone_id="dock")), 160, 115, 260, 135)
    assert drawn(marked(Overlay("it", "left 1", line_id="gate")), 30, 210, 110, 232)
    assert drawn(marked(Overlay("it", "here", at=(0.0, 0.0))), 0, 0, 60, 20)
    assert drawn(marked(Overlay("it", "a text that would run out of the picture", at=(0.95, 0.99))), 40, 220, 318, 239)


@pytest.mark.parametrize("y", [0.0, 0.02, 0.5, 0.95, 1.0])
def test_no_text_of_a_place_covers_its_name_or_another(y: float) -> None:
    """Symptom: at the picture's lower edge "0 inside" stood on the zone's name, and at its upper edge half over it."""
    zone = replace(DOCK, polygon=((0.5, y), (0.9, 0.4), (0.9, 0.6)))
    texts = [Overlay("it", text, zone_id="dock") for text in ("0 inside", "nobody waits", "0 served")]
    picture = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    write(picture, zone.name, (WIDTH // 2, round(y * HEIGHT)), (255, 255, 255))
    draw_marks(picture, texts, replace(MARKED, zones=(zone,)), {})
    dark = picture.max(axis=2) <= 25  # the ground of letters
    assert dark.any(axis=1).sum() > 4 * 12, "all four are there"
    assert picture.max(axis=2).min() == 25, "and none is darkened twice"


def test_a_place_that_alarms_is_red() -> None:
    calm, alarmed = (marked(Overlay("it", zone_id="dock", is_alert=on)) for on in (False, True))
    assert not drawn(calm, 150, 110, 300, 220)
    assert alarmed[120, 200].tolist() == [60, 60, 255]


def test_those_it_is_about_are_ringed_and_linked() -> None:
    both = person(0)
    both = Tracks(
        np.concatenate([both.xyxy, both.xyxy + np.array([100, 0, 100, 0])]).astype(np.float32),
        np.array([0.9, 0.9], np.float32),
        np.zeros(2, np.int64),
        np.array([7, 8], np.int64),
        np.ones(2, np.bool_),
        np.zeros(2, np.float32),
        WIDTH,
        HEIGHT,
    )
    assert drawn(marked(Overlay("it", track_ids=(7, 8)), both), 150, 158, 190, 163)
    assert not drawn(marked(Overlay("it", track_ids=(7,)), both), 150, 158, 190, 163)


def test_heat_and_arrows() -> None:
    hot = marked(Overlay("it", cells=((0.0, 0.0, 0.5, 0.5, 1.0),), arrows=(((0.6, 0.75), (0.9, 0.75)),)))
    assert hot[40, 40, 2] > hot[40, 40, 0]
    assert drawn(hot, 200, 175, 290, 185)
    assert not drawn(hot, 200, 20, 300, 60)


def test_what_a_zone_and_a_line_mark_themselves_is_drawn(tmp_path: Path) -> None:
    """Somebody walks over the gate into the dock and stays: the real marks, of the real behaviours."""
    camera = Camera("dock", "Dock", "dock.mp4", (replace(DOCK, loiter_s=1.0),), (Line("gate", "Gate", CROSSED),))
    behaviours, steps = make_behaviours(camera), []
    for n in range(30):
        tracks = person(min(10 * n, 100))
        for behaviour in behaviours:
            behaviour.update(tracks, at=after(n / 10))
        marks = tuple(mark for behaviour in behaviours for mark in behaviour.overlays())
        steps.append(Step(frame(n), tracks, (), marks))
    assert [mark.text for mark in steps[-1].overlays] == ["loiters, 2 s", "left 1, right 0; just now to the left"]
    with_marks, without = (Annotator(tmp_path / "unused.mp4", camera, fps=10) for _ in range(2))
    for step in steps:
        last, bare = with_marks.drawn(step), without.drawn(replace(step, overlays=()))
    changed = np.abs(last.astype(int) - bare.astype(int)).max(axis=2) > 60
    assert changed[162:178, 222:300].any()  # the clock below the feet, at (220, 160)
    assert changed[155:172, 195:212].any()  # the ring around them
    assert changed[150:170, 130:170].any()  # the way through the line
    assert not changed[190:].any()


CROSSED = ((0.5, 0.3), (0.5, 0.95))


def test_an_annotated_clip_shows_what_behaviours_mark(tmp_path: Path) -> None:
    (picture,) = annotate(
        tmp_path, MARKED, Step(frame(0), nobody(), (), (Overlay("it", "full", zone_id="dock", is_alert=True),))
    )
    assert picture[120, 200, 2] > 180
