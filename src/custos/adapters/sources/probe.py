"""What does this address answer? `probe(url, timeout_s) -> StreamInfo`, for `custos doctor` and others."""

from __future__ import annotations

import time
from pathlib import Path

from custos.adapters.sources.address import Address, locate
from custos.adapters.sources.child import ChildGone, IngestChild
from custos.adapters.sources.demux import Description
from custos.adapters.sources.failures import Failure
from custos.adapters.sources.file import stream_info
from custos.adapters.sources.redaction import redact_message
from custos.adapters.sources.wire import Failed
from custos.model.errors import CustosError
from custos.model.frame import StreamInfo


def probe(url: str, timeout_s: float, *, transport: str = "tcp", base_dir: Path | None = None) -> StreamInfo:
    """Open the address in a child process, wait for its first packet, and close it again.

    Raises:
        UsageError: the address's scheme is not known.
        CustosError: it does not answer, refuses, has no video, ...: each with its own words and remedy.
    """
    address = locate(url, base_dir=base_dir or Path.cwd(), transport=transport)
    deadline = time.monotonic() + timeout_s
    description: Description | None = None
    with IngestChild(address.request()) as child:
        try:
            while True:
                message = child.receive(deadline - time.monotonic())
                if isinstance(message, Failed):
                    raise _error(address, message.failure, child.last_words() or message.detail)
                if isinstance(message, Description):
                    description = message
                elif description is not None:
                    return stream_info(description)
        except TimeoutError:
            failure = Failure.TIMEOUT if description is None else Failure.STALLED
            raise _error(address, failure, f"{timeout_s:.0f} s") from None
        except ChildGone:
            raise _error(address, Failure.DIED, child.last_words()) from None


def _error(address: Address, failure: Failure, detail: str) -> CustosError:
    if failure is Failure.ENDED:
        failure = Failure.NO_PICTURES
    words = redact_message(detail, address.target)
    return CustosError(
        f"{failure.what} ({words})." if words else f"{failure.what}.",
        where=address.shown,
        remedy=failure.remedy,
    )
