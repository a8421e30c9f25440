"""The models that Custos knows: what they are, under which licence, where they come from, and their hashes.

`manifest.json` lists them best first: "auto" takes the first that is present.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FILE = "manifest.json"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UrlSource(_Entry):
    """The ONNX file itself, behind an address."""

    kind: Literal["url"]
    url: str = Field(pattern=r"^https?://")


class PackedFile(_Entry):
    """A file inside a package, its path counted from the package's root."""

    path: str
    sha256: Sha256


class NpmSource(_Entry):
    """A TensorFlow.js graph model inside an npm package, imported to ONNX once it is here.

    Args:
        integrity: of the package's tarball, as npm writes it: "sha512-" and base64.
        size_bytes: of the tarball.
        outputs: of the model's signature, those that the ONNX file keeps.
    """

    kind: Literal["npm"]
    package: str
    version: str
    integrity: str = Field(pattern=r"^sha512-[A-Za-z0-9+/]{86}==$")
    size_bytes: int = Field(gt=0)
    graph: PackedFile
    weights: PackedFile
    outputs: tuple[str, ...]


Source = Annotated[UrlSource | NpmSource, Field(discriminator="kind")]


class ModelEntry(_Entry):
    """One model.

    Args:
        family: how its input is made and its output read; one of `opening.FAMILIES`.
        input_px: the side of its square input.
        size_bytes, sha256: of the ONNX file, wherever it came from.
        sources: tried in order.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    family: Literal["yolox", "centernet"]
    input_px: int = Field(gt=0)
    classes: str
    licence: str
    size_bytes: int = Field(gt=0)
    sha256: Sha256
    sources: tuple[Source, ...] = Field(min_length=1)


class Manifest(_Entry):
    """All models, best first."""

    models: tuple[ModelEntry, ...]

    def find(self, name: str) -> ModelEntry | None:
        return next((entry for entry in self.models if entry.name == name), None)

    @property
    def names(self) -> list[str]:
        return [entry.name for entry in self.models]


def load_manifest() -> Manifest:
    """The manifest that Custos ships."""
    return Manifest.model_validate_json(files(__package__).joinpath(FILE).read_bytes())
