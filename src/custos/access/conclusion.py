"""What the domain concludes, before it is an event: the same premises make the same event, with the same id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from custos.model.event import Event, Json

MAX_RESTS_ON = 50


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One fact concluded from others.

    Args:
        place: ("doors", id) or ("areas", id): who is made to say so.
        rests_on: ids of the events it follows from, oldest first.
        key: what tells it from others of its type and place, when its premises do not.
        subject: "holders/<id>" where it is about somebody.
    """

    type: str
    at: datetime
    place: tuple[str, str]
    reason: str
    rests_on: tuple[str, ...]
    data: Mapping[str, Json] = field(default_factory=dict)
    key: str = ""
    subject: str | None = None

    def event(self, site_id: str) -> Event:
        """As an event of this site."""
        kind, own_id = self.place
        name = "|".join((site_id, self.type, kind, own_id, self.key or "|".join(self.rests_on)))
        place_key = "door_id" if kind == "doors" else "area_id"
        resting: list[Json] = []
        resting.extend(list(dict.fromkeys(self.rests_on))[-MAX_RESTS_ON:])
        told = {name: value for name, value in self.data.items() if value is not None}
        return Event(
            id="acc-" + sha256(name.encode()).hexdigest()[:32],
            type=self.type,
            at=self.at,
            source=f"/sites/{site_id}/{kind}/{own_id}",
            subject=self.subject or f"{kind}/{own_id}",
            data={place_key: own_id, **told, "reason": self.reason, "event_ids": resting},
        )


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody at a reader: a holder where the credential is known, else the credential itself."""

    holder_id: str | None
    credential: str | None

    @property
    def key(self) -> str:
        """Two credentials of one holder are one person."""
        return f"holders/{self.holder_id}" if self.holder_id is not None else f"credentials/{self.credential}"

    def is_same(self, other: Who) -> bool:
        """Whether both have one key."""
        known = self.holder_id
        return known == other.holder_id and (known is not None or self.credential == other.credential)

    @property
    def is_somebody(self) -> bool:
        return self.holder_id is not None or self.credential is not None

    @property
    def subject(self) -> str | None:
        return f"holders/{self.holder_id}" if self.holder_id is not None else None

    @property
    def data(self) -> dict[str, Json]:
        return {"holder_id": self.holder_id, "credential": self.credential}


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody with a credential went from one area into another."""

    at: datetime
    door_id: str
    from_area: str
    into_area: str
    who: Who
    event_id: str
    is_undone: bool = False
    """The controller says that it was not so after all."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Somebody may have gone from one area into another without a credential: a button, a free door, a count."""

    at: datetime
    from_area: str
    into_area: str
