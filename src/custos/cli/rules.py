"""`custos rules`: rule files checked, tried on their own examples, and explained on a recorded stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from custos.adapters.rulefiles import SHIPPED, read_rule, read_rules, rule_files
from custos.adapters.sitefile.reader import read_site
from custos.correlation.definition import RuleDefinition
from custos.correlation.trying import explain as explanation_of
from custos.correlation.trying import fails_of, in_words
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event
from custos.pipeline.cloudevents import from_cloudevent

app = typer.Typer(help="Check, try and explain rules.", no_args_is_help=True, add_completion=False)

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Rule files, and folders of them.", show_default="the rules that come with Custos"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


@app.callback()
def _rules() -> None:
    """Check, try and explain rules."""


@app.command()
def lint(paths: PathsArgument = None, as_json: JsonOption = False) -> None:
    """Check rule files: keys, event types, fields, conditions. Errors name file and line."""
    rules = read_rules(_existing(paths))
    if as_json:
        _print_json([{"id": r.id, "file": r.file, "level": r.level, "status": r.status} for r in rules])
        return
    typer.echo(f"{_many(len(rules), 'rule')}, nothing wrong.")


@app.command("test")
def try_examples(paths: PathsArgument = None, as_json: JsonOption = False) -> None:
    """Play the examples in rule files: what must fire fires, and what must not does not."""
    rules = read_rules(_existing(paths))
    failures = [(rule, failure) for rule in rules for failure in fails_of(rule)]
    count = sum(len(rule.examples) for rule in rules)
    if as_json:
        told = [
            {"rule": r.id, "file": r.file, "line": f.example.line, "example": f.example.name, "what": f.what}
            for r, f in failures
        ]
        _print_json({"rules": len(rules), "examples": count, "failures": told})
    else:
        for rule, failure in failures:
            must = "must fire and did not" if failure.example.fires else "must not fire and did"
            typer.echo(f"{rule.file}:{failure.example.line}: {failure.example.name!r} {must}: {failure.what}")
        typer.echo(f"{count - len(failures)} of {count} examples of {_many(len(rules), 'rule')} do what they say.")
    if failures:
        raise typer.Exit(1)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="A rule file, or the id of a rule that comes with Custos.")],
    events: Annotated[Path, typer.Argument(help="Recorded events: one CloudEvent a line, as --events writes them.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", help="The site file the events belong to.", show_default="the example site"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a rule fired on a recorded stream, or what was missing."""
    from custos.correlation.example_site import example_site

    definition = _rule_named(rule)
    site = read_site(config) if config is not None else example_site()
    stream = list(_events_of(events))
    foreign = {e.site_id for e in stream} - {site.id}
    if stream and len(foreign) == len({e.site_id for e in stream}):
        remedy = "Give the site's own file with --config."
        raise UsageError(
            f"the events belong to site {min(foreign)!r}, not to {site.id!r}.", where=str(events), remedy=remedy
        )
    told = explanation_of(definition, stream, site)
    if as_json:
        fired = [{"at": s.at.isoformat(), "reasons": s.reasons, "event_ids": s.event_ids} for s in told.fired]
        _print_json({"rule": definition.id, "matched": told.matched, "refused": told.refused, "fired": fired,
                     "words": in_words(told)})  # fmt: skip
        return
    typer.echo(f"{definition.id}: {definition.title}")
    for line in in_words(told):
        typer.echo(f"  {line}")


def _existing(paths: list[Path] | None) -> list[Path]:
    chosen = paths or [SHIPPED]
    for path in chosen:
        if not path.exists():
            raise _no_rule_file(path)
        if path.is_dir() and not rule_files([path]):
            raise UsageError("there is no rule file in this folder.", where=str(path), remedy="They end in .yaml.")
    return chosen


def _no_rule_file(path: Path) -> UsageError:
    remedy = "Give rule files or folders of them; without any, the rules that come with Custos are meant."
    return UsageError("there is no such file.", where=str(path), remedy=remedy)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _rule_named(name: str) -> RuleDefinition:
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if not path.exists():
            raise _no_rule_file(path)
        return read_rule(path)
    shipped = SHIPPED / f"{name}.yaml"
    if not shipped.exists():
        raise UsageError(
            f"no rule that comes with Custos is called {name!r}.", remedy="See docs/rules.md, or give a file."
        )
    return read_rule(shipped)


def _events_of(path: Path) -> Iterator[Event]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CustosError(f"the events cannot be read: {error}.", where=str(path)) from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield from_cloudevent(json.loads(line))
        except ValueError as error:
            raise UsageError(f"this line is no CloudEvent: {error}.", where=f"{path}:{number}") from error


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=2, default=list)
    sys.stdout.write("\n")
