"""Pages made from the code: `python -m custos.cli.docs [FOLDER]` writes them, a test compares them."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TypeGuard

import typer
import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.adapters.sitefile.shape import json_schema
from custos.cli.main import Commands, app, whole
from custos.model.behaviours import BEHAVIOUR_KINDS, OF_PLACES, BehaviourKind, Need, Stricter
from custos.model.event import TYPE_PREFIX
from custos.model.event_types import EVENT_TYPES, EventType

_KINDS = {
    "text": "text",
    "number": "number",
    "integer": "whole number",
    "flag": "true or false",
    "box": "[left, top, right, bottom]",
    "points": "[[x, y], ...]",
    "texts": "[text, ...]",
    "numbers": "[number, ...]",
    "object": "object",
}
_MADE_BY = "<!-- Made by `make docs` from {source}: change that, not this page. -->\n"


def events_page() -> str:
    """docs/events.md: every event type with its fields and its names in other systems."""
    parts = [_MADE_BY.format(source="`custos.model.event_types`"), _EVENTS_INTRODUCTION]
    parts += ["| type | meaning |\n|---|---|\n"]
    parts += [f"| [`{t.name}`](#{t.name.replace('.', '')}) | {t.meaning} |\n" for t in EVENT_TYPES.values()]
    parts += [_event_section(event_type) for event_type in EVENT_TYPES.values()]
    return "".join(parts)


_EVENTS_INTRODUCTION = f"""
# Events

