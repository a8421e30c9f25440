"""What is wrong with a camera, in a sentence for an operator."""

from __future__ import annotations

from custos.vision.integrity.sighting import Evidence


def words(what: str, evidence: Evidence) -> str:
    """ "The view has shifted by 12% of its width and 5% of its height." """
    match what:
        case "covered":
            return "Something covers the whole lens."
        case "blinded":
            dark = evidence.get("cause") == "dark"
            return "The picture is suddenly black." if dark else "The picture is drowned in light."
        case "defocused":
            return f"The lens is out of focus: {_percent(evidence.get('sharpness'))} of the usual sharpness is left."
        case "moved":
            return _moved(evidence)
        case "obstructed":
            return f"Something hides {_percent(evidence.get('share'))} of the picture."
        case "frozen":
            return f"The picture has stood still for {_number(evidence.get('still_s')):.0f} s."
        case "replayed":
            ago_s = _number(evidence.get("ago_s"))
            return f"The stream shows again what it showed {ago_s:.0f} s before: a recording runs in its place."
        case "degraded" if evidence.get("cause") == "frame rate":
            fps, usual = _number(evidence.get("fps")), _number(evidence.get("usual_fps"))
            return f"{fps:.1f} pictures a second come in instead of {usual:.1f}."
        case "degraded":
            kbps, usual = _number(evidence.get("kbps")), _number(evidence.get("usual_kbps"))
            return f"{kbps:.0f} kbit/s come in instead of {usual:.0f}, and fine detail is lost."
    return f"The camera is {what}."


def _moved(evidence: Evidence) -> str:
    shift, turned_deg = evidence.get("shift"), _number(evidence.get("turned_deg"))
    if not isinstance(shift, list):
        return "The camera looks elsewhere: nothing of the known view is to be seen."
    parts = []
    if abs(shift[0]) >= 0.005:
        parts.append(f"{abs(shift[0]):.0%} of its width to the {'right' if shift[0] > 0 else 'left'}")
    if abs(shift[1]) >= 0.005:
        parts.append(f"{abs(shift[1]):.0%} of its height {'down' if shift[1] > 0 else 'up'}")
    told = " and ".join(parts)
    turned = f"turned by {abs(turned_deg):.0f} degrees" if abs(turned_deg) >= 0.5 else ""
    done = ", ".join(part for part in (f"shifted by {told}" if told else "", turned) if part)
    return f"The view has {done or 'shifted a little'}."


def _percent(value: object) -> str:
    return f"{_number(value):.0%}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
