"""The event types of what `custos.access` concludes from doors, badges and cameras.

Topics are ONVIF's (Door Control and Access Control service specifications) where it has them; SIA codes are those of
SIA DC-03, Contact ID codes those of SIA DC-05.
"""

from __future__ import annotations

from custos.model.event_shape import DataField, EventType

_DOOR = DataField("door_id", "text", "the door")
_AREA = DataField("area_id", "text", "the area")
_HOLDER = DataField("holder_id", "text", "whose credential it is, where that is known", required=False)
_CREDENTIAL = DataField("credential", "text", "the credential's number", required=False)
_WHY = (
    DataField("reason", "text", "why it was concluded, in words"),
    DataField("event_ids", "texts", "the events it rests on, oldest first"),
)
_CONTRADICTED = DataField(
    "contradicted",
    "flag",
    "there when the door's controller tells alarms of its own and told none of this: its word came late, or was lost",
    required=False,
)
_WHO = (_CREDENTIAL, _HOLDER)
_DIRECTION = DataField("direction", "text", "`in`: into the door's second area; or `out`")

ACCESS_EVENTS: tuple[EventType, ...] = (
    EventType(
        "door.forced",
        "A door was opened with no grant, no request to exit and no shunt, while it should have been locked.",
        (_DOOR, _CONTRADICTED, *_WHY),
        onvif_topic="tns1:Door/State/DoorAlarm",
        sia="DF",
        contact_id="423",
    ),
    EventType(
        "door.hold_warned",
        "A door will have stood open for too long before long (ONVIF's pre-alarm).",
        (_DOOR, DataField("open_s", "number", "how long it has been open"), *_WHY),
        onvif_topic="tns1:Door/State/DoorAlarm",
    ),
    EventType(
        "door.held",
        "A door has stood open for longer than its timer allows.",
        (
            _DOOR,
            DataField("open_s", "number", "how long it has been open"),
            DataField("people", "integer", "people whom a camera saw cross its threshold so far", required=False),
            _HOLDER,
            _CONTRADICTED,
            *_WHY,
        ),
        onvif_topic="tns1:Door/State/DoorAlarm",
        sia="DL",
        contact_id="426",
    ),
    EventType(
        "door.propped",
        "A door has stood open for so long after that that somebody must have fixed it.",
        (_DOOR, DataField("open_s", "number", "how long it has been open"), _CONTRADICTED, *_WHY),
        onvif_topic="tns1:Door/State/DoorAlarm",
        sia="DN",
    ),
    EventType(
        "door.secured",
        "A door that was forced, held or propped is closed again.",
        (
            _DOOR,
            DataField("alarm", "text", "`forced`, `held` or `propped`: how it ended up"),
            DataField("open_s", "number", "how long it was open"),
            *_WHY,
        ),
        onvif_topic="tns1:Door/State/DoorAlarm",
        sia="DR",
    ),
    EventType(
        "door.used",
        "A door was opened and closed again: who went through, as far as it can be told.",
        (
            _DOOR,
            DataField("open_s", "number", "how long it was open"),
            DataField("because", "text", "`grant`, `release`, `exit`, `free`, `unlocked`, `shunt` or `forced`"),
            DataField("credentials_in", "integer", "credentials used to go in"),
            DataField("credentials_out", "integer", "credentials used to go out"),
            DataField("releases", "integer", "how often it was released without a credential, if ever", required=False),
            DataField("people_in", "integer", "people whom a camera saw go in", required=False),
            DataField("people_out", "integer", "people whom a camera saw go out", required=False),
            DataField("uncounted", "text", "why no people were counted, where none could be", required=False),
            *_WHY,
        ),
    ),
    EventType(
        "door.interlocked",
        "A door was opened while another that must be closed then stood open.",
        (_DOOR, DataField("other_door_id", "text", "the other door"), *_WHY),
    ),
    EventType(
        "door.shunted",
        "A door's alarms are suspended: maintenance, a delivery. Sent by whoever does that.",
        (
            _DOOR,
            DataField("for_s", "number", "for so long; until `door.unshunted` where it is missing", required=False),
            DataField("actor", "text", "who", required=False),
            DataField("received_at", "text", "when Custos heard of it", required=False),
            DataField("detail", "text", "why", required=False),
        ),
        sia="DB",
        contact_id="571",
    ),
    EventType(
        "door.unshunted",
        "A door's alarms are in force again.",
        (
            _DOOR,
            DataField("actor", "text", "who", required=False),
            DataField("received_at", "text", "when Custos heard of it", required=False),
            DataField("detail", "text", "why", required=False),
        ),
        sia="DU",
    ),
    EventType(
        "access.passed",
        "The holder of a credential is taken to have gone through a door.",
        (
            _DOOR,
            *_WHO,
            DataField("from_area", "text", "the area they left"),
            DataField("into_area", "text", "the area they are in now"),
            DataField("told_by", "text", "`controller` where it says so itself; `door`: it opened after the grant"),
            *_WHY,
        ),
    ),
    EventType(
        "access.unused",
        "A credential was let in, and the door was not opened.",
        (_DOOR, *_WHO, *_WHY),
        onvif_topic="tns1:AccessControl/AccessNotTaken/Credential",
    ),
    EventType(
        "access.tailgated",
        "More people crossed a door's threshold in one opening than were let through: each credential used, and each "
        "release without one, lets one person through.",
        (
            _DOOR,
            _DIRECTION,
            DataField("people", "integer", "people who crossed that way"),
            DataField("credentials", "integer", "credentials used that way"),
            DataField("camera_id", "text", "the camera that counted"),
            *_WHO,
            *_WHY,
        ),
        sia="DE",
    ),
    EventType(
        "access.passback_violated",
        "A credential was used out of turn.",
        (
            _DOOR,
            *_WHO,
            DataField("area_id", "text", "the area whose rule it is"),
            DataField("mode", "text", "`soft`, `hard` or `timed`"),
            DataField(
                "missing",
                "text",
                "`exit`: came in twice; `entry`: left, or went further in, without coming in; `unknown`: the "
                "controller refused, and what was read does not tell why",
            ),
            *_WHY,
        ),
        sia="DP",
    ),
    EventType(
        "access.travelled_impossibly",
        "One credential was read at two doors within less time than it takes to walk.",
        (
            _DOOR,
            DataField("other_door_id", "text", "where it was read before"),
            DataField("elapsed_s", "number", "time between the two"),
            DataField("least_s", "number", "the least it takes to walk"),
            *_WHO,
            *_WHY,
        ),
    ),
    EventType(
        "access.misused",
        "A credential that must not be used was read: lost, stolen, blocked, not yet or no longer valid.",
        (
            _DOOR,
            *_WHO,
            DataField("state", "text", "`lost`, `stolen`, `blocked`, `early` or `expired`"),
            DataField("granted", "flag", "whether the door let it in all the same"),
            *_WHY,
        ),
        sia="DD",
        contact_id="421",
    ),
    EventType(
        "access.exceeded",
        "A door let somebody in whom the site file does not allow there, or not at this hour. Who stayed beyond their "
        "hours and goes out where they may be at others is not told.",
        (_DOOR, *_WHO, DataField("into_area", "text", "the area"), *_WHY),
    ),
    EventType(
        "access.refused",
        "Somebody who is known was refused: `access.denied`, in the log of the holder.",
        (_DOOR, *_WHO, *_WHY),
    ),
    EventType(
        "access.duressed",
        "A credential that means duress was read: its holder is under threat.",
        (_DOOR, *_WHO, *_WHY),
        onvif_topic="tns1:AccessControl/Duress",
        sia="HA",
        contact_id="121",
    ),
    EventType(
        "access.denied_repeatedly",
        "A door refused again and again within a short time.",
        (_DOOR, *_WHO, DataField("count", "integer", "refusals"), DataField("period_s", "number", "within"), *_WHY),
        contact_id="421",
    ),
    EventType(
        "access.probed",
        "One credential was refused at one door after another.",
        (_DOOR, *_WHO, DataField("doors", "texts", "the doors"), DataField("period_s", "number", "within"), *_WHY),
    ),
    EventType(
        "access.hurried",
        "One credential was used at more doors, and let in, than anybody goes through within that time.",
        (_DOOR, *_WHO, DataField("doors", "texts", "the doors"), DataField("period_s", "number", "within"), *_WHY),
    ),
    EventType(
        "access.unescorted",
        "Somebody who needs an escort went in, or was left, without one.",
        (_DOOR, *_WHO, _AREA, *_WHY),
    ),
    EventType(
        "access.preceded",
        "Somebody came into an area on a day before the first person who must.",
        (_DOOR, *_WHO, _AREA, *_WHY),
    ),
    EventType(
        "area.overfilled",
        "More people are in an area than may be.",
        (
            _AREA,
            DataField("people", "integer", "by their credentials"),
            DataField("limit", "integer", "at most"),
            *_WHY,
        ),
    ),
    EventType(
        "area.disagreed",
        "For a while cameras have seen more people in an area than credentials say are there.",
        (
            _AREA,
            DataField("seen", "integer", "people whom cameras see"),
            DataField("badged", "integer", "people who are inside by their credentials"),
            *_WHY,
        ),
    ),
)
