"""The picture of a plan: let through if it only draws, and refused with a reason otherwise."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from custos.adapters.sitefile.book import YamlSiteBook
from custos.adapters.sitefile.edit import put_places
from custos.adapters.sitefile.plan import MAX_BYTES, plan_file, plan_image
from custos.adapters.sitefile.problems import Refused, SiteFileError
from custos.adapters.sitefile.reader import parse_site
from custos.model.errors import UsageError
from custos.model.plan import CameraPlace, Placing, SitePlan
from custos.testing.cameras import SMALLEST_JPEG

SITE = """\
# ours
site: {id: hq, name: HQ}
cameras:
  - id: lobby # by the door
    url: lobby.mp4
areas:
  - id: street
    outside: true
  - {id: office, name: Office}
doors:
  - id: front
    areas: [street, office] # goes in
views:
  - {of: tills/till-1, cameras: [lobby]}
"""
SQUARE = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))


def svg(inside: str = "", attributes: str = 'viewBox="0 0 400 200"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (png(640, 480), "image/png", (640, 480)),
        (SMALLEST_JPEG, "image/jpeg", (1, 1)),
        (svg(), "image/svg+xml", (400, 200)),
        (svg("", 'width="30mm" height="20mm"'), "image/svg+xml", (30, 20)),
        (svg('<rect fill="url(#g)"/><style>a{fill:url( "#b" )}</style><use href="#g"/>'), "image/svg+xml", (400, 200)),
        (svg('<image href="data:image/png;base64,AAAA"/>'), "image/svg+xml", (400, 200)),
    ],
)
def test_what_is_a_plan(data: bytes, media_type: str, size: tuple[float, float]) -> None:
    image = plan_image(data)
    assert (image.media_type, (image.width_px, image.height_px)) == (media_type, size)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "neither PNG nor JPEG nor SVG"),
        (b"GIF89a", "neither PNG nor JPEG nor SVG"),
        (b"\x89PNG\r\n\x1a\n", "damaged PNG"),
        (b"\xff\xd8\xff\xe0\x00\x04ab", "damaged JPEG"),
        (png(0, 10), "does not say how large"),
        (png(20_000, 10_000), "more than 16384 pixels"),
        (png(1000, 10), "ten times as long"),
        (svg("<g>"), "no well-formed SVG"),
        (svg("", ""), "does not say how large"),
        (b"<?xml version='1.0'?><a/>", "XML, but no SVG"),
        (svg("<style><title/>@import 'https://example.org/a.css'</style>"), "fetches something"),
        (svg("<script>alert(1)</script>"), "with <script>"),
        (svg("<foreignObject/>"), "with <foreignObject>"),
        (svg("<animate/>"), "with <animate>"),
        (svg('<g onclick="x()"/>'), "acts by itself"),
        (svg('<image href="https://example.org/a.png"/>'), "links to"),
        (svg('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="other.svg#a"/>'), "links to"),
        (svg('<a href="javascript:x()"/>'), "with <a>"),
        (svg("<style>@import 'a.css';</style>"), "from elsewhere"),
        (svg("<rect style=\"fill: url( 'http://example.org')\"/>"), "from elsewhere"),
        (svg('<b xmlns="http://www.w3.org/1999/xhtml"/>'), "with <b>"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg(), "DOCTYPE"),
    ],
)
def test_what_is_none(data: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        plan_image(data)


def test_a_plan_lies_beside_the_site_file(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(png(4, 4))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    for name in ("../secret.png", str(tmp_path / "secret.png"), "link.png"):
        with pytest.raises(Refused, match="does not lie beside"):
            plan_file(name, folder)
    with pytest.raises(Refused, match="there is no file"):
        plan_file("plan.png", folder)


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    r"""Symptom: after `image: "a\0b"` in the site file every request failed, even when it was mended."""
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    book = YamlSiteBook(path)
    for name in ("a\\0b", "a" * 300):
        path.write_text(SITE + f'plan: {{image: "{name}"}}\n')
        assert book.site().name == "HQ"
        assert "cannot be named" in str(book.problem)
    path.write_text(SITE.replace("HQ", "Hill"))
    assert book.site().name == "Hill"


def test_a_plan_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "plan.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(SiteFileError, match=r"site.yaml:2: the plan's image has more than 10 MiB. Make it smaller"):
        parse_site("site: {id: hq, name: HQ}\nplan: {image: plan.png}\n", tmp_path / "site.yaml")


def test_a_plan_in_the_site_file(tmp_path: Path) -> None:
    (tmp_path / "plan.svg").write_bytes(svg())
    head = "site: {id: hq, name: HQ}\n"
    assert parse_site(head).plan is None
    assert parse_site(head + "plan: {width_m: 50}\n").plan == SitePlan(50, 30)
    with_image = parse_site(head + "plan: {image: plan.svg, width_m: 60}\n", tmp_path / "site.yaml").plan
    assert with_image is not None
    assert (with_image.height_m, with_image.media_type) == (30, "image/svg+xml")
    with pytest.raises(SiteFileError, match="no height of its own"):
        parse_site(head + "plan: {image: plan.svg, height_m: 60}\n", tmp_path / "site.yaml")


def test_another_picture_is_noticed_and_checked_before_it_is_shown(tmp_path: Path) -> None:
    path, picture = tmp_path / "site.yaml", tmp_path / "plan.svg"
    picture.write_bytes(svg())
    path.write_text("site: {id: hq, name: HQ}\nplan: {image: plan.svg}\n")
    book = YamlSiteBook(path)
    first = book.site().plan
    picture.write_bytes(svg("<rect/>"))
    assert book.site().plan != first
    image = book.plan_image()
    assert image is not None
    assert image.data == svg("<rect/>")
    picture.write_bytes(svg("<script/>"))
    assert book.plan_image() is None


def test_things_are_placed_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    book = YamlSiteBook(path)
    placing = Placing(
        areas={"office": SQUARE},
        doors={"front": (0.25, 0.123456789)},
        cameras={"lobby": CameraPlace((0.1, 0.2), 90.0, 70.0, 15.0)},
        things={"tills/till-1": (0.4, 0.4)},
    )
    site = book.put_places(placing)
    assert site.access.doors[0].position == (0.25, 0.12346)
    assert site == YamlSiteBook(path).site()
    assert site.off_plan() == parse_site(SITE, path), "what is watched stays the same"
    text = path.read_text()
    assert "  - id: lobby # by the door\n    url: lobby.mp4\n" in text
    assert "    place: {position: [0.1, 0.2], bearing_deg: 90, range_m: 15}\n" in text
    assert "    areas: [street, office] # goes in\n    position: [0.25, 0.12346]\n" in text
    assert book.put_places(placing) == site
    assert path.read_text() == text
    gone = Placing(areas={"office": ()}, doors={"front": None}, cameras={"lobby": None}, things={"tills/till-1": None})
    book.put_places(gone)
    assert path.read_text() == SITE


def test_many_things_at_once_are_placed_as_one_after_the_other() -> None:
    """Symptom: every thing read the whole file again, half a second each, and nobody else could ask for the site."""
    cameras = "".join(f"  - id: cam-{n}\n    url: {n}.mp4\n" for n in range(3))
    text = f"cameras:\n  - &one\n    id: first\n    url: a.mp4\n{cameras}{SITE.partition('url: lobby.mp4')[2][1:]}"
    places = {one: CameraPlace((0.5, 0.25), 90.0) for one in ("cam-2", "first", "cam-0")}
    doors, areas = {"front": (0.25, 0.5)}, {"office": SQUARE, "street": SQUARE}
    one_by_one = text
    for name, place in places.items():
        one_by_one = put_places(one_by_one, Placing(cameras={name: place}))
    one_by_one = put_places(put_places(one_by_one, Placing(doors=doors)), Placing(areas=areas))
    assert one_by_one.count("place:") == 3
    assert put_places(text, Placing(areas=areas, doors=doors, cameras=places)) == one_by_one


@pytest.mark.parametrize(
    "placing",
    [
        Placing(areas={"none": SQUARE}), Placing(doors={"none": None}),
        Placing(cameras={"none": None}), Placing(things={"tills/none": None}),
    ],
)  # fmt: skip
def test_what_is_not_there_cannot_be_placed(tmp_path: Path, placing: Placing) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    with pytest.raises(UsageError, match="there is no"):
        YamlSiteBook(path).put_places(placing)
    assert path.read_text() == SITE


OFF = "site: {id: hq, name: HQ}\n"
BLOCK = OFF + "rules_off:\n  - a  # noisy\n  - b\n# the end\n"


@pytest.mark.parametrize(
    ("before", "rule", "in_use", "after"),
    [
        (OFF, "a", True, OFF),
        (OFF, "a", False, OFF + "rules_off: [a]\n"),
        (OFF + "rules_off: [a]\n# end\n", "b", False, OFF + "rules_off: [a, b]\n# end\n"),
        (OFF + "rules_off: [a]\n# end\n", "a", True, OFF + "# end\n"),
        (OFF + "rules_off:\ncameras: []\n", "a", False, OFF + "rules_off: [a]\ncameras: []\n"),
        (BLOCK, "c", False, OFF + "rules_off:\n  - a  # noisy\n  - b\n  - c\n# the end\n"),
        (BLOCK, "b", True, OFF + "rules_off:\n  - a  # noisy\n# the end\n"),
    ],
)
def test_a_rule_is_switched_where_the_file_lists_those_that_are_off(
    tmp_path: Path, before: str, rule: str, in_use: bool, after: str
) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(before)
    book = YamlSiteBook(path)
    assert (rule in book.put_rule(rule, in_use=in_use).rules_off) is not in_use
    assert path.read_text() == after
