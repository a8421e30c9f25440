"""Event types of attacks on a camera itself, and of their end.

They are property events in ONVIF: the start has State=true, `camera.restored` has State=false of the topic it names.
Custos finds them in the pictures, and a camera with analytics of its own tells them too (`seen_by`): without figures,
and without saying which of several things was done to it where its topic does not.
"""

from __future__ import annotations

from dataclasses import replace

from custos.model.event_shape import SEEN_BY, DataField, EventType

SIA_TAMPER, SIA_RESTORED, SIA_TROUBLE = "TA", "TR", "UT"
"""SIA DC-03: tamper alarm, tamper restored, untyped zone trouble."""
CONTACT_ID_TAMPER, CONTACT_ID_TROUBLE = "383", "380"
"""SIA DC-05: sensor tamper; sensor trouble. The qualifier 1 begins and 3 ends it."""

_SINCE = DataField("since", "text", "when it began, RFC 3339; the event's time is when it was certain")
_SCORE = DataField("score", "number", "how clearly, 0..1", measured=True)
_WORDS = DataField("words", "text", "in a sentence")
_SEEN_BY = DataField(
    SEEN_BY,
    "text",
    "`device` where the camera's own analytics, or its recorder's, say so; missing where Custos saw it in the pictures",
    required=False,
)
_TOLD = (
    _SEEN_BY,
    DataField("source", "text", "the device's own name of the picture or rule", required=False),
    DataField("received_at", "text", "when Custos heard of it, where that differs from `time`", required=False),
    DataField("detail", "text", "what the device said, in its own words", required=False),
)
_COMMON = (_SINCE, _SCORE, _WORDS)
_COMPARED = DataField("compared_with", "text", "the view it was compared with: when that was learned", required=False)
_SEEN = DataField("seen", "number", "share of the known view that still shows, 0..1")
_BRIGHTNESS = DataField("brightness", "number", "mean grey level of the picture, 16 black to 235 white", measured=True)
_TOPIC = DataField("onvif_topic", "text", "ONVIF's topic for this cause")


def _tamper(name: str, meaning: str, fields: tuple[DataField, ...], topic: str | None) -> EventType:
    return EventType(name, meaning, (*_COMMON, *fields), topic, SIA_TAMPER, CONTACT_ID_TAMPER)


