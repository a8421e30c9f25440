"""Areas, doors and people of a site file: what they mean, and what is said of the ones that mean nothing."""

from __future__ import annotations

import os
import textwrap
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from custos.adapters.sitefile.book import YamlSiteBook
from custos.adapters.sitefile.problems import SiteFileError
from custos.adapters.sitefile.reader import parse_site, read_site
from custos.model.access import Credential, CredentialState, Passback, Reader, Threshold
from custos.model.errors import UsageError
from custos.model.schedule import Holiday
from custos.server.shapes.premises import CredentialTold

HEAD = """\
site: {id: hq, name: HQ, time_zone: Europe/Zurich}
cameras:
  - id: lobby
    url: lobby.mp4
    zones: [{id: desk, polygon: [[0, 0], [1, 0], [1, 1]]}]
    lines: [{id: sill, points: [[0, 0.5], [1, 0.5]]}, {id: out, points: [[0, 0.5], [1, 0.5]], direction: left}]
areas:
  - {id: street, outside: true}
  - {id: office, name: Office, passback: timed, passback_s: 60, forgive_at: "03:30", zones: [lobby/desk], max_people: 9}
schedules:
  - {id: day, hours: {mon-fri: "07:00-19:00"}, on_holidays: {daily: "09:00-12:00"}}
holidays:
  - {date: 2026-12-25, name: Christmas}
roles:
  - {id: staff, may: [{areas: [office], schedule: day}], escorts: true}
"""
DOOR = "doors:\n  - {id: front, areas: [street, office]"
PEOPLE = """\
holders:
  - id: h-1
    name: Ada
    roles: [staff]
    credentials: [{number: "0042", valid_until: 2026-12-31}, {number: "9", state: lost, duress: true}]
"""


def problems(text: str, where: Path | str = "site.yaml") -> list[str]:
    with pytest.raises(SiteFileError) as caught:
        parse_site(textwrap.dedent(text), where, {})
    return [f"{Path(p.file).name}:{p.line}: {p.what}. {p.remedy}".rstrip() for p in caught.value.problems]


def test_nothing_said_of_doors_is_no_doors() -> None:
    assert not parse_site("site: {id: hq, name: HQ}\nareas:\ndoors:\nholders:\n").access


def test_a_threshold_counts_at_all_hours() -> None:
    text = HEAD.replace("direction: left", 'hours: {daily: "1:00-2:00"}') + DOOR + ", threshold: lobby/out}\n"
    assert problems(text) == [
        "site.yaml:17: line 'lobby/out' counts at some hours only; a threshold counts at all hours. "
        "Take the line's hours out."
    ]


def test_every_key_becomes_a_value() -> None:
    text = HEAD + DOOR + ", readers: [{id: in, into: office}], threshold: lobby/sill, threshold_inward: right, "
    text += "open_time_s: 20, pre_alarm_time_s: 5, free: day, position: [0.1, 0.2]}\n" + PEOPLE
    plan = parse_site(text).access
    office, front = plan.area("office"), plan.door("front")
    assert office is not None
    assert front is not None
    assert (office.passback, office.passback_s, office.forgive_at) == (Passback.TIMED, 60.0, time(3, 30))
    assert (office.zones, office.max_people) == ((("lobby", "desk"),), 9)
    assert (front.areas, front.readers) == (("street", "office"), (Reader("in", "office"),))
    assert (front.threshold, front.cameras) == (Threshold("lobby", "sill", "right"), ("lobby",))
    assert (front.open_time_s, front.extended_open_time_s, front.pre_alarm_time_s, front.free) == (20, 40, 5, "day")
    assert plan.holidays == (Holiday(date(2026, 12, 25), "Christmas"),)
    (ada,) = plan.holders
    assert (ada.name, ada.roles) == ("Ada", ("staff",))
    assert ada.credentials == (
        Credential("0042", valid_until=datetime(2026, 12, 31, 23, tzinfo=UTC)),
        Credential("9", CredentialState.LOST, is_duress=True),
    )


