"""One camera watched for attacks on itself: `packet(...)`, `update(luma, at) -> list[CameraSighting]`.

    every packet    its size and time                             degraded
                    its checksum                                  replayed
    every picture   a thousand pixels marked                      frozen, replayed
    every second    the same, against those a second before       frozen
    every ten       against those before, at every distance       replayed
    every second    the small picture against the learned view    covered, blinded, moved, defocused, obstructed
    when it looks moved, every second at most: where the view has gone

What has begun is looked at twice a second. The view is learned only while nothing is wrong, and kept when the stream
is away: a camera that comes back turned round has been moved.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from custos.model.frame import Image
from custos.model.live import Trouble
from custos.vision.integrity.alike import Alike
from custos.vision.integrity.blinded import TOPICS, blinded
from custos.vision.integrity.comparison import Comparison, Known, Learned, blocks
from custos.vision.integrity.covered import covered
from custos.vision.integrity.defocused import defocused
from custos.vision.integrity.degraded import StreamFlow
from custos.vision.integrity.detail import FineDetail
from custos.vision.integrity.echo import Echo
from custos.vision.integrity.fingerprint import Fingerprints, Step
from custos.vision.integrity.frozen import DIMMED, Stillness
from custos.vision.integrity.lasting import Lasting, Turn
from custos.vision.integrity.moved import SWING_S, UNALIGNED, ViewShift
from custos.vision.integrity.obstructed import obstructed
from custos.vision.integrity.replayed import Repetition
from custos.vision.integrity.resent import Resent
from custos.vision.integrity.sighting import CameraSighting, Evidence
from custos.vision.integrity.small_view import SmallView
from custos.vision.integrity.words import words

LOOK_S, CLOSE_LOOK_S = 1.0, 0.5
RELEARN_S, STRANGE_S = 1800.0, 120.0
"""A view that has been wrong for so long, or that nobody can explain, is how it is now: it is learned."""
HOME_S, HOME_ALIGNED = 5.0, 0.6
"""Back where it was: so much of the edges lie where they lay, for so long."""
STRANGE_MOVE_S, MOVED_S = 3.0, 2.0
"""A view that has not been as known for so long was moved already when so much of that looked like it: where a slow
turn leads cannot be told while it passes."""
PACKETS = 700
"""Whose numbers are known: more than an eye keeps."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
TOPIC = {
    "covered": "tns1:VideoSource/GlobalSceneChange",
    "defocused": "tns1:VideoSource/ImageTooBlurry",
    "moved": "tns1:VideoSource/GlobalSceneChange",
    "obstructed": "tns1:VideoSource/GlobalSceneChange",
    "frozen": "tns1:VideoSource/SignalLoss",
    "replayed": "tns1:VideoSource/SignalLoss",
    "degraded": "tns1:VideoSource/SignalLoss",
}
HOLD = {
    "blinded": (4.0, 3.0),
    "covered": (4.0, 3.0),
    "moved": (3.0, 1.0),
    "defocused": (4.5, 4.0),
    "obstructed": (5.0, 4.0),
    "frozen": (0.0, 1.0),
    "replayed": (1.0, 8.0),
    "degraded": (2.0, 6.0),
}
"""Seconds a condition must hold to begin, and be gone to be over. The first five, in this order, explain a look."""
OF_THE_VIEW = ("blinded", "covered", "moved", "defocused", "obstructed")


@dataclass(slots=True)
class _Home:
    """The view before the camera was moved, to know it again."""

    known: Known
    since_s: float
    evidence: Evidence
    is_seen: bool = False
    back: Lasting = field(default_factory=lambda: Lasting(HOME_S, 1.0))

    def look(self, view: SmallView) -> bool:
        """Whether it is seen again."""
        if self.known.small.shape == view.small.shape:
            self.is_seen = Comparison(view, self.known).aligned_share >= HOME_ALIGNED
        return self.is_seen