CAMERA_EVENTS = (
    _tamper(
        "camera.covered",
        "Something lies over the whole lens: nothing of the known view shows, and hardly any detail in its place.",
        (_COMPARED, _SEEN, DataField("flat", "number", "share of the view whose detail has gone, 0..1"), _BRIGHTNESS),
        "tns1:VideoSource/GlobalSceneChange",
    ),
    _tamper(
        "camera.blinded",
        "The picture is suddenly nearly black, or drowned in light.",
        (
            _COMPARED,
            DataField("cause", "text", "`dark` or `bright`"),
            _BRIGHTNESS,
            DataField("usual_brightness", "number", "the same of the known view", measured=True),
            DataField("white", "number", "share of the picture that is white, 0..1", measured=True),
            _TOPIC,
            *_TOLD,
        ),
        None,
    ),
    _tamper(
        "camera.defocused",
        "The lens is out of focus: shapes are where they were, edges are gone.",
        (
            _COMPARED,
            DataField("sharpness", "number", "edges left for each shape left, 1 as in the known view", measured=True),
            DataField("shapes", "number", "share of the view whose shapes still show, 0..1", measured=True),
            replace(_TOPIC, required=False),
            *_TOLD,
        ),
        "tns1:VideoSource/ImageTooBlurry",
    ),
    _tamper(
        "camera.moved",
        "The camera looks elsewhere. Its zones are in doubt until a person confirms or redraws them; tracks and "
        "learned backgrounds begin anew.",
        (
            _COMPARED,
            _SEEN,
            DataField(
                "shift",
                "numbers",
                "where the middle of the view has gone, right and down, in widths and heights of the picture",
                required=False,
            ),
            DataField("turned_deg", "number", "how far the view has turned, clockwise", required=False),
        ),
        "tns1:VideoSource/GlobalSceneChange",
    ),
    _tamper(
        "camera.obstructed",
        "Something flat hides a part of the picture.",
        (
            _COMPARED,
            DataField("share", "number", "of the picture that is hidden, 0..1"),
            DataField("region", "box", "left, top, right, bottom of the hidden part"),
            DataField("rest_seen", "number", "share of the rest of the known view that shows, 0..1"),
        ),
        "tns1:VideoSource/GlobalSceneChange",
    ),
    _tamper(
        "camera.frozen",
        "The stream goes on, but its picture stands still for longer than it ever does.",
        (
            DataField("repetition", "text", "`exact`, or `nearly`: a still picture coded anew"),
            DataField("still_s", "number", "how long it has been looked at standing still"),
            DataField("usual_still_s", "number", "the longest time it has stood still in the last quarter of an hour"),
            DataField("repeating", "number", "share of pictures that repeat the one before, 0..1"),
        ),
        "tns1:VideoSource/SignalLoss",
    ),
    _tamper(
        "camera.replayed",
        "The stream shows again, noise and all, what it showed before: a recording runs in its place.",
        (
            DataField("repetition", "text", "`exact`, or `coded anew`"),
            DataField("ago_s", "number", "how long before it was shown first"),
            DataField("pictures", "integer", "pictures of the last seconds that were told from their repetition"),
        ),
        "tns1:VideoSource/SignalLoss",
    ),
    EventType(
        "camera.tampered",
        "A camera's own analytics say that somebody is at it: it was covered, turned or pushed, and they do not say "
        "which.",
        (_SINCE, _WORDS, _TOPIC, *_TOLD),
        "tns1:VideoSource/GlobalSceneChange",
        SIA_TAMPER,
        CONTACT_ID_TAMPER,
    ),
    EventType(
        "camera.signal_lost",
        "A camera's encoder or recorder says that the picture is gone, though the stream may go on.",
        (_SINCE, _WORDS, _TOPIC, *_TOLD),
        "tns1:VideoSource/SignalLoss",
        SIA_TROUBLE,
        CONTACT_ID_TROUBLE,
    ),
    EventType(
        "camera.degraded",
        "The stream brings less than it used to: fewer pictures a second, or fewer bits and less fine detail.",
        (
            *_COMMON,
            DataField("cause", "text", "`frame rate` or `bitrate`"),
            DataField("fps", "number", "pictures a second that come in", required=False),
            DataField("usual_fps", "number", "that usually do", required=False),
            DataField("kbps", "number", "kilobits a second that come in", required=False),
            DataField("usual_kbps", "number", "that usually do", required=False),
            DataField("detail", "number", "fine detail that is left, 1 as usual", required=False),
        ),
        "tns1:VideoSource/SignalLoss",
        SIA_TROUBLE,
        CONTACT_ID_TROUBLE,
    ),
    EventType(
        "camera.restored",
        "An attack on a camera, or a trouble of its stream, is over.",
        (
            DataField("was", "text", "the type of the event that is over: `camera.covered`, ..."),
            _SINCE,
            DataField("duration_s", "number", "how long it lasted"),
            DataField("onvif_topic", "text", "ONVIF's topic whose State is false again"),
            *_TOLD,
        ),
        None,
        SIA_RESTORED,
        CONTACT_ID_TAMPER,
    ),
    EventType(
        "camera.recalibrated",
        "A person has confirmed, or redrawn, what a camera that was moved shall watch: its zones are in doubt no more.",
        (
            DataField("how", "text", "`confirmed` as they are, or `redrawn`"),
            DataField("actor", "text", "who"),
            DataField("moved_at", "text", "when the camera was moved, RFC 3339"),
        ),
    ),
)
