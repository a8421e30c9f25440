"""Event types of what people and vehicles do: part of `custos.model.event_types`."""

from __future__ import annotations

from dataclasses import replace

from custos.model.event_shape import DataField, EventType
from custos.model.seen_fields import BEHAVIOUR, SUBJECTS, TRACK

_ZONE = DataField("zone_id", "text", "the zone, when the behaviour is kept to one", required=False)
_WHY = DataField("why", "text", "what was seen, in words for an operator")
_ESTIMATE = DataField("estimate", "flag", "the camera's ground is not calibrated: metres are guessed from heights")
_SPEED = (
    DataField("speed_mps", "number", "speed over the ground, metres a second"),
    DataField("speed_kmh", "number", "the same in kilometres an hour"),
)
_ABOUT_ONE = (BEHAVIOUR, _ZONE, _WHY, *TRACK)
_ABOUT_ONE_GONE = (BEHAVIOUR, _ZONE, _WHY, *(replace(f, required=False) for f in TRACK), SUBJECTS)
_ABOUT_A_THING = (
    BEHAVIOUR,
    _ZONE,
    _WHY,
    DataField("box", "box", "the thing: left, top, right, bottom, in 0..1 of the picture"),
    SUBJECTS,
)
_ABOUT_TWO = (*_ABOUT_ONE, SUBJECTS)

CONDUCT_EVENTS: tuple[EventType, ...] = (
    EventType(
        "speed.measured",
        "An object has gone through the zone or the picture, and its speed was measured on the calibrated ground.",
        (
            BEHAVIOUR,
            _ZONE,
            *_SPEED,
            DataField("top_kmh", "number", "the highest speed that is certain, kilometres an hour"),
            DataField("duration_s", "number", "how long it was measured"),
            *TRACK,
        ),
    ),
    EventType(
        "speed.exceeded",
        "An object goes faster than the limit.",
        (*_ABOUT_ONE, *_SPEED, DataField("limit_kmh", "number", "the limit, kilometres an hour")),
    ),
    EventType("person.ran", "Somebody runs.", (*_ABOUT_ONE, *_SPEED, _ESTIMATE)),
    EventType(
        "vehicle.stopped",
        "A vehicle came and has stood still for the time that makes a stop; dated to when that was up.",
        (*_ABOUT_ONE, DataField("still_s", "number", "how long it has stood")),
    ),
    EventType(
        "vehicle.parked",
        "A vehicle has stood still for the time that makes it parked; dated to when that was up.",
        (*_ABOUT_ONE, DataField("still_s", "number", "how long it has stood")),
    ),
    EventType(
        "vehicle.departed",
        "A vehicle that had stopped or parked drove off, or is gone; dated to when it was last there.",
        (*_ABOUT_ONE_GONE, DataField("still_s", "number", "how long it stood")),
    ),
    EventType(
        "person.fell",
        "Somebody went down and stays on the ground; dated to the fall.",
        (
            *_ABOUT_ONE,
            DataField("lying_s", "number", "how long they had been down when it was told"),
            DataField("fall_s", "number", "how long going down took, if they were seen upright", required=False),
            DataField("height_share", "number", "height of the box against standing upright", required=False),
        ),
    ),
    EventType(
        "person.got_up",
        "Somebody who was down is up again.",
        (*_ABOUT_ONE, DataField("lying_s", "number", "how long they were down")),
    ),
    EventType(
        "object.left",
        "Something was put down and its owner has gone away; `subjects` names who was there, the likeliest first.",
        (
            *_ABOUT_A_THING,
            DataField("still_s", "number", "how long it has stood there"),
            DataField("alone_s", "number", "how long its owner has been away"),
        ),
    ),
    EventType(
        "object.retrieved",
        "Something that had been left is no longer there; `subjects` names who was there when it went.",
        (
            *_ABOUT_A_THING,
            DataField("still_s", "number", "how long it stood there"),
            DataField("by_owner", "flag", "one of those who took it had left it"),
        ),
    ),
    EventType(
        "object.removed",
        "Something that stood there was taken; `subjects` names who was there, the likeliest first.",
        (*_ABOUT_A_THING, DataField("gone_s", "number", "how long it has been gone")),
    ),
    EventType(
        "people.neared",
        "Two have been within reach of each other for the time allowed.",
        (
            *_ABOUT_TWO,
            DataField("distance_m", "number", "how far apart, on average"),
            DataField("duration_s", "number", "for how long"),
            _ESTIMATE,
        ),
    ),
    EventType(
        "people.met",
        "Two people stand together.",
        (
            *_ABOUT_TWO,
            DataField("distance_m", "number", "how far apart, on average"),
            DataField("duration_s", "number", "for how long when it was told"),
            _ESTIMATE,
        ),
    ),
    EventType(
        "vehicle.approached",
        "Somebody walked up to a standing vehicle and stays at its side; `subjects` names the vehicle.",
        (
            *_ABOUT_TWO,
            DataField("distance_m", "number", "from the person's feet to the vehicle"),
            DataField("duration_s", "number", "how long the person has been beside it"),
            DataField("still_s", "number", "how long the vehicle has stood"),
            _ESTIMATE,
        ),
    ),
    EventType(
        "person.paced",
        "Somebody walks to and fro.",
        (
            *_ABOUT_ONE,
            DataField("turns", "integer", "how often they turned back"),
            DataField("distance_m", "number", "the way there, or back, on average"),
            DataField("duration_s", "number", "from the first turn to when it was told"),
            _ESTIMATE,
        ),
    ),
    EventType(
        "person.turned_back",
        "Somebody walked one way, turned round and walked back.",
        (
            *_ABOUT_ONE,
            DataField("distance_m", "number", "how far they had come"),
            DataField("stay_s", "number", "how long they were around the turning place"),
            _ESTIMATE,
        ),
    ),
    EventType(
        "person.returned",
        "Somebody has come to a zone and gone away again several times.",
        (
            BEHAVIOUR,
            DataField("zone_id", "text", "the zone"),
            _WHY,
            *TRACK,
            DataField("times", "integer", "how often they came"),
            DataField("duration_s", "number", "from the first time to the last"),
        ),
    ),
)