@pytest.mark.parametrize(
    ("door", "told"),
    [
        (", areas: [street, ofice]}", "17: key 'areas' is given twice, first on line 17. Keep one of them."),
        ("}\n  - {id: back, areas: [street, ofice]}", "18: there is no area 'ofice'. Did you mean 'office'?"),
        (", readers: [{id: in, into: cellar}]}",
         "17: reader 'in' leads into 'cellar', which this door does not join. Known: office, street."),
        (", cameras: [loby]}", "17: there is no camera 'loby'. Did you mean 'lobby'?"),
        (", threshold: lobby/sil}", "17: there is no line 'lobby/sil'. Did you mean 'lobby/sill'?"),
        (", threshold: lobby/out}",
         "17: line 'lobby/out' counts only 'left'; a threshold counts both directions. Take the line's direction out."),
        (", free: night}", "17: there is no schedule 'night'. Known: day."),
        (", interlock: [bak]}", "17: there is no door 'bak'. Known: front."),
        (", walk_s: {bak: 3}}", "17: there is no door 'bak'. Known: front."),
        (", opentime: 3}", "17: key 'opentime' is not known. Did you mean 'open_time_s'?"),
        (", open_time_s: 0}", "17: doors[0].open_time_s must be more than 0, got 0."),
        (", pre_alarm_time_s: 40}",
         "17: pre_alarm_time_s must be shorter than open_time_s, 30 s. It counts back from the alarm."),
        (", extended_open_time_s: 4}", "17: extended_open_time_s is shorter than open_time_s, 30 s."),
        (", readers: [{id: a, into: office}, {id: a, into: office}]}",
         "17: reader id 'a' is used twice, first on line 17. Every id must be unique."),
        ("}\n  - {id: loop, areas: [office, office]}", "18: the door joins 'office' with itself."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_door(door: str, told: str) -> None:
    assert problems(HEAD + DOOR + door) == [f"site.yaml:{told}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("holders: [{id: a, roles: [staf]}]", "16: there is no role 'staf'. Did you mean 'staff'?"),
        ("views: [{of: panels/p/11, areas: [ofice]}]", "16: there is no area 'ofice'. Did you mean 'office'?"),
        ('holders: [{id: a, credentials: [{number: "1"}, {number: "1"}]}]',
         "16: credential number '1' is used twice, first on line 16. Every number must be unique."),
        ("holders: [{id: a, credentials: [{number: 1}]}]",
         "16: holders[0].credentials[0].number must be text, got 1. Put it in quotes."),
        ('holders: [{id: a, credentials: [{number: "1", state: gone}]}]',
         "16: holders[0].credentials[0].state must be 'active', 'lost', 'stolen' or 'blocked', got 'gone'. "
         "Known: active, blocked, lost, stolen."),
        ('holders: [{id: a, credentials: [{number: "1", valid_until: soon}]}]',
         "16: 'soon' is no date. Write it like 2026-12-25, or \"2026-12-25 18:00\"."),
        ('holders: [{id: a, credentials: [{number: "1", valid_until: 9999-12-31}]}]',
         "16: the end of '9999-12-31', in UTC, lies outside the years 1970 to 9000. Leave the key out for one that was "
         "always valid, or never ends."),
        ('holders: [{id: a, credentials: [{number: "1", valid_from: "2026-12-25 24:00"}]}]',
         "16: '2026-12-25 24:00' is no date. Write it like 2026-12-25, or \"2026-12-25 18:00\"."),
        ("holders: nowhere.csv", "16: the holders cannot be read from 'nowhere.csv': No such file or directory."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_holders(text: str, told: str) -> None:
    assert problems(HEAD + text) == [f"site.yaml:{told}"]


@pytest.mark.parametrize(
    ("zone", "key", "first_out", "last_in"),
    [
        ("Asia/Tokyo", "valid_from", "1970-01-01 08:59", "1970-01-01 09:00"),
        ("Asia/Tokyo", "valid_from", "1970-01-01", "1970-01-02"),
        ("Asia/Tokyo", "valid_until", "9001-01-01", "9000-12-31"),
        ("America/New_York", "valid_from", "1969-12-31 18:59", "1969-12-31 19:00"),
        ("America/New_York", "valid_from", "1969-12-31", "1970-01-01"),
        ("America/New_York", "valid_until", "9000-12-31", "9000-12-30"),
        ("UTC", "valid_until", "9000-12-31", "9000-12-31 23:59"),
        ("Asia/Tokyo", "valid_from", "0001-01-01", "9000-12-31"),
        ("America/New_York", "valid_from", "9999-12-31", "1970-01-01"),
    ],
)
def test_a_credential_begins_and_ends_when_it_can_be_told(zone: str, key: str, first_out: str, last_in: str) -> None:
    """Symptom: 500 for every holder, where one's credential was valid from 1970 in Tokyo, or until 9000."""

    def text(day: str) -> str:
        head = HEAD.replace("Europe/Zurich", zone)
        return head + f'holders:\n  - id: a\n    credentials:\n      - number: "1"\n        {key}: "{day}"\n'

    (told,) = problems(text(first_out))
    assert told.startswith("site.yaml:20: ")
    assert told.endswith("in UTC, lies outside the years 1970 to 9000. Leave the key out for one that was always "
                         "valid, or never ends.")  # fmt: skip
    ((credential,),) = (holder.credentials for holder in parse_site(text(last_in)).access.holders)
    assert CredentialTold.of(credential).number == "1"


def test_a_time_without_quotes_and_a_holiday_that_is_none() -> None:
    assert problems(HEAD.replace('"03:30"', "3:30").replace("2026-12-25", "2026-12-32")) == [
        "site.yaml:9: '3:30' is no time of the day. Write it like \"04:00\", in quotes.",
        "site.yaml:13: '2026-12-32' is no day. Write it like 2026-12-25.",
    ]


CSV = """\
id,name,roles,number,valid_until,state
h-1,Ada,staff,0042,2026-12-31,
h-1,,,9,,lost
h-2,Grace,,,,
"""


def test_holders_in_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(CSV)
    (tmp_path / "site.yaml").write_text(HEAD + "holders: people.csv\n")
    ada, grace = read_site(tmp_path / "site.yaml").access.holders
    assert [c.number for c in ada.credentials] == ["0042", "9"]
    assert ada.credentials[1].state is CredentialState.LOST
    assert (grace.name, grace.roles, grace.credentials) == ("Grace", (), ())


def test_holders_in_a_yaml_file(tmp_path: Path) -> None:
    for text in ("- {id: h-1, roles: [staff]}\n", "holders:\n- {id: h-1, roles: [staff]}\n"):
        (tmp_path / "people.yaml").write_text(text)
        (holder,) = parse_site(HEAD + "holders: people.yaml\n", tmp_path / "site.yaml").access.holders
        assert holder.roles == ("staff",)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("p.csv", "name\nAda", "p.csv:1: column 'id' is missing"),
        ("p.csv", "id,rolls\na,staff", "p.csv:1: column 'rolls' is not known. Did you mean 'roles'?"),
        ("p.csv", "id,roles\na,staff\nb,staf\n", "p.csv:3: there is no role 'staf'. Did you mean 'staff'?"),
        ("p.csv", "id,number\na,1\nb,1\n", "p.csv:3: credential number '1' is used twice, first on line 2"),
        ("p.csv", "id,number,duress\na,1,maybe\n", "p.csv:2: holders[0].credentials[0].duress must be true or false"),
        ("p.yaml", "- {id: a}\n- {id: b, rolls: []}\n", "p.yaml:2: key 'rolls' is not known. Did you mean 'roles'?"),
        ("p.yaml", "- {id: a}\n- {id: a}\n", "p.yaml:2: holder id 'a' is used twice, first on line 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_of_holders(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    assert any(p.startswith(told) for p in problems(HEAD + f"holders: {name}\n", tmp_path / "site.yaml"))


def test_a_changed_file_of_holders_is_taken_up(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(CSV)
    (tmp_path / "site.yaml").write_text(HEAD + "holders: people.csv\n")
    book = YamlSiteBook(tmp_path / "site.yaml")
    assert not book.refresh()
    people.write_text("id\nh-9\n")
    os.utime(people, ns=(1, 1))
    assert book.refresh()
    assert [h.id for h in book.site().access.holders] == ["h-9"]


def test_a_camera_that_sees_a_door_stays(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(HEAD + DOOR + ", threshold: lobby/sill}\n")
    with pytest.raises(UsageError, match=r"area 'office': no zone 'lobby/desk'"):
        YamlSiteBook(tmp_path / "site.yaml").remove_camera("lobby")
