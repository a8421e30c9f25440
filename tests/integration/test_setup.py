"""The set-up behind `make`: done once, done again when its inputs change, mended after it was cut off.

Python, pip, npm and the network are stood in for by scripts that note how they were called.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
LOCKS = ("requirements.lock", "requirements.dev.lock")

PYTHON = """#!/bin/bash
echo "python ${*:1:3}" >>"$CALLS"
case "$*" in
"-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$(dirname "$0")/custos" .venv/bin/ ;;
*--require-hashes*)
    if [ -e "$BROKEN.hangs" ]; then echo $$ >"$BROKEN.pid" && exec sleep 600; fi
    [ ! -e "$BROKEN" ]
    ;;
esac
"""
NPM = """#!/bin/bash
echo "npm ${*:3}" >>"$CALLS"
case "$*" in
*" ci "*) mkdir -p "$2/node_modules" ;;
*build*) mkdir -p "$2/dist" && touch "$2/dist/index.html" ;;
esac
"""
CUSTOS = """#!/bin/bash
echo "custos $*" >>"$CALLS"
mkdir -p "$CUSTOS_MODELS" && touch "$CUSTOS_MODELS/model.onnx"
"""
INSTALL = ["python -m pip --disable-pip-version-check"] * 2
BUILD = ["npm ci --no-audit --no-fund", "npm run build"]


@dataclass(frozen=True, slots=True)
class Result:
    returncode: int
    stderr: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A small project around the real scripts/setup.sh."""

    root: Path
    tools: Path

    def start(self, target: str = "run", path: str | None = None) -> subprocess.Popen[str]:
        environ = {
            "PATH": path if path is not None else f"{self.tools}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "CALLS": str(self.root / "calls"),
            "BROKEN": str(self.root / "broken"),
            "CUSTOS_MODELS": str(self.root / "models"),
        }
        command = ["/bin/bash", "scripts/setup.sh", target]
        return subprocess.Popen(command, cwd=self.root, env=environ, stderr=subprocess.PIPE, text=True)

    def run(self, target: str = "run", path: str | None = None) -> Result:
        with self.start(target, path) as process:
            told = process.communicate(timeout=PATIENCE_S)[1]
        return Result(process.returncode, told)

    def calls(self) -> list[str]:
        """What was called since the last time, without the looks at whether things are there."""
        log = self.root / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return sorted(line for line in lines if not line.startswith(("python -c", "python -m pip --version")))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, tools = tmp_path / "project", tmp_path / "tools"
    for folder in (root / "scripts", root / "console" / "src", tools):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", root / "scripts")
    for name, text in {"python3.13": PYTHON, "npm": NPM, "custos": CUSTOS}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    for name in (
        *LOCKS,
        "pyproject.toml",
        "console/package.json",
        "console/package-lock.json",
        "console/src/main.ts",
    ):
        (root / name).write_text(name)
    return Checkout(root, tools)


def done(checkout: Checkout, target: str = "run") -> list[str]:
    """What a run that works calls."""
    result = checkout.run(target)
    assert result.returncode == 0, result.stderr
    return checkout.calls()


def test_everything_is_set_up_once(checkout: Checkout) -> None:
    assert done(checkout) == sorted([*BUILD, *INSTALL, "python -m venv .venv", "custos models pull"])
    assert done(checkout) == []


@pytest.mark.parametrize(
    ("changed", "called"),
    [
        ("requirements.lock", INSTALL),
        ("pyproject.toml", INSTALL),
        ("console/src/main.ts", BUILD[1:]),
        ("console/src/new.ts", BUILD[1:]),
        ("console/package-lock.json", BUILD),
    ],
)
def test_what_has_changed_is_done_again(checkout: Checkout, changed: str, called: list[str]) -> None:
    done(checkout)
    (checkout.root / changed).write_text("changed")
    assert done(checkout) == called
    assert done(checkout) == []


@pytest.mark.parametrize(
    ("lost", "called"),
    [
        ("console/dist", BUILD[1:]),
        ("console/node_modules", BUILD[:1]),
        (".venv", [*INSTALL, "python -m venv .venv"]),
        (".setup", [*BUILD, *INSTALL]),
        ("models", ["custos models pull"]),
    ],
)
def test_what_was_lost_is_made_again(checkout: Checkout, lost: str, called: list[str]) -> None:
    done(checkout)
    shutil.rmtree(checkout.root / lost)
    assert done(checkout) == sorted(called)


def test_an_interrupted_install_begins_again(checkout: Checkout) -> None:
    broken = checkout.root / "broken"
    broken.touch()
    result = checkout.run()
    assert result.returncode == 1
    assert "FAILED: Python packages" in result.stderr
    assert "run make again" in result.stderr
    checkout.calls()
    (checkout.root / ".venv" / "half-a-package").touch()
    broken.unlink()
    done(checkout)
    assert not (checkout.root / ".venv" / "half-a-package").exists()


def test_ctrl_c_takes_every_step_along(checkout: Checkout) -> None:
    (checkout.root / "broken.hangs").touch()
    pid_file = checkout.root / "broken.pid"
    with checkout.start() as process:
        while not (pid_file.exists() and pid_file.read_text()):
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        assert process.wait(PATIENCE_S) == 130
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid_file.read_text().strip()}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (checkout.root / "broken.hangs").unlink()
    assert "python -m venv .venv" in done(checkout)


def test_the_development_environment_serves_to_run(checkout: Checkout) -> None:
    assert "python -m venv .venv" in done(checkout, "lint")
    assert done(checkout, "run") == ["custos models pull"]


def test_without_root_the_missing_packages_are_listed(checkout: Checkout) -> None:
    bare = checkout.root / "bin"
    bare.mkdir()
    for tool in ("dirname", "mkdir", "flock", "tr", "sed"):
        (bare / tool).symlink_to(str(shutil.which(tool)))
    (bare / "id").write_text("#!/bin/bash\necho 1000\n")
    (bare / "id").chmod(0o755)
    result = checkout.run(path=str(bare))
    assert result.returncode == 1, result.stderr
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends" in result.stderr
    for package in ("python3-venv", "nodejs", "npm"):
        assert package in result.stderr
    assert checkout.calls() == []


def requirements(lock: str) -> dict[str, str]:
    """Each requirement of a lock file with everything that is said of it."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    return {name_of(line): line for line in text.splitlines() if re.match(r"\w", line)}


def name_of(requirement: str) -> str:
    """The normalised name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;~! ]", requirement)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_pin_everything_by_hash_and_name_no_address(lock: str) -> None:
    locked = requirements(lock)
    assert len(locked) > 20
    assert [name for name, said in locked.items() if "--hash=sha256:" not in said or "==" not in said] == []
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|file://|--index-url|--find-links|@ ", text)


def test_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    develop = [*run, *project["project"]["optional-dependencies"]["dev"]]
    for lock, wanted in zip(LOCKS, (run, develop), strict=True):
        assert {name_of(one) for one in wanted} <= requirements(lock).keys(), "run `make lock`"
    versions = {lock: {n: s.split("--hash")[0].strip() for n, s in requirements(lock).items()} for lock in LOCKS}
    assert versions[LOCKS[0]].items() <= versions[LOCKS[1]].items()
