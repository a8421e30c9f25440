"""Files out of an npm package, fetched by the npm client as this machine has it configured."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from custos.adapters.detectors.fetching import SourceFailed
from custos.adapters.detectors.manifest import NpmSource, PackedFile

LIMIT_S = 600.0
_POLL_S = 0.2


def fetch_tarball(source: NpmSource, tarball: Path, *, progress: Callable[[], None]) -> None:
    """Make `tarball` the package's archive, with the pinned integrity; one that is there already is kept.

    Args:
        progress: called now and then while npm works; npm does not say how far it is.

    Raises:
        SourceFailed: no npm, no such package, no network, or another archive than was pinned.
    """
    if tarball.exists() and integrity_of(tarball) == source.integrity:
        return
    tarball.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tarball.parent, prefix=".npm-") as staging:
        _pack(f"{source.package}@{source.version}", Path(staging), progress)
        packed = list(Path(staging).glob("*.tgz"))
        if len(packed) != 1:
            raise SourceFailed(f"npm: packed {len(packed)} archives, expected 1")
        integrity = integrity_of(packed[0])
        if integrity != source.integrity:
            raise SourceFailed(f"npm: {source.package}@{source.version} is {integrity}, expected {source.integrity}")
        packed[0].replace(tarball)


def read_packed(tarball: Path, file: PackedFile) -> bytes:
    """A file of the package; SourceFailed when it is missing or has another hash."""
    try:
        with tarfile.open(tarball, "r:gz") as archive:
            member = archive.extractfile(f"package/{file.path}")
            content = member.read() if member is not None else b""
    except (KeyError, tarfile.TarError, OSError, EOFError) as error:
        raise SourceFailed(f"npm: {file.path} cannot be read from the package ({error})") from error
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != file.sha256:
        raise SourceFailed(f"npm: {file.path} has the hash {sha256}, expected {file.sha256}")
    return content


def integrity_of(path: Path) -> str:
    """As npm writes it: "sha512-" and base64."""
    with path.open("rb") as file:
        return "sha512-" + base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()


def _pack(package: str, directory: Path, progress: Callable[[], None]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed("npm: not installed (Debian: apt-get install npm)")
    command = [npm, "pack", package, "--json", "--ignore-scripts", "--pack-destination", str(directory)]
    # Quiet, and patient for seconds rather than npm's own minutes: the next source, or the user, waits.
    manners = {
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "NPM_CONFIG_FETCH_RETRY_MINTIMEOUT": "1000",
        "NPM_CONFIG_FETCH_RETRY_MAXTIMEOUT": "5000",
    }
    log = directory / "npm.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - the arguments come from our own manifest, no shell
            command,
            cwd=directory,
            env=os.environ | manners,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        try:
            _wait(process, progress)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise SourceFailed(f"npm: {_complaint(log.read_text(errors='replace'))}")


def _wait(process: subprocess.Popen[bytes], progress: Callable[[], None]) -> None:
    for _ in range(int(LIMIT_S / _POLL_S)):
        progress()
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            continue
        return
    raise SourceFailed(f"npm: not done after {LIMIT_S:g} s")


def _complaint(log: str) -> str:
    """The first thing that npm calls an error and that says more than a code."""
    errors = [
        line.split("error", 1)[1].strip(" !") for line in log.splitlines() if line.startswith(("npm error", "npm ERR"))
    ]
    telling = [line for line in errors if line and not line.startswith(("code ", "errno ", "syscall "))]
    return telling[0] if telling else (errors[0] if errors else "failed without saying why")
