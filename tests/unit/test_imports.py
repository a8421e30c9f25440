"""Imports point one way: every layer is listed with what it may import, and a wrong arrow fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "custos"
VALUES = frozenset({"model", "geometry"})
DOMAINS = frozenset(
    {
        *("vision", "access", "correlation", "baseline", "incidents", "response", "evidence", "governance"),
        "assurance",
    }
)
CORE = VALUES | DOMAINS | {"pipeline"}
MAY_IMPORT: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "geometry": frozenset(),
    **dict.fromkeys(DOMAINS, VALUES),
    "pipeline": VALUES | DOMAINS,
    "adapters": CORE,
    "server": CORE,
    "simulate": CORE | {"adapters.media"},
    "testing": CORE | {"adapters", "server", "simulate"},
    "app": CORE | {"adapters", "server"},
    "cli": CORE | {"adapters", "server", "simulate", "app"},
}
"""Besides itself. `app` alone joins adapters and server; `cli` starts it, and uses adapters as file tools."""

WORLDLY = frozenset(
    {
        *(
            "asyncio",
            "concurrent",
            "glob",
            "http",
            "io",
            "logging",
            "multiprocessing",
            "os",
            "pathlib",
            "random",
        ),
        *("secrets", "selectors", "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile"),
        *(
            "threading",
            "time",
            "urllib",
            "uuid",
            "av",
            "cv2",
            "fastapi",
            "httpx",
            "onnxruntime",
            "sqlalchemy",
        ),
    }
)
"""What a domain must not import: the clock, chance, other processes, files, the network."""
PICTURE_TOOLS = {"vision": frozenset({"cv2"})}
"""OpenCV's arithmetic on arrays is no contact with the world."""
CLOCK_READS = frozenset({"now", "utcnow", "today", "fromtimestamp"})


@dataclass(frozen=True, slots=True)
class Arrow:
    """`importer`, a path below src/custos, says at `line` that it needs `module`."""

    importer: str
    line: int
    module: str


def layer_of(path: str) -> str:
    """ "pipeline/camera.py" lies in pipeline, "app.py" in app, "__init__.py" in the package itself."""
    head = path.split("/")[0]
    return "" if head == "__init__.py" else head.removesuffix(".py")


def imports_of(path: str, text: str) -> Iterator[Arrow]:
    """Every import of a file, also those inside functions; relative ones made absolute."""
    package = ["custos", *path.split("/")[:-1]]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Arrow(path, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Arrow(path, node.lineno, f"{module}.{alias.name}")


def may(layer: str, module: str) -> bool:
    """Whether a file of `layer` may import `custos.<module>`."""
    if not layer or module.startswith("__"):  # the package itself; custos.__version__
        return True
    target = module.split(".")[0]
    return target == layer or target in MAY_IMPORT[layer] or ".".join(module.split(".")[:2]) in MAY_IMPORT[layer]


def wrong_arrows(path: str, text: str) -> list[str]:
    """What is wrong with the imports of one file, in words."""
    layer = layer_of(path)
    wrong = []
    for arrow in imports_of(path, text):
        head, _, rest = arrow.module.partition(".")
        if head == "custos" and rest and not may(layer, rest):
            wrong.append(f"{path}:{arrow.line}: {layer} must not import {arrow.module}")
        elif layer in VALUES | DOMAINS and head in WORLDLY - PICTURE_TOOLS.get(layer, frozenset()):
            wrong.append(f"{path}:{arrow.line}: {layer} is free of IO, clock and chance, but imports {arrow.module}")
    return wrong


def clock_reads(path: str, text: str) -> list[str]:
    """Where a value or a domain asks for the time, or for chance, instead of being told."""
    if layer_of(path) not in VALUES | DOMAINS:
        return []
    return [
        f"{path}:{node.lineno}: {ast.unparse(node)} must come in as an argument"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and (
            (node.attr in CLOCK_READS and "date" in ast.unparse(node.value))
            or ast.unparse(node) in ("np.random", "numpy.random")
        )
    ]


def test_every_arrow_points_the_right_way() -> None:
    wrong: list[str] = []
    for file in sorted(SOURCE.rglob("*.py")):
        path, text = file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8")
        wrong += wrong_arrows(path, text) + clock_reads(path, text)
    assert not wrong, "\n".join(wrong)


def test_every_layer_is_known() -> None:
    layers = {layer_of(file.relative_to(SOURCE).as_posix()) for file in SOURCE.rglob("*.py")}
    assert layers - {""} <= set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("model/site.py", "from custos.geometry.polygons import area", "model must not import"),
        ("geometry/boxes.py", "import custos.model.frame", "geometry must not import"),
        ("vision/motion.py", "from custos.incidents import grouping", "vision must not import"),
        ("vision/motion.py", "from custos.pipeline.ports import Rule", "vision must not import"),
        ("incidents/grouping.py", "def f():\n    from ..vision import a", ":2: incidents must not"),
        ("pipeline/hub.py", "from custos.adapters.bus.memory import MemoryBus", "pipeline must not import"),
        ("adapters/bus/memory.py", "from custos.server.ports import SiteBook", "adapters must not import"),
        ("server/app.py", "from custos import adapters", "server must not import custos.adapters"),
        ("server/app.py", "from custos.simulate.site import demo", "server must not import"),
        ("simulate/site.py", "from custos.adapters.store import sql", "simulate must not import"),
        ("app/server.py", "from custos.cli.options import models_dir", "app must not import"),
        ("vision/motion.py", "import time", "free of IO"),
        ("correlation/presence.py", "from asyncio import sleep", "free of IO"),
        ("incidents/lifecycle.py", "import cv2", "free of IO"),
    ],
)  # fmt: skip
def test_a_wrong_arrow_is_found(path: str, text: str, told: str) -> None:
    (wrong,) = wrong_arrows(path, text)
    assert told in wrong


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "vision/motion.py",
            "import cv2\nfrom custos.geometry.boxes import iou\nfrom custos.vision.tracking import T",
        ),
        ("simulate/film.py", "from custos.adapters.media.encode import H264Writer"),
        ("cli/up.py", "from custos import __version__\nfrom custos.app.supervisor import Supervisor"),
        ("__init__.py", "import importlib.metadata"),
    ],
)
def test_a_right_arrow_is_left_alone(path: str, text: str) -> None:
    assert wrong_arrows(path, text) == []


@pytest.mark.parametrize("text", ["datetime.now(UTC)", "dt.datetime.utcnow()", "date.today()", "np.random.rand()"])
def test_a_look_at_the_clock_is_found(text: str) -> None:
    assert clock_reads("vision/motion.py", f"x = {text}")
    assert not clock_reads("adapters/sources/live.py", f"x = {text}")
