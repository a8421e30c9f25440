"""Pictures coded as a camera's stream codes them: `Coded(fps).packets(lumas) -> Iterator[bytes]`, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from custos.model.frame import Clock, Image, Packet
from custos.testing.clock import after


@dataclass
class Coded:
    """Pictures through H.264 and back, and the size of each packet.

    Args:
        crf: quality; ignored with `bitrate_bps`, to which the encoder then keeps.
        gop: pictures from key frame to key frame.
    """

    fps: float
    crf: float = 26.0
    bitrate_bps: int | None = None
    gop: int = 10
    sizes: list[int] = field(default_factory=list)

    def pictures(self, lumas: Iterable[Image]) -> Iterator[Image]:
        """The lumas as whoever decodes sees them."""
        return decoded(self.packets(lumas))

    def packets(self, lumas: Iterable[Image]) -> Iterator[bytes]:
        """One for each luma (h, w), both even."""
        encoder: VideoCodecContext | None = None
        for number, luma in enumerate(lumas):
            h, w = luma.shape
            encoder = encoder or self._encoder(w, h)
            planes = np.full((h * 3 // 2, w), 128, np.uint8)
            planes[:h] = luma
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = round(number * 1000 / self.fps), Fraction(1, 1000)
            for packet in encoder.encode(frame):
                self.sizes.append(packet.size)
                yield bytes(packet)

    def _encoder(self, width_px: int, height_px: int) -> VideoCodecContext:
        encoder = av.CodecContext.create("libx264", "w")
        if not isinstance(encoder, VideoCodecContext):
            raise TypeError("libx264 is no encoder of video here")
        encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, 1000), Fraction(self.fps).limit_denominator(1001)
        encoder.gop_size, encoder.thread_count, encoder.max_b_frames = self.gop, 1, 0
        parameters = "scenecut=0:threads=1:no-deblock=0:deblock=0,0"
        options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": parameters}
        if self.bitrate_bps is None:
            options["crf"] = str(self.crf)
        else:
            encoder.bit_rate = self.bitrate_bps
            options |= {"maxrate": str(self.bitrate_bps * 3 // 2), "bufsize": str(self.bitrate_bps * 2)}
        encoder.options = options
        return encoder


def decoded(packets: Iterable[bytes]) -> Iterator[Image]:
    """Lumas of coded pictures."""
    decoder = av.CodecContext.create("h264", "r")
    if not isinstance(decoder, VideoCodecContext):
        raise TypeError("h264 is no decoder of video here")
    decoder.thread_count = 1
    for packet in packets:
        for picture in decoder.decode(av.Packet(packet)):
            yield np.from_dlpack(picture.planes[0]).astype(np.uint8)


def sent(data: Sequence[bytes], *, fps: float, gop: int) -> list[Packet]:
    """What was coded, as a source hands it over: the first at START, every `gop`-th a key frame."""
    return [
        Packet(one, n / fps, n / fps, after(n / fps), Clock.CAMERA, is_keyframe=n % gop == 0)
        for n, one in enumerate(data)
    ]
