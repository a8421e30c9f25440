"""From a choice in the site file to a Detector that is ready to see."""

from __future__ import annotations

import hashlib
from pathlib import Path

from custos.adapters.detectors.centernet import OUTPUT, CenternetDetector
from custos.adapters.detectors.network import Network
from custos.adapters.detectors.registry import ModelStatus, Registry
from custos.adapters.detectors.yolox import YoloxDetector
from custos.model.detections import COCO_CLASSES
from custos.model.errors import CustosError, UsageError
from custos.model.site import DetectorChoice
from custos.pipeline.ports import Detector

AUTO = "auto"
FAMILIES = ("yolox", "centernet")


def open_detector(choice: DetectorChoice, directory: Path, threads: int) -> Detector:
    """The chosen Detector.

    Args:
        choice: "auto" takes the best model present in `directory`; a name of the registry takes that; a path
            takes that file, which must come with its sha256.
        directory: where `custos models pull` puts models.
        threads: CPU threads for one inference.

    Raises:
        UsageError: no such name, a path without a sha256, a family that does not exist.
        CustosError: not there, another hash, or not a model of its family.
    """
    if choice.path is not None:
        return _open_file(choice, Path(choice.path), threads)
    return _open_registered(_chosen(Registry(directory), choice.name), threads)


def _chosen(registry: Registry, name: str) -> ModelStatus:
    if name != AUTO:
        status = registry.verify(name)
        if status.present:
            return status
        raise CustosError(
            f"{name} is not here.", where=str(registry.directory), remedy=f"Run `custos models pull {name}`."
        )
    best = registry.best_present()
    if best is not None:
        return best
    wrong = [status.entry.name for status in registry.list() if status.present]
    raise CustosError(
        f"there are models, but none with the right hash: {', '.join(wrong)}." if wrong else "no model is here.",
        where=str(registry.directory),
        remedy="Run `custos models pull`.",
    )


def _open_registered(status: ModelStatus, threads: int) -> Detector:
    name, path = status.entry.name, status.path
    model = path.read_bytes()
    sha256 = hashlib.sha256(model).hexdigest()
    if sha256 != status.entry.sha256:
        raise CustosError(
            f"the hash of {name} should be {status.entry.sha256}, but is {sha256}.",
            where=str(path),
            remedy=f"Run `custos models pull {name}` to replace it.",
        )
    return detector_of(Network(model, where=str(path), threads=threads), status.entry.family, f"{name}@{sha256[:8]}")


def _open_file(choice: DetectorChoice, path: Path, threads: int) -> Detector:
    try:
        model = path.read_bytes()
    except OSError as error:
        raise CustosError(
            f"the model cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Give the path of an ONNX file, or a name of `custos models list`.",
        ) from error
    sha256 = hashlib.sha256(model).hexdigest()
    if choice.sha256 is None:
        raise UsageError(
            f"a model given by its path needs its hash; this file's is {sha256}.",
            where=str(path),
            remedy=f"If it is the file you trust, add `sha256: {sha256}`.",
        )
    if choice.sha256.lower() != sha256:
        raise CustosError(
            f"the hash should be {choice.sha256.lower()}, but is {sha256}.",
            where=str(path),
            remedy="If the file was meant to change, declare its new hash.",
        )
    network = Network(model, where=str(path), threads=threads)
    name = f"{'-'.join(path.stem.split())}@{sha256[:8]}"
    return detector_of(network, choice.family or guess_family(network, where=str(path)), name)


def detector_of(network: Network, family: str, name: str) -> Detector:
    """A Detector of a family over a network; UsageError for a family that does not exist."""
    if family == "yolox":
        return YoloxDetector(network, name=name)
    if family == "centernet":
        return CenternetDetector(network, name=name)
    raise UsageError(f"no detector family is called {family!r}; known: {', '.join(FAMILIES)}.", where=name)


def guess_family(network: Network, *, where: str) -> str:
    """The family that a graph's inputs and outputs look like; UsageError when they look like none."""
    if any(port.name == OUTPUT for port in network.outputs):
        return "centernet"
    shape = network.outputs[0].shape
    if len(shape) == 3 and shape[2] == 5 + len(COCO_CLASSES):
        return "yolox"
    raise UsageError(
        "the model's shapes do not tell its family.",
        where=where,
        remedy=f"Add `family:` ({' or '.join(FAMILIES)}).",
    )
