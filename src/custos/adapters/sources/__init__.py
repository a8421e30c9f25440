"""Where packets come from: `open_source(camera, base_dir=...) -> Source`.

    opening.py   picks the source by the camera's address
    file.py      a finite file, as fast as possible, in this process
    live.py      everything that can hang (RTSP, HTTP, devices) or is paced (looped files), in a child process
    ingest.py    that child process
    decode.py    packets to frames
    probe.py     what does this address answer?

This package's top imports nothing heavy: the child process starts through it.
"""

from custos.adapters.sources.redaction import redact

__all__ = ["redact"]
