"""Which of a camera's packets are decoded, and which pictures the walk gets: work follows activity.

    take(packet)   for every packet, at once and cheap: whether there is something to see now
    see()          decodes; the pictures for the walk, oldest first
    note(...)      what the walk found in a picture

          the sizes of packets, or a glance at a picture, tell of a change
    dozing ------------------------------------------------------------> awake
       ^                                                                   |
       `---------------- nothing has moved for `still_s` ------------------'

Awake, everything is decoded. Dozing, a picture is looked at every second or so (key frames where they come often
enough, otherwise what leads up to one), and the packets since are kept: when something has changed, the kept ones are
decoded first, so that the walk sees how it began. A stream whose sizes have not proved to tell of movement is looked at
twice as often, and so is one in which every picture is a key frame.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.model.frame import Frame, Packet
from custos.pipeline.ports import Decoder
from custos.vision.glance import Glance
from custos.vision.sizes import PacketSizes


@dataclass(frozen=True, slots=True)
class EyeSettings:
    """Seconds of capture time. One set for all cameras.

    Args:
        look_s, unsure_look_s: dozing, between pictures that are looked at: where the sizes of packets tell of
            movement, and where they do not (yet).
        early: a key frame is taken so much earlier (share of the time between), where not all pictures are.
        late: a picture that is no key frame is taken so much later.
        still_s: without movement before it dozes. false_s: the same when what woke it turned out to be nothing.
        longest_s: a walk whose tracks are in doubt is not left to doze before so long without movement.
        judge_s: after a movement began, it is judged whether the sizes told of it.
        begin_s: awake after the start, while the background is learned.
        behind_s: awake, and so far behind the newest packet, pictures are passed over.
        again_packets: longer groups of pictures are not decoded a second time: dozing, they are decoded to the end.
        kept_packets: of a stream without key frames.
    """

    look_s: float = 1.0
    unsure_look_s: float = 0.5
    early: float = 0.5
    late: float = 1.25
    still_s: float = 2.0
    false_s: float = 0.8
    longest_s: float = 6.0
    judge_s: float = 1.0
    begin_s: float = 3.0
    behind_s: float = 1.0
    again_packets: int = 60
    kept_packets: int = 600


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    packet: Packet


class Eye:
    """One stream's decoding. `take` from one thread, `see` and `note` from one other.

    Args:
        decoder: of this stream; afterwards `close` is not needed, drop it with the eye.
        sleeps: False decodes everything.
    """

    def __init__(self, decoder: Decoder, *, settings: EyeSettings = EyeSettings(), sleeps: bool = True) -> None:
        self.decoder = decoder
        self.passed_over = 0
        """Pictures that should have been seen and were not, for lack of time."""
        self.decoded = 0
        self._settings = settings
        self._sleeps = sleeps
        self._lock = threading.Lock()
        self._sizes, self._glance = PacketSizes(), Glance()
        self._kept: deque[_Kept] = deque()
        self._number = 0
        self._fed = 0  # number of the packet fed last, the decoder goes on after it
        self._due = 0  # number of the newest packet that should be seen
        self._due_count = 0  # how many should have been since the last look
        self._looks_at: datetime | None = None  # capture time of the newest packet that was due
        self._walked_at: datetime | None = None
        self._is_looking = False  # a look is decoded: what it leaves out may still be wanted
        self._is_reordering = False  # the codec holds pictures back: none may be left out
        self._awake_from: datetime | None = None
        self._moved_at: datetime | None = None
        self._is_awake = True
        self._is_false = True  # nothing has moved since it woke
        self._rose = False  # the sizes have told of something since the last verdict
        self._judge_sizes_at: datetime | None = None
        self._kept_awake = False
        self._wants_all = False

    @property
    def is_awake(self) -> bool:
        return self._is_awake or self._kept_awake or not self._sleeps

    @property
    def is_due(self) -> bool:
        """Whether `see` has something to do."""
        return self._due > self._fed

    def was_kept(self, at: datetime) -> bool:
        """Whether the picture of `at` was kept while it dozed, and decoded when something had begun."""
        return self._awake_from is not None and at <= self._awake_from

    def keep_awake(self, wanted: bool) -> None:
        """Decode everything as long as `wanted`: somebody watches the pictures."""
        self._kept_awake = wanted

    # -- packets

    def take(self, packet: Packet) -> bool:
        """Keep the packet; True when `see` has something to do."""
        with self._lock:
            self._number += 1
            self._kept.append(_Kept(self._number, packet))
            self._trim()
            rose = self._sizes.update(len(packet.data), is_keyframe=packet.is_keyframe)
            self._rose = self._rose or rose
            if self.is_awake or rose or self._is_due(packet):
                if rose and not self.is_awake:
                    self._wake(packet.captured_at)
                self._due, self._looks_at = self._number, packet.captured_at
                self._due_count += 1
            return self._due > self._fed

    def _is_due(self, packet: Packet) -> bool:
        s = self._settings
        if self._looks_at is None:
            return True
        # the absolute value: a camera's clock may be set back
        since_s = abs((packet.captured_at - self._looks_at).total_seconds())
        look_s = s.look_s if self._sizes.is_telling else s.unsure_look_s
        if not packet.is_keyframe:
            return since_s >= look_s * s.late
        is_rare = len(self._kept) < 2 or not self._kept[-2].packet.is_keyframe
        return since_s >= look_s * (s.early if is_rare else 1.0)

    def _trim(self) -> None:
        """Forget what no decoding can need: what lies before the last key frame that has been decoded; during a look,
        which may go back to what it has left out, nothing."""
        kept = self._kept
        start = 0
        for place, one in enumerate(kept):
            if self._is_looking or one.number > self._fed:
                break
            if one.packet.is_keyframe or place >= self._settings.again_packets:
                start = place
        if len(kept) - start > self._settings.kept_packets:
            start = len(kept) - self._settings.kept_packets
        for _ in range(start):
            kept.popleft()

    # -- pictures

    def see(self) -> list[Frame]:
        """Decode what is due. Pictures for the walk, oldest first; often one, none when nothing is due."""
        with self._lock:
            due = [one for one in self._kept if self._fed < one.number <= self._due]
            count, self._due_count = self._due_count, 0
            is_awake, awake_from = self.is_awake, self._awake_from
            self._is_looking = bool(due) and not is_awake
        if not due:
            return []
        if not is_awake:
            self.passed_over += count - 1
            try:
                return self._handed(self._look(due))
            finally:
                self._is_looking = False
        # what was kept while it dozed is no delay
        before = sum(awake_from is not None and one.packet.captured_at <= awake_from for one in due)
        frames = [*self._feed(self._recent(due[:before])), *self._follow(due[before:])]
        if frames and self._sleeps:
            self._glance.renew(frames[-1].luma)
        return self._handed(frames)

    def flush(self) -> list[Frame]:
        """All that was kept, and the pictures still inside: the end of the stream."""
        with self._lock:
            due = [one for one in self._kept if self._fed < one.number]
        return self._handed([*self._feed(due), *self.decoder.flush()])

    def _recent(self, kept: list[_Kept]) -> list[_Kept]:
        """What was kept while it dozed; only the last of it, from a key frame on, when nobody has looked for long."""
        longest = self._settings.again_packets
        if len(kept) <= longest:
            return kept
        keys = (place for place, one in enumerate(kept) if one.packet.is_keyframe and len(kept) - place <= longest)
        start = next(keys, 0)
        self.passed_over += start
        return kept[start:]

    def _follow(self, due: list[_Kept]) -> list[Frame]:
        """Every picture; too far behind, those from the newest key frame on, or where there is none the last one."""
        behind_s = (due[-1].packet.captured_at - due[0].packet.captured_at).total_seconds() if due else 0.0
        if behind_s <= self._settings.behind_s:
            return self._feed(due)
        start = _newest_key(due)
        frames = self._feed(due[start:])
        handed = frames if start else frames[-1:]
        self.passed_over += start + len(frames) - len(handed)
        return handed

    def _look(self, due: list[_Kept]) -> list[Frame]:
        """The newest picture that is due; when it differs from the last one handed over, all since that."""
        can_return = self._can_return()
        # so late that all would be decoded only to be late again: what is before the key frame is passed over
        is_late = len(due) > self._settings.again_packets
        start = _newest_key(due) if can_return or is_late else 0
        if start and not can_return:
            self.passed_over += start
        frames = self._feed(due[start:])
        if not frames:
            return []
        if not self._glance.differs(frames[-1].luma):
            return frames[-1:]
        with self._lock:
            self._wake(due[-1].packet.captured_at)
        return self._return() if start and can_return else frames

    def _can_return(self) -> bool:
        """Whether packets may be left out: all from the last key frame fed are kept, few enough to be decoded again."""
        with self._lock:
            from_key = bool(self._kept) and self._kept[0].packet.is_keyframe
            return from_key and not self._is_reordering and len(self._kept) <= self._settings.again_packets

    def _return(self) -> list[Frame]:
        """Go back to the last key frame before those that were left out, and decode all; what is new of it."""
        with self._lock:
            again = [one for one in self._kept if one.number <= self._due]
        self.decoder.flush()
        walked_at = self._walked_at
        return [frame for frame in self._feed(again) if walked_at is None or frame.captured_at > walked_at]

    def _feed(self, packets: Sequence[_Kept]) -> list[Frame]:
        frames: list[Frame] = []
        for one in packets:
            made = self.decoder.decode(one.packet)
            self._fed = one.number
            self._is_reordering |= any(frame.captured_at < one.packet.captured_at for frame in made)
            frames += made
            self.decoded += len(made)
            del frames[: -self._settings.again_packets]  # each holds a picture of the decoder's, which never shrinks
        return frames

    def _handed(self, frames: list[Frame]) -> list[Frame]:
        if frames:
            self._walked_at = frames[-1].captured_at
        return frames

    # -- verdicts

    def note(self, at: datetime, *, is_moving: bool, is_calm: bool, wants_all: bool = False) -> None:
        """The walk has seen the picture of `at`: whether something moves in it, whether no track is in doubt, and
        whether every picture is wanted all the same."""
        with self._lock:
            self._wants_all = wants_all
            if wants_all and not self._is_awake:
                self._wake(at)
            if self._awake_from is None:
                self._awake_from = at
            if is_moving:
                self._moves(at)
            elif self._is_awake:
                self._rests(at, is_calm)
            else:
                self._sizes.was_quiet()
                self._rose = False

    def _moves(self, at: datetime) -> None:
        if not self._is_awake:
            self._wake(at)
        if self._is_false:
            self._judge_sizes_at = at + timedelta(seconds=self._settings.judge_s)
        self._is_false = False
        self._moved_at = at
        if self._judge_sizes_at is None:
            self._sizes.forget_recent()
        elif at >= self._judge_sizes_at:
            self._judge_sizes()

    def _rests(self, at: datetime, is_calm: bool) -> None:
        s = self._settings
        since = max(one for one in (self._awake_from, self._moved_at) if one is not None)
        still_s = (at - since).total_seconds()
        if self._wants_all:
            return
        enough_s = s.begin_s if self._moved_at is None else s.false_s if self._is_false else s.still_s
        if still_s < -s.longest_s:  # the camera's clock was set back
            self._awake_from = self._moved_at = at
        elif still_s >= enough_s and (is_calm or still_s >= s.longest_s):
            self._doze()

    def _wake(self, at: datetime) -> None:
        self._is_awake, self._is_false = True, True
        self._awake_from = at

    def _doze(self) -> None:
        if self._judge_sizes_at is not None:
            self._judge_sizes()
        if self._is_false:
            self._glance.was_wrong()
        self._sizes.was_quiet()
        self._rose = self._is_awake = self._is_false = False
        self._moved_at = self._moved_at or self._awake_from

    def _judge_sizes(self) -> None:
        """Whether the sizes told of the movement that began a moment ago."""
        self._sizes.was_moving(rose=self._rose)
        self._judge_sizes_at = None
        self._rose = False


def _newest_key(due: Sequence[_Kept]) -> int:
    return max((place for place, one in enumerate(due) if one.packet.is_keyframe), default=0)
