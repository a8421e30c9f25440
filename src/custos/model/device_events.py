"""The event types of doors, badges, panels, tills, sensors and of the devices that tell them.

Names and meanings are ONVIF's (Door Control, Access Control and Imaging service specifications) where it has them; SIA
codes are those of SIA DC-03, Contact ID codes those of SIA DC-05.
"""

from __future__ import annotations

from custos.model.event_shape import DataField, EventType

_DOOR = DataField("door_id", "text", "the door")
_HEARD = DataField("received_at", "text", "when Custos heard of it, where that differs from `time`", required=False)
_RAW = DataField("detail", "text", "what the device said, in its own words", required=False)
_AT_DOOR = (_DOOR, _HEARD, _RAW)
_HOLDER = DataField("holder_id", "text", "whose credential it is, where that is known", required=False)
_READER = DataField("reader_id", "text", "the reader", required=False)
_DIRECTION = DataField("direction", "text", "`in` or `out`, where the reader tells", required=False)
_PASSAGE = (
    _DOOR,
    _READER,
    DataField("credential", "text", "the credential's number; missing when there was none", required=False),
    _HOLDER,
    _DIRECTION,
    _HEARD,
    _RAW,
)
_PANEL = (
    DataField("panel_id", "text", "the panel"),
    DataField("code_system", "text", "`sia`, `contact_id` or the maker's name"),
    DataField("code", "text", "the event code as the panel sent it: `BA`, `130`"),
    DataField("kind", "text", "`burglary`, `fire`, `panic`, `duress`, `medical`, `tamper`, `power`, ..."),
    DataField("meaning", "text", "the code in words"),
    DataField("account", "text", "the account the panel reported under", required=False),
    DataField("partition", "text", "the partition (area) of the panel", required=False),
    DataField("zone", "text", "the panel's own zone, which is no zone of a camera", required=False),
    DataField("user", "text", "the panel's user", required=False),
    _HEARD,
    _RAW,
)
_TILL = (
    DataField("till_id", "text", "the till"),
    DataField("operator", "text", "who is signed in at the till", required=False),
    DataField("receipt", "text", "the receipt's number", required=False),
    DataField("currency", "text", "ISO 4217, `EUR`", required=False),
    DataField("reason", "text", "the reason the operator gave", required=False),
    _HEARD,
    _RAW,
)
_AMOUNT = DataField("amount", "number", "in units of the currency, 12.5; never negative")
_SOME_AMOUNT = DataField("amount", "number", "in units of the currency, where it is told", required=False)
_SENSOR = (
    DataField("sensor_id", "text", "the sensor"),
    DataField("quantity", "text", "what it senses: `temperature`, `contact`, `motion`, `glass_break`, ..."),
    _HEARD,
    _RAW,
)
_DEVICE = (
    DataField("device_id", "text", "its id in the site file"),
    DataField("kind", "text", "how it is reached: `sia`, `mqtt`, `onvif`, ..."),
)
_IMAGE_SOURCE = (DataField("source", "text", "the device's own name of the picture or rule", required=False), _HEARD)

