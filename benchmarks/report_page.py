"""Sections of docs/performance.md, or another page, that benchmarks write themselves, between two comments."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"


def write_section(name: str, text: str, page_file: Path = PAGE) -> None:
    """Replace what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    page = page_file.read_text()
    if begin not in page or end not in page:
        raise SystemExit(f"{page_file} has no section {name!r} ({begin} ... {end})")
    page_file.write_text(
        re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)
    )
