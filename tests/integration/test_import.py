"""`custos import access|pos` on tables as other systems write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from custos.access import AccessWatch, build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.sitefile.reader import read_site
from custos.adapters.store import open_store
from custos.cli.main import app
from custos.model.errors import UsageError
from custos.model.event import Event
from custos.pipeline.hub import Hub
from custos.pipeline.ports import EventQuery
from custos.testing.check_event import check_events

SITE = """\
site: {id: hq, name: HQ, time_zone: Europe/Berlin}
areas: [{id: out, outside: true}, {id: in}]
doors: [{id: dock, areas: [out, in], readers: [{id: dock-in, into: in}]}]
"""
ACCESS = """\
Date;Time;Card;Event;Reader;Name
04.05.2026;07:58:12;1042;Access granted;L7;Ada
04.05.2026;07:58:14;;Door opened;L7;
04.05.2026;08:01:00;9999;Abgelehnt;L7;
04.05.2026;08:02:00;1042;REX;Back;
04.05.2026;08:03:00;;Heartbeat;;
04.05.2026;8 o'clock;1042;Access granted;L7;
04.05.2026;08:05:00;1042;Firmware;L7;
"""
WORDS = [
    *("--map", "time=Date+Time", "--map", "credential=Card", "--map", "event=Event", "--map", "door=Reader"),
    *("--time-form", "%d.%m.%Y %H:%M:%S", "--value", "Reader:L7=dock"),
    *("--event", "Abgelehnt=access.denied", "--event", "Heartbeat=none"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path


def run(data: Path, kind: str, text: str | bytes, *arguments: str) -> str:
    """What the command prints; its error is raised."""
    file = data / "table.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = CliRunner().invoke(app, ["import", kind, str(file), "--data-dir", str(data), *arguments])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output


def stored(data: Path) -> list[Event]:
    """Oldest first."""
    store = open_store(f"sqlite:///{data / 'custos.db'}")
    try:
        found = list(store.events("hq", EventQuery(), limit=1000).items)
    finally:
        store.close()
    check_events(found)
    return sorted(found, key=lambda event: event.at)


def test_a_log_of_doors_is_taken_in_once(data: Path) -> None:
    told = run(data, "access", ACCESS, *WORDS)
    assert "5 of 7 rows understood" in told
    assert "4 events added, 0 were there already" in told
    assert '(line 7): "04.05.2026 8 o\'clock" is no time' in told
    assert "(line 8): nothing says what the event 'Firmware' means" in told
    assert "not in the site file: doors back (1). It has dock: say which is meant with --value" in told
    granted, opened, denied, exit_ = stored(data)
    assert (granted.type, granted.source, granted.at.isoformat()) == (
        "access.granted",
        "/sites/hq/doors/dock",
        "2026-05-04T05:58:12+00:00",
    )
    assert dict(granted.data) == {"door_id": "dock", "credential": "1042"}
    assert dict(opened.data) == {"door_id": "dock"}
    assert (denied.type, denied.data["reason"]) == ("access.denied", "Abgelehnt")
    assert (exit_.type, exit_.door_id) == ("exit.requested", "back")
    assert "0 events added, 4 were there already" in run(data, "access", ACCESS, *WORDS)
    assert len(stored(data)) == 4


@pytest.mark.parametrize(("views", "told"), [("", ""), ("views: [{of: tills/till-1}]\n", "tills till-7 (2)")])
def test_tills_that_the_site_does_not_know_are_told(data: Path, views: str, told: str) -> None:
    """A site file that names no till knows none, and nothing is said."""
    (data / "site.yaml").write_text(SITE + views)
    text = "t,kind,till,sum\n" + "".join(
        f"2026-05-04T10:0{i}:00,Sale,{till},5\n" for i, till in enumerate(("till-1", "till-7", "till-7"))
    )
    columns = [f"--map={word}" for word in ("time=t", "event=kind", "till=till", "amount=sum")]
    said = run(data, "pos", text, *columns)
    assert "3 of 3 rows understood" in said
    assert (f"not in the site file: {told}" in said) if told else ("not in the site file" not in said)


@pytest.mark.parametrize(("kind", "option"), [("access", "--door"), ("pos", "--till")])
def test_a_wrong_owner_is_told_by_its_own_option(data: Path, kind: str, option: str) -> None:
    with pytest.raises(UsageError, match=f"^{option} 'Front=' has no '='"):
        run(data, kind, "t,e\n", "--map", "time=t", "--map", "event=e", option, "Front=")


def test_an_export_that_overlaps_adds_what_is_new(data: Path) -> None:
    run(data, "access", ACCESS, *WORDS)
    more = ACCESS + "04.05.2026;09:00:00;1042;Access granted;L7;Ada\n"
    assert "1 events added, 4 were there already" in run(data, "access", more, *WORDS)


def test_the_first_start_after_an_import_takes_none_of_it_for_what_happens_now(data: Path) -> None:
    """Symptom: a log that ended with a door's opening in the night made incidents of a door that is held open."""
    text = f"t,e\n{datetime.now(UTC) - timedelta(hours=8):%Y-%m-%dT%H:%M:%SZ},Door opened\n"
    run(data, "access", text, "--map", "time=t", "--map", "event=e", "--door", "dock")
    store, site, now = open_store(f"sqlite:///{data / 'custos.db'}"), read_site(data / "site.yaml"), datetime.now(UTC)
    try:
        hub = Hub(
            "hq", store, InProcessBus(), tuple, make_consumers=lambda: build_access(site), new_id=str, settle_s=0.0
        )
        hub.start(now)
        assert hub.advance(now + timedelta(seconds=5)) == []
        (watch,) = hub.consult(list)
        assert isinstance(watch, AccessWatch)
        assert watch.doors(now)[0].contact == "open", "but it is known"
    finally:
        store.close()


