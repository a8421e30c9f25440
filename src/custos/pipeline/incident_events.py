"""What is told of incidents, as events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from custos.model.event import Event, Incident, Json


def incident_event(
    type_: str, incident: Incident, at: datetime, data: Mapping[str, Json] | None = None, *, key: str = ""
) -> Event:
    """The id is the incident's and its version's, or `key`: the same change is the same event."""
    return Event(
        id=f"{incident.id}.{key or incident.version}",
        type=type_,
        at=at,
        source=f"/sites/{incident.site_id}/incidents",
        subject=f"incidents/{incident.id}",
        data={
            "incident_id": incident.id,
            "number": incident.number,
            "title": incident.title,
            "severity": incident.severity,
            "risk": incident.risk,
            "state": incident.state.value,
            **(data or {}),
        },
    )
