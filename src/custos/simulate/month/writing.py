"""The month as files: events.jsonl, truth.jsonl, site.yaml, people.csv, month.json. Formats: docs/simulation.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from custos.model.event import Json
from custos.pipeline.cloudevents import instant_text, to_cloudevent
from custos.simulate.month.month import RAW_ALARMS, Month, is_raw_alarm
from custos.simulate.month.pictures import Drawn
from custos.simulate.month.sitefile import people_file, site_file
from custos.simulate.month.telling import Telling, Truth

HEARD = "heardat"
"""CloudEvents extension attribute: when the site's machine heard of it."""


@dataclass(frozen=True, slots=True)
class MonthFiles:
    """Where they are."""

    folder: Path

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def truth(self) -> Path:
        return self.folder / "truth.jsonl"

    @property
    def site(self) -> Path:
        return self.folder / "site.yaml"


def write_month(month: Month, folder: Path) -> MonthFiles:
    """Write everything into `folder`, which is there; events in the order in which they were heard."""
    files = MonthFiles(folder)
    with files.events.open("w", encoding="utf-8") as out:
        out.writelines(_line(_told(telling)) for telling in month.tellings)
    with files.truth.open("w", encoding="utf-8") as out:
        out.writelines(_line(_true(truth)) for truth in month.truth)
    files.site.write_text(site_file(), encoding="utf-8")
    (folder / "people.csv").write_text(people_file(month.people), encoding="utf-8")
    (folder / "month.json").write_text(json.dumps(_summary(month), indent=2) + "\n", encoding="utf-8")
    return files


def write_index(drawn: Sequence[Drawn], folder: Path) -> Path:
    """Write which pictures there are in `folder`: pictures.jsonl."""
    path = folder / "pictures.jsonl"
    path.write_text("".join(_line(_pictured(one, folder)) for one in drawn), encoding="utf-8")
    return path


def _pictured(drawn: Drawn, folder: Path) -> dict[str, Json]:
    return {
        "number": drawn.truth.number,
        "kind": drawn.truth.kind,
        "start": instant_text(drawn.starts_at),
        "video": drawn.clip.video.relative_to(folder).as_posix(),
        "truth": drawn.clip.truth.relative_to(folder).as_posix(),
    }


def _line(value: dict[str, Json]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _told(telling: Telling) -> dict[str, Json]:
    return {**to_cloudevent(telling.event), HEARD: instant_text(telling.heard_at)}


def _true(truth: Truth) -> dict[str, Json]:
    places: list[Json] = list(truth.places)
    event_ids: list[Json] = list(truth.event_ids)
    return {
        "number": truth.number,
        "kind": truth.kind,
        "start": instant_text(truth.start_at),
        "end": instant_text(truth.end_at),
        "places": places,
        "story": truth.story,
        "event_ids": event_ids,
    }


def _summary(month: Month) -> dict[str, Json]:
    raw = sum(is_raw_alarm(t.event) for t in month.tellings)
    kinds: list[Json] = [*RAW_ALARMS]
    kinds.sort(key=str)
    return {
        "seed": month.request.seed,
        "days": month.request.days,
        "first_day": month.request.first_day.isoformat(),
        "events": len(month.tellings),
        "incidents": len(month.truth),
        "raw_alarms": raw,
        "raw_alarms_false_share": round(month.false_share(), 4),
        "raw_alarm_types": kinds,
    }