def test_a_dry_run_shows_events_and_stores_nothing(data: Path) -> None:
    told = run(data, "access", ACCESS, *WORDS, "--dry-run")
    shown = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert [event["type"] for event in shown][:2] == ["custos.access.granted", "custos.door.opened"]
    assert "nothing is stored" in told
    assert not (data / "custos.db").exists()


def test_the_door_of_an_events_text(data: Path) -> None:
    text = "when,what\n2026-05-04T10:00:00,Back door opened\n2026-05-04T10:01:00,Front door opened\n"
    columns = ("--map", "time=when", "--map", "event=what")
    events = ("--event", "Back door opened=door.opened", "--event", "Front door opened=door.opened")
    run(data, "access", text, *columns, *events, "--door", "Back door opened=back", "--door", "front")
    assert [event.door_id for event in stored(data)] == ["back", "front"]


def test_a_journal_of_tills_in_another_encoding(data: Path) -> None:
    text = (
        "Zeit\tKasse\tArt\tBetrag\tBediener\n2026-05-04 10:00\tKasse 1\tVerkauf\t1.234,50 €\tJürgen\n"
        "2026-05-04 10:05\tKasse 1\tRefund\t-12,00 €\tJürgen\n2026-05-04 10:06\tKasse 1\tNo Sale\t\t\n"
    )
    columns = [
        f"--map={word}" for word in ("time=Zeit", "till=Kasse", "event=Art", "amount=Betrag", "operator=Bediener")
    ]
    options = ("--decimal-comma", "--encoding", "cp1252", "--event", "Verkauf=pos.sold", "--time-zone", "UTC")
    told = run(data, "pos", text.encode("cp1252"), *columns, *options)
    assert "3 of 3 rows understood" in told
    assert [(e.type, e.data.get("amount"), e.data.get("operator")) for e in stored(data)] == [
        ("pos.sold", 1234.5, "Jürgen"),
        ("pos.refunded", 12.0, "Jürgen"),
        ("pos.opened", None, None),
    ]
    assert stored(data)[0].source == "/sites/hq/tills/kasse-1"


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("", WORDS, "the file is empty"),
        ("one\n1\n", WORDS, "the first line names a single column"),
        ("a;b\n1;2\n", WORDS, "there is no column 'Date' for time"),
        (ACCESS, WORDS[2:], "which column holds the time?"),
        (ACCESS, [*WORDS[:6], *WORDS[8:]], "which door is each row about?"),
        ("Zeit;Karte\n1;2\n", [], "--map time=COLUMN. Columns: Zeit, Karte."),
        (ACCESS, [*WORDS, "--map", "colour=Card"], "--map colour=... is not known"),
        (ACCESS, [*WORDS, "--map", "colour"], "--map 'colour' has no '='"),
        (ACCESS, [*WORDS, "--event", "x=door.exploded"], "there is no such event type"),
        (ACCESS, [*WORDS, "--value", "Card"], "--value 'Card' is not COLUMN:TEXT=TEXT"),
        (ACCESS, [*WORDS, "--value", "Cards:1=2"], "there is no column 'Cards' whose values"),
        (ACCESS, [*WORDS, "--time-zone", "Mars"], "no time zone is called 'Mars'"),
        (ACCESS, [*WORDS, "--delimiter", ";;"], "--delimiter must be one character"),
        (ACCESS, [*WORDS, "--encoding", "ebcdic-7"], "no encoding is called 'ebcdic-7'"),
        (ACCESS.encode("utf-16"), WORDS, "the file is not utf-8-sig text"),
        (ACCESS.replace("Access granted", "?").replace("REX", "?").replace("Door opened", "?"),
         [one.replace("Abgelehnt", "x").replace("Heartbeat", "y") for one in WORDS], "no row was understood"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_said(data: Path, text: str | bytes, arguments: list[str], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(data, "access", text, *arguments)
    assert told in str(caught.value)


def test_a_missing_file_is_said(data: Path) -> None:
    ran = CliRunner().invoke(app, ["import", "access", "none.csv", "--data-dir", str(data), *WORDS])
    assert isinstance(ran.exception, UsageError)
    assert "there is no such file" in str(ran.exception)
    ran = CliRunner().invoke(app, ["import", "access", "none.csv", "--data-dir", str(data)])
    assert "there is no such file" in str(ran.exception), "before it asks what its columns mean"


def test_rows_of_rubbish_do_not_end_the_import(data: Path) -> None:
    rubbish = "a;b;c;d;e;f;g;h\n;;;\n\n" + "x" * 20_000 + "\n"
    with pytest.raises(UsageError, match="the file is no table: field larger than field limit"):
        run(data, "access", ACCESS + rubbish, *WORDS)
    assert "5 of 9 rows understood" in run(data, "access", ACCESS + rubbish[:21], *WORDS)
