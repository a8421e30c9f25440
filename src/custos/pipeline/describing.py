"""An appearance as the data of an event."""

from __future__ import annotations

from custos.model.event import Json
from custos.vision.appearance import Appearance


def appearance_data(appearance: Appearance) -> dict[str, Json]:
    """As docs/events.md says of `appearance`."""
    data: dict[str, Json] = {
        part: {
            "name": colours.shares[0][0],
            "confidence": colours.confidence,
            "shares": dict(colours.shares),
        }
        for part, colours in appearance.parts
    }
    bag = appearance.bag
    if bag is not None:
        carried: dict[str, Json] = {"kind": bag.kind, "confidence": bag.confidence}
        data["bag"] = carried if bag.colour is None else carried | {"colour": bag.colour}
    if appearance.height_m is not None:
        data["height_m"] = appearance.height_m
    return data | {"looks": appearance.looks}
