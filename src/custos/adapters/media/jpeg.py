"""Pictures to JPEG: `encode_jpeg(bgr) -> bytes`, and `encode_small(bgr)` for those kept in number."""

from __future__ import annotations

import cv2

from custos.model.frame import Image

SMALL_PX = 960
"""The longer side of a small picture: a person who fills a tenth of its height is still told from a chair."""


def encode_jpeg(frame_bgr: Image, quality: int = 80) -> bytes:
    """A baseline JPEG file of a (h, w, 3) uint8 BGR picture, or a (h, w) grey one.

    Args:
        quality: 1..100.
    Raises:
        ValueError: other shapes or types, an empty picture, another quality.
    """
    shape = frame_bgr.shape
    if frame_bgr.dtype != "uint8" or not frame_bgr.size or not (len(shape) == 2 or shape[2:] == (3,)):
        raise ValueError(f"expected a picture of (h, w, 3) or (h, w) uint8, got {shape} {frame_bgr.dtype}")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must lie in 1..100, got {quality}")
    done, encoded = cv2.imencode(".jpg", frame_bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of {shape} cannot be written as JPEG, which holds 65535 x 65535 at most")
    return encoded.tobytes()


def encode_small(frame_bgr: Image) -> bytes:
    """The same, made smaller where its longer side is more than `SMALL_PX`."""
    height, width = frame_bgr.shape[:2]
    scale = SMALL_PX / max(height, width, 1)
    if scale >= 1:
        return encode_jpeg(frame_bgr)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return encode_jpeg(cv2.resize(frame_bgr, size, interpolation=cv2.INTER_AREA).astype("uint8", copy=False))
