"""Every event type Custos knows, with its fields, its ONVIF topic and, where one exists, its alarm codes.

`docs/events.md` is generated from this table.
"""

from __future__ import annotations

from dataclasses import replace

from custos.model.access_events import ACCESS_EVENTS
from custos.model.camera_events import CAMERA_EVENTS
from custos.model.conduct_events import CONDUCT_EVENTS
from custos.model.device_events import DEVICE_EVENTS
from custos.model.event_shape import DataField, EventType
from custos.model.seen_fields import BEHAVIOUR, SUBJECTS, TRACK

__all__ = ["EVENT_TYPES", "DataField", "EventType"]

_BEHAVIOUR, _SUBJECTS, _TRACK = BEHAVIOUR, SUBJECTS, TRACK
_ZONE = DataField("zone_id", "text", "the zone")
_COUNTED_S = DataField("period_s", "number", "how long was counted, up to the event's time")
_MAYBE_ZONE = DataField("zone_id", "text", "the zone, when it looks at one", required=False)
_DENSITY = (
    DataField("count", "integer", "how many are inside"),
    DataField("density", "number", "people per square metre of the zone's ground"),
)
_APPEARANCE = DataField(
    "appearance",
    "object",
    "what it looks like: for each part that was seen (`upper` and `lower` clothes, `body` of a vehicle) an object with "
    "the `name` of its colour (`black`, `grey`, `white`, `red`, `orange`, `yellow`, `green`, `blue`, `purple`, `pink` "
    "or `brown`), a `confidence` 0..1 and the `shares` of its colours by name; `bag` with `kind`, `confidence` and "
    "`colour`, for what a person carries; `height_m`, where the camera knows heights and has not been moved since; "
    "and in how many `looks` all this was seen",
    required=False,
)
_DOUBTFUL = DataField(
    "doubtful",
    "text",
    "why this may not be so: the camera was moved, and nobody has confirmed its zones since",
    required=False,
)
_INCIDENT = (
    DataField("incident_id", "text", "which"),
    DataField("number", "integer", "what people call it"),
    DataField("title", "text", "what it is about"),
    DataField("severity", "text", "`low`, `medium` or `high`"),
    DataField("risk", "integer", "0..100"),
    DataField("state", "text", "its state now"),
)
_REASON = DataField("reason", "text", "in words, without credentials")


def _placed(event_type: EventType) -> EventType:
    """With the field that says that its zone or line is in doubt, if it has one."""
    names = {f.name for f in event_type.fields}
    if not names & {"zone_id", "line_id"}:
        return event_type
    return replace(event_type, fields=(*event_type.fields, _DOUBTFUL))


