"""Every event type Custos knows, with its fields, its ONVIF topic and, where one exists, its alarm codes.

`docs/events.md` is generated from this table.
"""

from __future__ import annotations

from custos.model.device_events import DEVICE_EVENTS
from custos.model.event_shape import DataField, EventType

__all__ = ["EVENT_TYPES", "DataField", "EventType"]

_CLASS = DataField("class", "text", "what the object is: a COCO class name, or `unknown`")
_CONFIDENCE = DataField("confidence", "number", "the detector's confidence, 0..1")
_BOX = DataField("box", "box", "left, top, right, bottom, in 0..1 of the picture")
_PATH = DataField("path", "points", "where its foot point has been, oldest first, x, y in 0..1", required=False)
_ZONE = DataField("zone_id", "text", "the zone")
_MODEL = DataField("model", "text", "name and hash prefix of the detection model", required=False)
_BEHAVIOUR = DataField("behaviour_id", "text", "the behaviour that says so")
_COUNTED_S = DataField("period_s", "number", "how long was counted, up to the event's time")
_SUBJECTS = DataField("subjects", "texts", "further tracks it is about", required=False)
_TRACK = (_CLASS, _CONFIDENCE, _BOX, _PATH, _MODEL)
_INCIDENT = (
    DataField("incident_id", "text", "which"),
    DataField("number", "integer", "what people call it"),
    DataField("title", "text", "what it is about"),
    DataField("severity", "text", "`low`, `medium` or `high`"),
    DataField("risk", "integer", "0..100"),
    DataField("state", "text", "its state now"),
)
_REASON = DataField("reason", "text", "in words, without credentials")

EVENT_TYPES: dict[str, EventType] = {
    t.name: t
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
            "Detection cannot keep up: pictures of this camera went unseen by the detector.",
            (
                DataField("dropped", "integer", "pictures that wanted detection and got none, in the period"),
                DataField("wanted", "integer", "pictures that wanted detection in the period"),
                DataField("period_s", "number", "length of the period"),
            ),
        ),
        EventType(
            "track.started",
            "A new object is in the picture.",
            _TRACK,
            onvif_topic="tns1:RuleEngine/ObjectDetector",
        ),
        EventType(
            "track.ended",
            "An object is no longer in the picture.",
            (*_TRACK, DataField("duration_s", "number", "how long it was there")),
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
            "system.started",
            "Custos, or one of its processes, started.",
            (DataField("role", "text", "`server` or `worker`"), DataField("version", "text", "of Custos")),
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
        *DEVICE_EVENTS,
    )
}
