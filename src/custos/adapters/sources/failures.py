"""Why a source does not answer, each reason with words for an operator and a remedy."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """The reason; `what` and `remedy` say it in words."""

    MISSING = "missing"
    DIRECTORY = "directory"
    FORBIDDEN = "forbidden"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not-found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNRESOLVED = "unresolved"
    TIMEOUT = "timeout"
    NOT_VIDEO = "not-video"
    NO_VIDEO = "no-video"
    NO_PICTURES = "no-pictures"
    UNSUPPORTED = "unsupported"
    BUSY = "busy"
    ENDED = "ended"
    STALLED = "stalled"
    DIED = "died"
    CLOCK_SET = "clock-set"
    OTHER = "other"

    @property
    def what(self) -> str:
        return _WORDS[self][0]

    @property
    def remedy(self) -> str:
        return _WORDS[self][1]


_WORDS: dict[Failure, tuple[str, str]] = {
    Failure.MISSING: ("there is no such file or device", "Check the path."),
    Failure.DIRECTORY: ("is a directory, expected a video file", "Name a file inside it."),
    Failure.FORBIDDEN: (
        "access is forbidden",
        "Give this user the right to watch the stream (on the camera), or to read the file or device.",
    ),
    Failure.UNAUTHORIZED: (
        "the camera refused the user name or password (401)",
        "Check them; a camera may lock an account for some minutes after several wrong attempts.",
    ),
    Failure.NOT_FOUND: (
        "the camera answers, but has no stream of this path (404)",
        "Look the stream's path up in the camera's manual.",
    ),
    Failure.REFUSED: (
        "the host refused the connection: nothing listens on this port",
        "Check the port (RTSP is usually 554) and that streaming is switched on in the camera.",
    ),
    Failure.UNREACHABLE: (
        "the host cannot be reached",
        "Check the address, the cable and the network between this machine and the camera.",
    ),
    Failure.UNRESOLVED: (
        "the host name cannot be resolved",
        "Check its spelling, or write the camera's IP address instead.",
    ),
    Failure.TIMEOUT: (
        "no answer within the time limit",
        "Check that the camera is switched on and that no firewall stands in between; for RTSP, try tcp.",
    ),
    Failure.NOT_VIDEO: (
        "is not a video that can be read",
        "Check that it plays in another player; a recording whose end is missing may need repair.",
    ),
    Failure.NO_VIDEO: ("has sound or data, but no video", "Choose a stream or file with pictures."),
    Failure.NO_PICTURES: ("has a video track, but not one picture in it", "Record or export it again."),
    Failure.UNSUPPORTED: (
        "the video's codec is not supported",
        "Set the camera to H.264 (or H.265 or MJPEG), or convert the file to H.264.",
    ),
    Failure.BUSY: ("the device is in use by another program", "Close the other program."),
    Failure.ENDED: ("the stream was closed by the camera", "It is tried again by itself."),
    Failure.STALLED: ("the stream is open, but brings no pictures", "It is tried again by itself."),
    Failure.DIED: ("the process that reads the stream has died", "It is started again by itself."),
    Failure.CLOCK_SET: ("the clock of this machine was set", "It is opened again by itself."),
    Failure.OTHER: ("the stream cannot be read", "See the detail given."),
}


class OpenFailed(Exception):
    """A stream could not be opened or read on: the failure, and FFmpeg's words (may hold credentials)."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(failure.what)
        self.failure = failure
        self.detail = detail