DEVICE_EVENTS: tuple[EventType, ...] = (
    EventType(
        "door.opened",
        "A door's contact says that it is open.",
        _AT_DOOR,
        onvif_topic="tns1:Door/State/DoorPhysicalState",
    ),
    EventType(
        "door.closed",
        "A door's contact says that it is closed.",
        _AT_DOOR,
        onvif_topic="tns1:Door/State/DoorPhysicalState",
    ),
    EventType(
        "door.locked",
        "A door's lock says that it is locked.",
        _AT_DOOR,
        onvif_topic="tns1:Door/State/LockPhysicalState",
    ),
    EventType(
        "door.unlocked",
        "A door's lock says that it is unlocked.",
        _AT_DOOR,
        onvif_topic="tns1:Door/State/LockPhysicalState",
    ),
    EventType(
        "door.mode_changed",
        "A door's controller put it in another mode.",
        (
            _DOOR,
            DataField("mode", "text", "ONVIF's name: `Accessed`, `Locked`, `LockedDown`, `Unlocked`, ..."),
            _HEARD,
            _RAW,
        ),
        onvif_topic="tns1:Door/State/DoorMode",
    ),
    EventType(
        "door.alarmed",
        "A door's own controller raises or ends an alarm; what Custos finds itself is told as its own events.",
        (
            _DOOR,
            DataField("alarm", "text", "ONVIF's state: `Normal`, `DoorForcedOpen`, `DoorOpenTooLong`"),
            _HEARD,
            _RAW,
        ),
        onvif_topic="tns1:Door/State/DoorAlarm",
    ),
    EventType(
        "door.tampered",
        "A door's controller says that the door's parts are tampered with, or no longer are.",
        (_DOOR, DataField("active", "flag", "whether it goes on"), _HEARD, _RAW),
        onvif_topic="tns1:Door/State/DoorTamper",
    ),
    EventType(
        "door.faulted",
        "A door's controller says that the door has a fault, or no longer has.",
        (_DOOR, DataField("active", "flag", "whether it goes on"), _HEARD, _RAW),
        onvif_topic="tns1:Door/State/DoorFault",
    ),
    EventType(
        "access.granted",
        "A credential was let in, or somebody without one: a door that an operator or a button at a desk released. "
        "Whether anybody went is told by `access.taken`.",
        _PASSAGE,
        onvif_topic="tns1:AccessControl/AccessGranted/Credential",
        sia="DG",
        contact_id="422",
    ),
    EventType(
        "access.denied",
        "A credential was refused.",
        (
            *_PASSAGE,
            DataField("reason", "text", "ONVIF's word, where it has one: `CredentialExpired`, ..."),
        ),
        onvif_topic="tns1:AccessControl/Denied/Credential",
        sia="DD",
        contact_id="421",
    ),
    EventType(
        "access.taken",
        "Who was let in went through.",
        _PASSAGE,
        onvif_topic="tns1:AccessControl/AccessTaken/Credential",
    ),
    EventType(
        "access.not_taken",
        "Who was let in did not go through within the door's time.",
        _PASSAGE,
        onvif_topic="tns1:AccessControl/AccessNotTaken/Credential",
    ),
    EventType(
        "access.coerced",
        "A duress credential or PIN was used: its holder acts under threat.",
        _PASSAGE,
        onvif_topic="tns1:AccessControl/Duress",
        sia="HA",
        contact_id="121",
    ),
    EventType(
        "exit.requested",
        "Somebody inside asked to leave: a button, a bar or a motion sensor at the door.",
        (_DOOR, _READER, _HEARD, _RAW),
        onvif_topic="tns1:AccessControl/Request/Anonymous",
        sia="DR",
    ),
    EventType(
        "reader.tampered",
        "A reader is being tampered with, or no longer is.",
        (_DOOR, _READER, DataField("active", "flag", "whether it goes on"), _HEARD, _RAW),
        onvif_topic="tns1:AccessPoint/State/Tampering",
    ),
    EventType("panel.alarmed", "An intrusion panel reports an alarm.", _PANEL, sia="BA", contact_id="130"),
    EventType("panel.restored", "What a panel had reported is over.", _PANEL, sia="BR", contact_id="130"),
    EventType("panel.troubled", "A panel reports a fault of its own.", _PANEL, sia="AT", contact_id="301"),
    EventType("panel.armed", "A panel, or one of its partitions, was armed.", _PANEL, sia="CL", contact_id="401"),
    EventType("panel.disarmed", "A panel, or one of its partitions, was disarmed.", _PANEL, sia="OP", contact_id="401"),
    EventType("panel.tested", "A panel reports a test.", _PANEL, sia="RP", contact_id="602"),
    EventType("panel.bypassed", "A panel's zone was taken out of service.", _PANEL, sia="BB", contact_id="570"),
    EventType("panel.reported", "A panel reports something that is none of the other types.", _PANEL),
    EventType(
        "panel.silent",
        "A panel that is supervised has not been heard for longer than it may be silent.",
        (
            DataField("panel_id", "text", "the panel"),
            DataField("heard_at", "text", "when it was last heard; missing if not since the start", required=False),
            DataField("limit_s", "number", "how long it may be silent"),
        ),
        sia="YC",
        contact_id="354",
    ),
    EventType(
        "panel.awaited",
        "A supervised panel has not been heard since the server started, or for a while when it ends, but not for too "
        "long yet: kept so that its silence is noticed though the server is started again and again.",
        (
            DataField("panel_id", "text", "the panel"),
            DataField("waited_s", "number", "for how long it was listened to in vain, over all starts"),
            DataField("limit_s", "number", "how long it may be silent"),
        ),
    ),
    EventType(
        "panel.heard",
        "A panel is heard again that was silent, or waited for over a start of the server.",
        (DataField("panel_id", "text", "the panel"), DataField("silent_s", "number", "how long it was not heard")),
        sia="YK",
        contact_id="354",
    ),
    EventType("pos.sold", "A till made a sale.", (*_TILL, _AMOUNT)),
    EventType("pos.refunded", "A till gave money back.", (*_TILL, _AMOUNT)),
    EventType("pos.voided", "A sale, or a line of one, was cancelled at a till.", (*_TILL, _SOME_AMOUNT)),
    EventType("pos.opened", "A till's drawer was opened without a sale.", _TILL),
    EventType(
        "pos.overridden",
        "A price was changed by hand at a till.",
        (*_TILL, _SOME_AMOUNT, DataField("list_amount", "number", "the price before", required=False)),
    ),
    EventType("pos.signed_on", "An operator signed on at a till.", _TILL),
    EventType("pos.signed_off", "An operator signed off at a till.", _TILL),
    EventType(
        "sensor.measured",
        "A sensor tells a value.",
        (
            *_SENSOR,
            DataField("value", "number", "the value"),
            DataField("unit", "text", "its unit, UCUM: `Cel`, `%`, `lx`", required=False),
        ),
    ),
    EventType(
        "sensor.triggered",
        "A sensor's contact or threshold became active.",
        _SENSOR,
        onvif_topic="tns1:Device/Trigger/DigitalInput",
    ),
    EventType(
        "sensor.cleared",
        "A sensor's contact or threshold is no longer active.",
        _SENSOR,
        onvif_topic="tns1:Device/Trigger/DigitalInput",
    ),
    EventType(
        "motion.started",
        "A camera's own motion detection found motion.",
        _IMAGE_SOURCE,
        onvif_topic="tns1:VideoSource/MotionAlarm",
    ),
    EventType(
        "motion.ended",
        "A camera's own motion detection no longer finds motion.",
        _IMAGE_SOURCE,
        onvif_topic="tns1:VideoSource/MotionAlarm",
    ),
    EventType(
        "camera.alarmed",
        "A camera's own analytics raise or end an alarm that is no other type.",
        (
            DataField("topic", "text", "the ONVIF topic: `tns1:VideoSource/ImageTooDark/AnalyticsService`"),
            DataField("active", "flag", "whether it goes on"),
            *_IMAGE_SOURCE,
            _RAW,
        ),
        onvif_topic="tns1:VideoSource/GlobalSceneChange/ImagingService",
    ),
    EventType(
        "device.connected",
        "A device answers, or its connection stands.",
        (*_DEVICE, DataField("after_s", "number", "how long it was away, 0 at the first connection")),
    ),
    EventType(
        "device.lost",
        "A device no longer answers, or its connection is gone.",
        (*_DEVICE, DataField("reason", "text", "in words, without credentials")),
    ),
    EventType(
        "device.clock_drifted",
        "A device's clock disagrees with this machine's by more than it may, or agrees again.",
        (
            *_DEVICE,
            DataField("offset_s", "number", "the device's time less ours"),
            DataField("limit_s", "number", "how much it may be off"),
            DataField("active", "flag", "true while it disagrees"),
            DataField("part", "text", "whose clock, where the device has several: a panel, a topic", required=False),
            DataField(
                "moved",
                "flag",
                "there when the times that it tells are moved by the difference, once that is steady",
                required=False,
            ),
        ),
    ),
)