class IntegrityWatch:
    """One camera's. Two cameras share nothing.

    Args:
        loops: the source is a file that is played over and over: that it repeats itself is no news.
    """

    def __init__(self, *, loops: bool = False) -> None:
        self.loops = loops
        self._learned, self._detail = Learned(), FineDetail()
        self._shift = ViewShift()
        self._prints, self._stillness, self._alike = Fingerprints(), Stillness(), Alike()
        self._repetition, self._resent, self._flow = Repetition(), Resent(), StreamFlow()
        self._echo = Echo()
        self._numbers: OrderedDict[datetime, int] = OrderedDict()  # of the stream's packets, by when they were captured
        self._number = self._stepped = 0
        self._lasting = {what: Lasting(*hold) for what, hold in HOLD.items()}
        self._evidence: dict[str, Evidence] = {}
        self._first: dict[str, Evidence] = {}  # with which it began
        self._looked_s = float("-inf")
        self._light: float | None = None
        self._fine: float | None = None
        self._noise = 0.0
        self._before: SmallView | None = None
        self._strange_since_s: float | None = None
        self._well_s = float("-inf")  # when the view was last as it is known
        self._home: _Home | None = None

    def packet(self, size_bytes: int, at: datetime, *, digest: int | None = None, is_keyframe: bool = False) -> None:
        """A packet of the stream came in. `digest`: a checksum of its bytes; None when nobody has made one."""
        self._flow.packet(size_bytes, _seconds(at))
        self._number += 1
        self._numbers[at] = self._number
        if len(self._numbers) > PACKETS:
            self._numbers.popitem(last=False)
        if is_keyframe:
            self._echo.key(self._number)
        if digest is not None and not self.loops:
            self._resent.packet(digest, size_bytes, _seconds(at), is_keyframe=is_keyframe)

    def update(self, luma: Image, at: datetime) -> list[CameraSighting]:
        """See the picture `luma` (h, w) taken `at`; what has become certain of it."""
        at_s = _seconds(at)
        step = self._prints.step(luma)
        self._listen(step, at)
        if step is not None:
            self._stillness.step(step, at_s)
            if not step.is_still:
                self._repetition.step(step, at_s)
        if (values := self._prints.values) is not None:
            self._alike.step(values, at_s)
        if at_s - self._looked_s < (CLOSE_LOOK_S if self._is_suspicious else LOOK_S) * 0.95:
            return []
        self._looked_s = at_s
        found = self._look(luma, at_s)
        if degraded := self._flow.check(at_s, detail=self._fine, light=self._light):
            found["degraded"] = degraded
        elif self._fine is not None:
            self._detail.learn(luma, at_s)
        # what stands still comes again too
        if frozen := self._frozen(at_s, is_poor=bool(found) or self._flow.is_thin):
            found["frozen"] = frozen
        elif not self.loops and (replayed := self._replayed(at_s)):
            found["replayed"] = replayed
        return [*self._judged(found, at, at_s), *self._come_home(at, at_s)]

    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong now."""
        now = [
            Trouble(what, _time(self._since_s(what)), words(what, self._evidence.get(what, {})))
            for what, lasting in self._lasting.items()
            if lasting.is_on
        ]
        if self._home is not None:
            now.append(Trouble("moved", _time(self._home.since_s), words("moved", self._home.evidence)))
        return tuple(now)

    def interrupted(self) -> None:
        """The stream was away. The view is kept: the camera that comes back must still see it; what stood still does so
        until it is seen to live."""
        self._prints.forget()
        self._stepped = self._number  # the next step is from no picture to another
        self._stillness.forget()
        self._alike.forget(still_since_s=self._since_s("frozen") if self._lasting["frozen"].is_on else None)
        self._flow.forget()
        self._looked_s, self._before = float("-inf"), None

    def accept(self, at: datetime) -> list[CameraSighting]:
        """A person says that all is well: what is seen from now on is how it is. What was wrong is over."""
        at_s = _seconds(at)
        over = [self._restored(what, at, at_s) for what, lasting in self._lasting.items() if lasting.is_on]
        if self._home is not None:
            over.append(self._returned(self._home, at, at_s))
        self._learned, self._detail, self._flow, self._home = Learned(), FineDetail(), StreamFlow(), None
        self._stillness, self._alike = Stillness(), Alike()
        self._repetition, self._resent, self._echo = Repetition(), Resent(), Echo()
        for lasting in self._lasting.values():
            lasting.forget()
        return over

    @property
    def _is_suspicious(self) -> bool:
        return any(lasting.since_s is not None for lasting in self._lasting.values())

    def _look(self, luma: Image, at_s: float) -> dict[str, Evidence]:
        """What this look shows of the view."""
        view = SmallView.at(luma, at_s)
        self._follow_noise(view)
        if self._home is not None and self._home.look(view):
            return {}
        known = self._learned.known
        if known is None or known.small.shape != view.small.shape:
            self._learned.learn(view)
            self._detail.learn(luma, at_s)
            return {}
        if not known.tells_something:
            self._learned.learn(view)
            return {}
        now = Comparison(view, known, self._noise)
        found = self._explained(now)
        self._light = now.light if now.seen_share >= 0.5 else None
        fine = self._detail.measure(luma)
        self._fine = None
        if fine is not None and self._light is not None and not found:
            self._fine = fine / max(self._light, 0.05)
        if self._may_learn(now, found, at_s):
            self._learned.learn(view)
        if fine is None:
            self._detail.learn(luma, at_s)
        return found

    @property
    def wants_all(self) -> bool:
        """Every picture should be decoded: whether a recording still runs shows in no others."""
        return self._echo.check() is not None

    def _listen(self, step: Step | None, at: datetime) -> None:
        """Take the picture's place among the packets; those of a stream that tells of no packets follow one another."""
        if self.loops:
            return
        number = self._numbers.get(at, self._stepped + 1)
        self._echo.step(step if number == self._stepped + 1 else None, number, _seconds(at))
        self._stepped = max(number, self._stepped)

    def _replayed(self, at_s: float) -> Evidence | None:
        return self._resent.check(at_s) or self._repetition.check(at_s) or self._echo.check()

    def _frozen(self, at_s: float, *, is_poor: bool) -> Evidence | None:
        """Whether it stands still, from picture to picture or from second to second. Both are asked, as each keeps
        what is usual for itself."""
        dimmed = self._light is not None and self._light < DIMMED
        still = self._stillness.check(at_s, light=self._light)
        alike = self._alike.check(at_s, is_poor=is_poor or dimmed)
        return still or alike

    def _explained(self, now: Comparison) -> dict[str, Evidence]:
        """The first thing that explains what is wrong with the view; nothing when nothing is.

        A picture that is black and shows nothing is both: nobody can tell black tape from a dark room."""
        checks: tuple[tuple[str, Callable[[Comparison], Evidence | None]], ...] = (
            ("blinded", blinded),
            ("covered", covered),
            ("moved", self._shift.check),
            ("defocused", defocused),
            ("obstructed", obstructed),
        )
        for what, check in checks:
            evidence = check(now)
            if evidence is None:
                continue
            found = {what: evidence}
            if what == "blinded" and (also := covered(now)):
                found["covered"] = also
            return found
        return {}

    def _may_learn(self, now: Comparison, found: dict[str, Evidence], at_s: float) -> bool:
        """Whether this look may be taken for the view: nothing is wrong with it, or it has been wrong for so long that
        it is the view now. One that fits badly, for no known reason, must last first."""
        if not found and now.aligned_share >= UNALIGNED:
            self._strange_since_s, self._well_s = None, at_s
            return True
        if self._strange_since_s is None:
            self._strange_since_s = at_s
        return at_s - self._strange_since_s > (RELEARN_S if found else STRANGE_S)

    def _follow_noise(self, view: SmallView) -> None:
        """The noise in the fine band, from two looks in a row: the quiet half of the blocks."""
        before, self._before = self._before, view
        if before is None or before.small.shape != view.small.shape:
            return
        change = blocks((view.bands.fine - before.bands.fine) ** 2) / 2
        self._noise += 0.2 * (float(np.quantile(change, 0.25)) - self._noise)

    def _judged(self, found: dict[str, Evidence], at: datetime, at_s: float) -> list[CameraSighting]:
        said: list[CameraSighting] = []
        for what, lasting in self._lasting.items():
            if what in found:
                self._evidence[what] = found[what]
            soon_s = MOVED_S if what == "moved" and self._is_strange_of_late(at_s) else None
            turn = lasting.update(what in found, at_s, begin_s=soon_s)
            if turn is Turn.BEGAN:
                self._first[what] = found[what]
                said.append(self._began(what, at))
                if what == "moved":
                    self._settle_elsewhere(lasting)
            elif turn is Turn.ENDED:
                said.append(self._restored(what, at, at_s))
                lasting.forget()
        return said

    def _is_strange_of_late(self, at_s: float) -> bool:
        """Whether the view ceased to be as known some seconds ago, not long ago, and has not been since."""
        return self._strange_since_s is not None and STRANGE_MOVE_S <= at_s - self._strange_since_s <= SWING_S

    def _settle_elsewhere(self, lasting: Lasting) -> None:
        """After a move the view is learned anew, and the one before kept, to know it when it comes back."""
        known = self._learned.known
        if self._home is None and known is not None and lasting.since_s is not None:
            self._home = _Home(known, self._since_s("moved"), self._evidence["moved"])
        lasting.forget()
        self._learned, self._detail = Learned(), FineDetail()

    def _come_home(self, at: datetime, at_s: float) -> list[CameraSighting]:
        """Whether a moved camera looks again where it did, and has for a while."""
        home = self._home
        if home is None or home.back.update(home.is_seen, at_s) is not Turn.BEGAN:
            return []
        self._home = None
        self._learned, self._detail = Learned(), FineDetail()
        return [self._returned(home, at, at_s)]

    def _since_s(self, what: str) -> float:
        """When what is on began; what shows only by lasting began that much earlier. What was seen in a view that is
        being moved is not to be trusted: that begins with the last look at which it was as known, SWING_S before the
        move was first seen at most."""
        seen_s = self._lasting[what].since_s or 0.0
        if what == "moved":
            return min(max(self._well_s, seen_s - SWING_S), seen_s)
        shown_s = self._first.get(what, {}).get("still_s", 0.0)
        return seen_s - (shown_s if isinstance(shown_s, float) else 0.0)

    def _began(self, what: str, at: datetime) -> CameraSighting:
        known = self._learned.known
        evidence = dict(self._evidence[what])
        data: Evidence = {"since": _text(_time(self._since_s(what))), **evidence}
        if what in OF_THE_VIEW and known is not None:
            data["compared_with"] = f"the view from {_text(_time(known.since_s))} to {_text(_time(known.until_s))}"
        data["words"] = words(what, evidence)
        return CameraSighting(f"camera.{what}", at, data)

    def _restored(self, what: str, at: datetime, at_s: float) -> CameraSighting:
        since_s = self._since_s(what)
        topic = TOPIC.get(what) or str(self._evidence[what].get("onvif_topic", TOPICS["dark"]))
        return _over(what, since_s, topic, at, at_s)

    def _returned(self, home: _Home, at: datetime, at_s: float) -> CameraSighting:
        return _over("moved", home.since_s, TOPIC["moved"], at, at_s)


def _over(what: str, since_s: float, topic: str, at: datetime, at_s: float) -> CameraSighting:
    """The end of what began at `since_s`; ONVIF's State=false of the topic."""
    data: Evidence = {
        "was": f"camera.{what}",
        "since": _text(_time(since_s)),
        "duration_s": round(at_s - since_s, 1),
        "onvif_topic": topic,
    }
    return CameraSighting("camera.restored", at, data)


def _seconds(at: datetime) -> float:
    return (at - EPOCH) / timedelta(seconds=1)


def _time(at_s: float) -> datetime:
    return EPOCH + timedelta(seconds=at_s)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
