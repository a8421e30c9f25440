"""Which source a camera's address asks for: `open_source(camera, base_dir=...) -> Source`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from custos.adapters.sources.address import Kind, locate
from custos.adapters.sources.file import FileSource
from custos.adapters.sources.launching import Launch, spawn
from custos.adapters.sources.live import DEFAULT_LIMITS, Limits, LiveSource
from custos.model.site import Camera
from custos.pipeline.ports import Source


def open_source(
    camera: Camera,
    *,
    base_dir: Path,
    started_at: datetime | None = None,
    in_step_from: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    launch: Launch = spawn,
) -> Source:
    """The camera's source; nothing that can hang is opened before it is iterated.

    Args:
        base_dir: relative paths of files count from here (the site file's folder).
        launch: starts the processes that read live sources; one `IngestHost` serves many cameras cheaply.
        started_at: aware; when a recording that is not looped began. Default: now.
        in_step_from: aware; when the first round of a looped file began: whoever plays it shows the same picture at the
            same time. Default: it begins when it is opened.
    Raises:
        UsageError: the address's scheme is not known; names the accepted ones.
        CustosError: a recording that is not looped cannot be read.
    """
    address = locate(camera.url, base_dir=base_dir, transport=camera.transport)
    if address.kind is Kind.FILE and address.path is not None and not camera.loop:
        return FileSource(address.path, camera.id, started_at or datetime.now(UTC))
    loop = address.kind is Kind.FILE
    in_step_from = in_step_from if loop else None
    return LiveSource(address, camera.id, loop=loop, in_step_from=in_step_from, limits=limits, launch=launch)