An event is an immutable fact. Outside the process it is a [CloudEvents 1.0](https://cloudevents.io) JSON
object, the same over HTTP, over WebSocket and in files:

```json
{{
  "specversion": "1.0",
  "id": "01JD3Y8Z7Q0V5N8K2T4W6X9B1C",
  "type": "{TYPE_PREFIX}zone.entered",
  "source": "/sites/hq/cameras/lobby",
  "subject": "tracks/lobby-1-7",
  "time": "2026-01-15T21:04:11.480Z",
  "data": {{"zone_id": "counter", "class": "person", "confidence": 0.87, "box": [0.41, 0.22, 0.49, 0.71]}}
}}
```

Its `type` is `{TYPE_PREFIX}` and a name of this page. Events may arrive late, twice or out of order: an `id`
is never used for two facts, so a second event with the same `id` can be dropped. `time` says when it
happened, not when it was heard of. `source` says who tells it, `subject` what it is about.

What is done to a camera ([integrity.md](integrity.md)) is seen by Custos in the pictures, or told by the device itself,
which has no figures: then `seen_by` is `device`.

"""


_RULES_INTRODUCTION = """
# The rules that come with Custos

How a rule is written: [rules.md](rules.md).

"""


_MEASURED = " (missing where `seen_by` is `device`)"


def _event_section(event_type: EventType) -> str:
    lines = [f"\n## {event_type.name}\n", f"{event_type.meaning}\n"]
    if event_type.fields:
        lines += ["| field | kind | meaning |", "|---|---|---|"]
        for field in event_type.fields:
            optional = _MEASURED if field.measured else "" if field.required else " (may be missing)"
            lines.append(f"| `{field.name}` | {_KINDS[field.kind]} | {field.meaning}{optional} |")
        lines.append("")
    names = {
        "ONVIF topic": event_type.onvif_topic,
        "SIA code": event_type.sia,
        "Contact ID": event_type.contact_id,
    }
    known = [f"{system} `{name}`" for system, name in names.items() if name]
    if known:
        lines.append(f"Elsewhere: {', '.join(known)}.\n")
    return "\n".join(lines)


def behaviours_page() -> str:
    """docs/behaviours.md: every kind of behaviour with its settings, its events and its picture."""
    parts = [_MADE_BY.format(source="`custos.model.behaviours`"), _BEHAVIOURS_INTRODUCTION]
    parts += ["| kind | what it does |\n|---|---|\n"]
    kinds = [*OF_PLACES.values(), *BEHAVIOUR_KINDS.values()]
    parts += [f"| [`{kind.name}`](#{kind.name}) | {kind.meaning} |\n" for kind in kinds]
    parts += [_behaviour_section(kind) for kind in kinds]
    return "".join(parts)


_BEHAVIOURS_INTRODUCTION = """
# Behaviours

What tracks may do. Zones and lines tell by themselves who [crosses](#line), [enters and leaves](#zone) and
[loiters](#loitering); their classes, hours and sensitivity are keys of the [zone](site-file.md#zones) or the
[line](site-file.md#lines). Everything else on this page is set up as a behaviour of a camera, in the
[site file](site-file.md#behaviours) or over the [API](api.md). A behaviour draws nothing itself: it names a zone or a
line of its camera by id, so that geometry is drawn once.

```yaml
behaviours:
  - {id: entrance, kind: line-count, line: threshold, settings: {period_s: 300}}
```

**Class.** `classes` says what counts: COCO classes, groups of them (`vehicle`, `animal`, `bag`) or `unknown`. Left out,
it is the kind's own. A track counts from the moment on that the detector has called it one of them.

**Direction.** Over a line, `left` and `right` are seen going from its first point to its second.

**Schedule.** With `hours`, a behaviour speaks only then; it watches all the time, so that who came before the hours
began is not new when they do. A zone's own visits begin and end with its hours, so that each is told to be over.

**Sensitivity.** 0.5 takes the settings as they are. Each threshold marked "moves with sensitivity" is halved at 1 and
doubled at 0 (times 2 to the power of 1 - 2 x sensitivity), or the other way round where a smaller number is the
stricter one. Periods and sizes that are no thresholds do not move.

**Time** is the time of capture, in seconds; frame rate does not matter, as far as the object is seen often enough.

**Ground.** Where metres are needed, the camera wants its [four-point calibration](site-file.md#ground).
A speed that nothing of its kind can go at (people 12.5 m/s, bicycles and motorcycles 45, vehicles 85, anything else 25)
is dropped; the camera's Health view counts those of the last hour (`state.speeds_refused`), and `custos analyze` those
of the recording. One now and then is the tracker taking one for another; many mean that the calibration is wrong, or,
without one, that metres are guessed badly.

Every behaviour is drawn onto the picture by `custos analyze --annotate`, and told to the console with the tracks.
The pictures here are of the simulated site, made by `scripts/draw_behaviours.py`.

"""
_NEEDS = {Need.NO: "no", Need.MAY: "if there is one", Need.MUST: "yes"}
_STRICTER = {Stricter.SAME: "", Stricter.HIGHER: "; moves with sensitivity", Stricter.LOWER: "; moves with sensitivity"}


def _behaviour_section(kind: BehaviourKind) -> str:
    picture = f"![{kind.name}](img/behaviours/{kind.name}.png)\n"
    lines = [f"\n## {kind.name}\n", f"{kind.meaning}\n", picture]
    needs = [("zone", kind.zone), ("line", kind.line), ("ground", kind.ground)]
    lines += ["| zone | line | ground | direction | classes | ONVIF rule |", "|---|---|---|---|---|---|"]
    row = [*(_NEEDS[need] for _, need in needs), "yes" if kind.directions else "no"]
    row += [", ".join(f"`{name}`" for name in kind.classes), f"`{kind.onvif_rule}`" if kind.onvif_rule else "none"]
    lines += [f"| {' | '.join(row)} |\n"]
    if kind.settings:
        lines += ["| setting | default | from, to | meaning |", "|---|---|---|---|"]
        for one in kind.settings:
            unit = f" {one.unit}" if one.unit else ""
            default = f"{one.default:g}{unit}" if isfinite(one.default) else "never"
            # A time that is never up unless it is set cannot be none either.
            span = f"{one.low:g}, {one.high:g}" if isfinite(one.default) else f"more than {one.low:g}, {one.high:g}"
            lines.append(f"| `{one.name}` | {default} | {span} | {one.meaning}{_STRICTER[one.stricter]} |")
        lines.append("")
    for order in kind.orders:
        lines.append(f"`{order.less}` must not be more than `{order.more}`.\n")
    told = [f"[`{name}`](events.md#{name.replace('.', '')})" for name in kind.events]
    lines.append(f"Events: {', '.join(told)}.\n")
    return "\n".join(lines)


def rules_page() -> str:
    """docs/shipped-rules.md: every rule that comes with Custos."""
    rules = read_rules([SHIPPED])
    parts = [_MADE_BY.format(source="`rules/` and `custos.cli.docs`"), _RULES_INTRODUCTION]
    parts += ["| rule | level | for the operator |\n|---|---|---|\n"]
    parts += [f"| [`{r.id}`](#{r.id}) | {r.level} | {r.operator} |\n" for r in rules]
    for rule in rules:
        parts.append(f"\n## {rule.id}\n\n{rule.title}. {rule.description}\n")
        parts += [f"\nMay be false: {' '.join(rule.false_positives)}\n"] if rule.false_positives else []
        told = [f"{'fires' if e.fires else 'does not fire'}: {e.name}" for e in rule.examples]
        parts.append(f"\n`rules/{rule.id}.yaml`; {'; '.join(told)}.\n")
    return "".join(parts)


def schema_page() -> str:
    """docs/site.schema.json: the JSON Schema of a site file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def commands_page(app: typer.Typer) -> str:
    """docs/commands.md: every command of `custos` with its arguments and options."""
    parts = [_MADE_BY.format(source="the commands in `custos.cli`"), "\n# Commands\n"]
    parts += [_command_section(command) for command in commands(app)]
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or an option, as `--help` shows it."""

    name: str
    help: str
    default: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command: "custos models pull"."""

    path: str
    help: str
    parameters: tuple[Parameter, ...]


def commands(app: typer.Typer) -> Iterator[Command]:
    """Every command that `custos --help` leads to, depth first."""
    yield from _below(typer.main.get_command(app), "custos")


def _below(command: object, path: str) -> Iterator[Command]:
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            here = whole(name) if isinstance(command, Commands) else inner
            yield from _below(here, f"{path} {name}")
    elif isinstance(command, TyperCommand) and not command.hidden:
        parameters = tuple(_parameter(one) for one in command.params if _shown(one))
        yield Command(path, inspect.cleandoc(command.help or ""), parameters)


def _shown(parameter: object) -> TypeGuard[TyperOption | TyperArgument]:
    return isinstance(parameter, TyperOption | TyperArgument) and not parameter.hidden


def _parameter(parameter: TyperOption | TyperArgument) -> Parameter:
    names = [f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts)]
    if isinstance(parameter, TyperArgument):
        names = [f"`{(parameter.metavar or str(parameter.name)).upper()}`"]
    default = "" if parameter.default in (None, False, ()) else f"`{parameter.default}`"
    if isinstance(parameter.show_default, str):  # in words, where the value depends on the machine
        default = parameter.show_default
    meaning = (parameter.help or "").replace("|", "\\|")
    return Parameter(", ".join(names), meaning, "required" if parameter.required else default)


def _command_section(command: Command) -> str:
    lines = [f"\n## {command.path}\n", f"{command.help}\n"]
    if command.parameters:
        lines += ["| argument or option | meaning | default |", "|---|---|---|"]
        lines += [f"| {one.name} | {one.help} | {one.default} |" for one in command.parameters]
        lines.append("")
    return "\n".join(lines)


def main(folder: Path) -> None:
    """Write every made page into `folder`."""
    pages = {
        "events.md": events_page(),
        "behaviours.md": behaviours_page(),
        "site.schema.json": schema_page(),
        "commands.md": commands_page(app),
        "shipped-rules.md": rules_page(),
    }
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
