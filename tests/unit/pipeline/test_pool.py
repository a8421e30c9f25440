"""The seeing pool: few threads for many cameras, and in nobody's way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from custos.pipeline.pool import SeeingPool
from custos.pipeline.turns import MOVING, QUIET

PATIENCE_S = 60.0


class Camera:
    """A `Seer` that sees one picture when it is let."""

    def __init__(self, camera_id: str, log: list[str], *, weight: float = MOVING, pictures: int = 1) -> None:
        self.camera_id, self.weight = camera_id, weight
        self._log, self._left = log, pictures
        self.began, self.may_end, self.done = threading.Event(), threading.Event(), threading.Event()
        self.may_end.set()
        self.at_once = 0

    def see(self) -> bool:
        self.at_once += 1
        assert self.at_once == 1, "two threads see for one camera"
        self._log.append(self.camera_id)
        self.began.set()
        assert self.may_end.wait(PATIENCE_S)
        self._left -= 1
        self.at_once -= 1
        if self._left <= 0:
            self.done.set()
        return self._left > 0


@contextmanager
def running(threads: int) -> Iterator[SeeingPool]:
    pool = SeeingPool(threads)
    pool.start()
    try:
        yield pool
    finally:
        pool.close()


def test_a_pool_needs_a_thread() -> None:
    with pytest.raises(ValueError, match="1 or more, got 0"):
        SeeingPool(0)


def test_a_pool_that_nobody_calls_closes() -> None:
    with running(2):
        pass
    SeeingPool(1).close()


def test_what_is_called_sees_until_it_has_seen_all() -> None:
    log: list[str] = []
    camera = Camera("dock", log, pictures=3)
    with running(2) as pool:
        pool.call(camera)
        assert camera.done.wait(PATIENCE_S)
    assert log == ["dock"] * 3


def test_the_busiest_come_first_and_the_others_too() -> None:
    log: list[str] = []
    first = Camera("first", log)
    first.may_end.clear()
    quiet = [Camera(f"quiet-{n}", log, weight=QUIET) for n in range(3)]
    busy = [Camera(f"busy-{n}", log, weight=MOVING) for n in range(3)]
    with running(1) as pool:
        pool.call(first)
        assert first.began.wait(PATIENCE_S)
        for camera in (*quiet, *busy):
            pool.call(camera)
        first.may_end.set()
        assert all(camera.done.wait(PATIENCE_S) for camera in (*quiet, *busy))
    assert log == ["first", "busy-0", "busy-1", "busy-2", "quiet-0", "quiet-1", "quiet-2"]


def test_called_while_it_sees_it_sees_again_but_never_twice_at_a_time() -> None:
    log: list[str] = []
    camera = Camera("dock", log)
    camera.may_end.clear()
    with running(3) as pool:
        pool.call(camera)
        assert camera.began.wait(PATIENCE_S)
        for _ in range(5):
            pool.call(camera)
        camera.may_end.set()
        while len(log) < 2:
            assert camera.done.wait(PATIENCE_S)
    assert log == ["dock"] * 2


def test_dismissing_waits_for_the_one_at_work_and_forgets_the_rest() -> None:
    log: list[str] = []
    camera, other = Camera("dock", log, pictures=5), Camera("yard", log)
    camera.may_end.clear()
    with running(1) as pool:
        pool.call(camera)
        assert camera.began.wait(PATIENCE_S)
        leaving = threading.Thread(target=pool.dismiss, args=(camera,))
        leaving.start()
        assert leaving.is_alive()
        camera.may_end.set()
        leaving.join(PATIENCE_S)
        assert not leaving.is_alive()
        pool.call(other)
        assert other.done.wait(PATIENCE_S)
    assert log.count("dock") == 1


def test_a_camera_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Camera):
        def see(self) -> bool:
            raise ZeroDivisionError("division by zero")

    log: list[str] = []
    good = Camera("dock", log)
    with running(1) as pool, caplog.at_level(logging.ERROR):
        pool.call(Broken("broken", log))
        pool.call(good)
        assert good.done.wait(PATIENCE_S)
    assert "camera broken" in caplog.text
