"""Fields that events of tracks share."""

from __future__ import annotations

from custos.model.event_shape import DataField

TRACK = (
    DataField("class", "text", "what the object is: a COCO class name, or `unknown`"),
    DataField("confidence", "number", "the detector's confidence, 0..1"),
    DataField("box", "box", "left, top, right, bottom, in 0..1 of the picture"),
    DataField("path", "points", "where its foot point has been, oldest first, x, y in 0..1", required=False),
    DataField("model", "text", "name and hash prefix of the detection model", required=False),
)
BEHAVIOUR = DataField("behaviour_id", "text", "the behaviour that says so")
SUBJECTS = DataField("subjects", "texts", "further tracks it is about", required=False)
