"""What the shapes share: instants in UTC, texts without control characters, pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from custos.model.instants import is_tellable

T = TypeVar("T")

LINE_PATTERN = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
"""One line of text with something to see in it."""
NOTE_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text of several lines."""
WORD_PATTERN = r"^[^\x00-\x1f\x7f]+$"


def _in_utc(at: datetime) -> datetime:
    """Years a database and a browser can hold, so that no arithmetic on them overflows. It is their years in UTC that
    count: what is heard of one offset may be told again."""
    if not is_tellable(at):
        raise ValueError("the year, in UTC, must lie in 1970..9000")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""ISO 8601; told in UTC with Z, heard with any offset."""

Name = Annotated[str, Field(min_length=1, max_length=120, pattern=LINE_PATTERN)]


class Told(BaseModel):
    """What the server says."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """What a client says; a field nobody knows is a mistake worth hearing of."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Page(Told, Generic[T]):
    """`next_cursor` goes into `cursor` for what follows; null at the end."""

    items: list[T]
    next_cursor: str | None
