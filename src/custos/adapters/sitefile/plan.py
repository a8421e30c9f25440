"""The picture of a site's plan: found beside the site file, and let through only if it can do no harm.

read_plan(plan_file(name, folder)) -> PlanImage; Refused says what is wrong

A plan is shown to everybody who is signed in, so that it must be a picture: a PNG or JPEG by its header, or an SVG
without scripts, without anything it would fetch from elsewhere, and without a DOCTYPE (entities can be bombs).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from custos.adapters.sitefile.problems import Refused
from custos.model.plan import PlanImage

MAX_BYTES = 10 << 20
MAX_SVG_BYTES = 2 << 20
MAX_PX = 16_384
SVG = "{http://www.w3.org/2000/svg}"
XHTML = "{http://www.w3.org/1999/xhtml}"
DRAWN = frozenset(
    (
        *("svg", "g", "defs", "symbol", "use", "switch", "view", "title", "desc", "metadata", "style", "image"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"),
        *("marker", "clipPath", "mask", "pattern", "linearGradient", "radialGradient", "stop", "filter"),
    )
)
"""SVG elements that only draw; those of filters (`fe...`) do as well."""
EXPORT = "Export it as PNG, or as plain SVG without scripts and linked files."
_INNER_LINK = re.compile(r"#|data:image/(png|jpeg|gif|webp)[;,]", re.IGNORECASE)
_OUTER_URL = re.compile(r"url\(\s*+['\"]?+\s*+(?!#)", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:px|mm|cm|in|pt)?\s*$")


def plan_file(name: str, folder: Path) -> Path:
    """Where the picture called `name` is: in `folder` or below it. Refused when it is elsewhere or not there."""
    try:
        base, path = folder.resolve(), (folder / name).resolve()
        is_there = path.is_file()
    except (OSError, ValueError) as error:  # too long, in a folder that is closed to us, or with a NUL in it
        raise Refused(f"the plan's image cannot be named {name[:60]!r}") from error
    if not path.is_relative_to(base):
        raise Refused(
            f"the plan's image {name!r} does not lie beside the site file", "Copy it there, and name it alone."
        )
    if not is_there:
        raise Refused(f"there is no file {name!r}", "The plan's image lies beside the site file.")
    return path


def read_plan(path: Path) -> PlanImage:
    """The picture at `path`; Refused when it is none that may be shown."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused(f"the plan's image cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise Refused(f"the plan's image has more than {MAX_BYTES >> 20} MiB", "Make it smaller.")
    return plan_image(data)


def plan_image(data: bytes) -> PlanImage:
    """The picture that these bytes are; Refused when they are none that may be shown."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _checked(PlanImage(data, "image/png", *_png_size(data)))
    if data.startswith(b"\xff\xd8\xff"):
        return _checked(PlanImage(data, "image/jpeg", *_jpeg_size(data)))
    if b"<svg" in data[:4096] or data.lstrip()[:5] in (b"<?xml", b"\xef\xbb\xbf<?"):
        return _checked(_svg(data))
    raise Refused("the plan's image is neither PNG nor JPEG nor SVG", EXPORT)


def _checked(image: PlanImage) -> PlanImage:
    for px in (image.width_px, image.height_px):
        if image.media_type != "image/svg+xml" and px > MAX_PX:
            raise Refused(f"the plan's image is more than {MAX_PX} pixels wide or high", "Make it smaller.")
        if not px > 0:
            raise Refused("the plan's image does not say how large it is", EXPORT)
    if not 0.1 <= image.width_px / image.height_px <= 10:
        raise Refused("the plan's image is more than ten times as long as it is wide", "Cut it to the site.")
    return image


def _png_size(data: bytes) -> tuple[int, int]:
    if len(data) < 24 or data[12:16] != b"IHDR":
        raise Refused("the plan's image is a damaged PNG", EXPORT)
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Of the first start of frame (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big") if marker != 0xFF else 1
    raise Refused("the plan's image is a damaged JPEG", EXPORT)


def _svg(data: bytes) -> PlanImage:
    if len(data) > MAX_SVG_BYTES:
        raise Refused(f"the plan's image is an SVG of more than {MAX_SVG_BYTES >> 20} MiB", "Export it as PNG.")
    if b"<!DOCTYPE" in data or b"<?xml-stylesheet" in data or b"\x00" in data:
        raise Refused("the plan's image is an SVG with a DOCTYPE, with a style sheet of its own, or in UTF-16", EXPORT)
    try:
        root = ET.fromstring(data)  # noqa: S314 - without DOCTYPE there is nothing that could expand
    except ET.ParseError as error:
        raise Refused(f"the plan's image is no well-formed SVG: {error}", EXPORT) from error
    if root.tag != SVG + "svg":
        raise Refused("the plan's image is XML, but no SVG", EXPORT)
    for fault in _harm(root):
        raise Refused(f"the plan's image is an SVG {fault}", EXPORT)
    return PlanImage(data, "image/svg+xml", *_svg_size(root))


def _harm(root: ET.Element) -> Iterator[str]:
    """What in an SVG does more than draw."""
    for element in root.iter():
        name = str(element.tag)
        plain = name.removeprefix(SVG)
        if name.startswith(XHTML) or (name.startswith(SVG) and plain not in DRAWN and not plain.startswith("fe")):
            yield f"with <{plain.rpartition('}')[2]}>"
        for attribute, value in element.attrib.items():
            key = attribute.rpartition("}")[2].lower()
            if key.startswith("on"):
                yield f"that acts by itself ({key})"
            if key in ("href", "src") and not _INNER_LINK.match(value.strip()):
                yield f"that links to {value[:60]!r}"
            yield from _style_harm(value)
        if plain == "style":
            yield from _style_harm("".join(element.itertext()))  # what stands behind an element in it is style too


def _style_harm(text: str) -> Iterator[str]:
    low = text.lower()
    if _OUTER_URL.search(text) or "@import" in low or "\\" in text or "image-set(" in low:
        yield f"that fetches something from elsewhere ({text.strip()[:60]!r})"


def _svg_size(root: ET.Element) -> tuple[float, float]:
    """Of its viewBox, or else of its width and height."""
    try:
        _, _, width, height = (float(one) for one in root.get("viewBox", "").replace(",", " ").split())
    except ValueError:
        sizes = [_NUMBER.match(root.get(name, "")) for name in ("width", "height")]
        width, height = (float(one[1]) if one else 0.0 for one in sizes)
    return width, height
