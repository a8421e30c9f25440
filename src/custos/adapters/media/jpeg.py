"""Pictures to JPEG: `encode_jpeg(bgr) -> bytes`."""

from __future__ import annotations

import cv2

from custos.model.frame import Image


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
