"""A new site: from nothing to a first picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

RATE = 10
SECONDS = 20
WIDTH, HEIGHT = 320, 180


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Twenty seconds of a bright square on its way across the picture."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for i in range(RATE * SECONDS):
            picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
            picture[60:120, i : i + 60] = 220
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    return path


def test_the_first_camera_is_mended_until_there_is_a_picture(
    bare_page: Page, clip: Path, picture: Callable[[Page, str], None]
) -> None:
    page = bare_page
    expect(page.get_by_role("heading", name="Connect the first camera")).to_be_visible()
    picture(page, "first-camera")
    page.get_by_label("Name").fill("Front door")
    address = page.get_by_role("textbox", name="Address")
    address.fill(str(clip.with_name("clop.mp4")))
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("no such file")
    address.fill(str(clip))
    page.get_by_role("switch", name="Loop the file").check()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("img", name="Picture of Front door")).to_be_visible()
    picture(page, "first-picture")
    page.get_by_role("button", name="Watch live").click()
    expect(page.get_by_role("heading", name="Front door")).to_be_visible()
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0")
