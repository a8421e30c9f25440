"""How somebody else's records become events: templates, value maps, the form of times. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

Pairs = tuple[tuple[str, str], ...]
NO_EVENT = "none"
"""In place of a type: the record is understood and makes no event."""
TIME_FORMS = ("iso", "unix", "unix_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTemplate:
    """One event that a record may make. A template is text with `{field}` where a record's field goes.

    Args:
        type: of the event, or NO_EVENT.
        when: field and the texts it may have; all must hold.
        data: the event's fields and their templates.
        time: template of when it happened; None: when it was heard.
        id: template of what makes it unique within the device; None: all that the record says.
        source: template of "doors/dock"; None: the door, till, panel or sensor its data name.
    """

    type: str
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    data: Pairs = ()
    time: str | None = None
    id: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMapping:
    """Every event that a record may make.

    Args:
        values: by field, what stands for what: (("door", (("7", "dock"),)),).
        time_form: one of TIME_FORMS, or a strptime pattern.
        time_zone: of times that say none.
        decimal_comma: numbers are written 1.234,50.
    """

    events: tuple[EventTemplate, ...]
    values: tuple[tuple[str, Pairs], ...] = ()
    time_form: str = "iso"
    time_zone: str = "UTC"
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        ZoneInfo(self.time_zone)

    @property
    def tells_time(self) -> bool:
        """Whether records say when things happened."""
        return any(template.time for template in self.events)
