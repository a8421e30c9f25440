"""The console's types of the API are made from the server's own OpenAPI document, and are current."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from custos import __version__
from custos.cli import apidoc
from custos.server.app import api_document

CONSOLE = Path(__file__).parents[2] / "console"
MAKER = CONSOLE / "scripts" / "types.mjs"


def made(document: dict[str, object]) -> str:
    """What `npm run types` makes of an OpenAPI document."""
    ran = subprocess.run(
        ["node", str(MAKER)], input=json.dumps(document), capture_output=True, text=True, cwd=CONSOLE, timeout=240
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (CONSOLE / "node_modules" / "json-schema-to-typescript").is_dir(),
    reason="needs node and the console's packages: npm ci in console/",
)


@needs_node
def test_the_types_are_current_and_a_changed_answer_changes_them() -> None:
    """Types of a document with one property more are those that are written, and one line."""
    document = api_document(__version__)
    document["components"]["schemas"]["SiteTold"]["properties"]["weather"] = {"type": "string"}
    before, line, after = made(document).partition("  weather?: string;\n")
    assert line
    assert before + after == (CONSOLE / "src" / "api" / "schema.ts").read_text(), "run `make docs`"


def test_the_document_is_printed_without_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    apidoc.main()
    told = json.loads(capsys.readouterr().out)
    assert told["openapi"].startswith("3.1")
    assert told == json.loads(json.dumps(api_document(__version__)))