EVENT_TYPES: dict[str, EventType] = {
    t.name: _placed(t)
    for t in (
        EventType(
            "camera.connected",
            "A camera's stream is open and its first picture has been decoded.",
            (
                DataField("codec", "text", "FFmpeg's name of the codec"),
                DataField("width_px", "integer", "width of the picture"),
                DataField("height_px", "integer", "height of the picture"),
                DataField("after_s", "number", "how long it was away, 0 at the first connection"),
            ),
        ),
        EventType(
            "camera.lost",
            "A camera's stream closed, was refused or cannot be reached.",
            (_REASON,),
            onvif_topic="tns1:VideoSource/SignalLoss",
        ),
        EventType(
            "camera.stalled",
            "A camera's stream is open but brings no pictures.",
            (_REASON,),
            onvif_topic="tns1:VideoSource/SignalLoss",
        ),
        EventType(
            "camera.overloaded",
            "The machine cannot keep up: pictures of this camera have begun to go unseen. Recording is not touched.",
            (
                _REASON,
                DataField("dropped", "integer", "pictures that wanted detection and got none, in the period"),
                DataField("wanted", "integer", "pictures that wanted detection in the period"),
                DataField("passed_over", "integer", "pictures that should have been decoded and were not"),
                DataField("period_s", "number", "length of the period"),
            ),
        ),
        EventType("camera.recovered", "An overloaded camera is seen in full again.", (_REASON,)),
        EventType(
            "track.started",
            "A new object is in the picture.",
            _TRACK,
            onvif_topic="tns1:RuleEngine/ObjectDetector",
        ),
        EventType(
            "track.ended",
            "An object is no longer in the picture.",
            (*_TRACK, DataField("duration_s", "number", "how long it was there"), _APPEARANCE),
        ),
        EventType(
            "track.described",
            "What an object looks like, with its best picture: told as it leaves, and once while it stays long.",
            (
                *_TRACK,
                replace(_APPEARANCE, required=True),
                DataField("pictured_at", "text", "when the picture was taken in which `box` is (RFC 3339)"),
                DataField("picture_score", "number", "how good the picture is, 0..1: sharp, large, whole, facing us"),
            ),
        ),
        EventType(
            "zone.entered",
            "An object came into a zone.",
            (_ZONE, *_TRACK),
            onvif_topic="tns1:RuleEngine/FieldDetector/ObjectsInside",
            sia="BA",
            contact_id="130",
        ),
        EventType(
            "zone.left",
            "An object left a zone, or was last seen in it.",
            (_ZONE, *_TRACK, DataField("dwell_s", "number", "how long it was inside")),
            onvif_topic="tns1:RuleEngine/FieldDetector/ObjectsInside",
        ),
        EventType(
            "zone.loitered",
            "An object stayed in a zone for longer than the zone allows, in one unbroken visit.",
            (_ZONE, *_TRACK, DataField("dwell_s", "number", "how long it has been inside")),
            onvif_topic="tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering",
        ),
        EventType(
            "line.crossed",
            "An object crossed a line in a direction that counts.",
            (
                DataField("line_id", "text", "the line"),
                DataField(
                    "direction",
                    "text",
                    "`left` or `right`, looking from the line's first point to its second",
                ),
                *_TRACK,
            ),
            onvif_topic="tns1:RuleEngine/LineDetector/Crossed",
        ),
        EventType(
            "line.counted",
            "So many objects crossed a line each way, in a period that ended at `time`. Not told when none did.",
            (
                _BEHAVIOUR,
                DataField("line_id", "text", "the line"),
                DataField("left", "integer", "crossings towards its left-hand side"),
                DataField("right", "integer", "crossings towards its right-hand side"),
                _COUNTED_S,
            ),
            onvif_topic="tns1:RuleEngine/CountAggregation/Counter",
        ),
        EventType(
            "line.followed",
            "An object crossed a line right behind another, in the same direction; `subjects` has the one ahead.",
            (
                _BEHAVIOUR,
                DataField("line_id", "text", "the line"),
                DataField("direction", "text", "`left` or `right`, as for `line.crossed`"),
                DataField("gap_s", "number", "how long after the one ahead"),
                _SUBJECTS,
                *_TRACK,
            ),
        ),
        EventType(
            "zone.occupied",
            "Somebody is in a zone in which nobody was.",
            (_BEHAVIOUR, _ZONE, _SUBJECTS, *_TRACK),
            onvif_topic="tns1:RuleEngine/FieldDetector/ObjectsInside",
        ),
        EventType(
            "zone.vacated",
            "Nobody is in a zone any more.",
            (
                _BEHAVIOUR,
                _ZONE,
                DataField("occupied_s", "number", "how long somebody was in it"),
                DataField("most", "integer", "how many there were at most"),
            ),
            onvif_topic="tns1:RuleEngine/FieldDetector/ObjectsInside",
        ),
        EventType(
            "zone.counted",
            "So many objects were in a zone, in a period that ended at `time`. Not told when nobody was.",
            (
                _BEHAVIOUR,
                _ZONE,
                DataField("count", "integer", "inside at the end of the period"),
                DataField("most", "integer", "inside at most"),
                DataField("presence_s", "number", "all stays in the period together; over `period_s`, the mean number"),
                DataField("entered", "integer", "how many came in"),
                DataField("left", "integer", "how many went"),
                DataField("dwell_s", "number", "the whole stays of those who went, together"),
                _COUNTED_S,
            ),
            onvif_topic="tns1:RuleEngine/CountAggregation/OccupancyCounter",
        ),
        EventType(
            "zone.filled",
            "As many objects are in a zone as it may hold.",
            (
                _BEHAVIOUR,
                _ZONE,
                DataField("count", "integer", "inside now"),
                DataField("limit", "integer", "as many as fill it"),
                _SUBJECTS,
            ),
        ),
        EventType(
            "queue.counted",
            "A queue's numbers, in a period that ended at `time`. Not told when nobody waited.",
            (
                _BEHAVIOUR,
                _ZONE,
                DataField("length", "integer", "waiting at the end of the period"),
                DataField("most", "integer", "waiting at most"),
                DataField("served", "integer", "how many left the queue"),
                DataField("waited_s", "number", "their waits together; over `served`, the mean"),
                DataField("longest_s", "number", "the longest wait, of those still waiting too"),
                _COUNTED_S,
            ),
        ),
        EventType(
            "queue.grew",
            "A queue has become long.",
            (
                _BEHAVIOUR,
                _ZONE,
                DataField("length", "integer", "how many wait"),
                DataField("limit", "integer", "how many are long"),
                DataField("longest_s", "number", "the longest wait so far"),
                _SUBJECTS,
            ),
        ),
        EventType(
            "queue.delayed",
            "Somebody has waited too long in a queue.",
            (
                _BEHAVIOUR,
                _ZONE,
                DataField("length", "integer", "how many wait"),
                DataField("wait_s", "number", "how long they have waited"),
                _SUBJECTS,
                *_TRACK,
            ),
        ),
        EventType("crowd.formed", "People stand densely in a zone.", (_BEHAVIOUR, _ZONE, *_DENSITY, _SUBJECTS)),
        EventType(
            "crowd.cleared",
            "People no longer stand densely in a zone; the numbers are those of its height.",
            (_BEHAVIOUR, _ZONE, *_DENSITY, DataField("lasted_s", "number", "how long they did")),
        ),
        EventType(
            "crowd.gathered",
            "People came together suddenly, and stay.",
            (
                _BEHAVIOUR,
                _MAYBE_ZONE,
                DataField("count", "integer", "how many are in the group"),
                DataField("before", "integer", "how many were, at the least, shortly before"),
                DataField("within_s", "number", "how long before"),
                _SUBJECTS,
            ),
        ),
        EventType(
            "crowd.scattered",
            "A group broke up in a hurry.",
            (
                _BEHAVIOUR,
                _MAYBE_ZONE,
                DataField("count", "integer", "how many were in the group"),
                DataField("fled", "integer", "how many made off"),
                _SUBJECTS,
            ),
        ),
        EventType(
            "direction.violated",
            "An object goes against the way that a line shows.",
            (
                _BEHAVIOUR,
                DataField("line_id", "text", "the line, from its first point to its second the right way"),
                _MAYBE_ZONE,
                DataField("off_degrees", "number", "between its way and the right one, 0..180"),
                DataField("for_s", "number", "how long it has gone so"),
                *_TRACK,
            ),
        ),
        EventType(
            "flow.mapped",
            "Where objects stood and went, in a period that ended at `time`. Not told when nobody was there.",
            (
                _BEHAVIOUR,
                DataField("columns", "integer", "cells across the picture"),
                DataField("rows", "integer", "cells down the picture"),
                DataField(
                    "cells",
                    "numbers",
                    "four whole numbers for each cell where somebody was: which, row by row from 0; object seconds in "
                    "it, in tenths; the sum of moves that began in it, x and y, in thousandths of the picture",
                ),
                _COUNTED_S,
                _DOUBTFUL,
            ),
        ),
        *CONDUCT_EVENTS,
        EventType(
            "system.started",
            "Custos, or one of its processes, started.",
            (DataField("role", "text", "`server` or `worker`"), DataField("version", "text", "of Custos")),
        ),
        EventType(
            "system.clock_set",
            "The clock of Custos' machine was set by 2 s or more. What waits for a time (doors, rules) goes on from "
            "there; events that were stored before keep their times.",
            (
                DataField("by_s", "number", "by how much; negative when it was set back"),
                DataField("from_at", "text", "what the clock said just before (RFC 3339); now it says `time`"),
                DataField("since_at", "text", "since when, by the clock before, it had gone by itself"),
            ),
        ),
        EventType(
            "incident.opened",
            "Signals came together in a new incident.",
            _INCIDENT,
        ),
        EventType(
            "incident.updated",
            "An open incident took further signals.",
            _INCIDENT,
        ),
        EventType(
            "incident.changed",
            "A person changed an incident.",
            (
                *_INCIDENT,
                DataField("actor", "text", "who"),
                DataField("disposition", "text", "how it ended", required=False),
            ),
        ),
        EventType(
            "incident.collected",
            "What belongs to an incident has been collected, the seconds after it opened included.",
            (
                *_INCIDENT,
                DataField("pictures", "integer", "how many pictures show its place, before and after"),
                DataField("cameras", "integer", "how many cameras see its place"),
            ),
        ),
        *DEVICE_EVENTS,
        *ACCESS_EVENTS,
        *CAMERA_EVENTS,
    )
}
