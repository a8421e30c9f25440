"""Devices in the site file: what they mean, and what is said of the ones that mean nothing."""

from __future__ import annotations

import pytest

from custos.adapters.sitefile.problems import SiteFileError
from custos.adapters.sitefile.reader import parse_site
from custos.model.devices import HttpDevice, Panel, SiaReceiver, may_speak_for

HEAD = "site: {id: hq, name: Head office}\n"
SECRET = "a-token-long-enough-to-use"
ENV = {"TOKEN": SECRET, "SHORT": "short", "CUSTOS_SECRET_BRIDGE": SECRET + "2"}


def problems(text: str) -> list[str]:
    with pytest.raises(SiteFileError) as caught:
        parse_site(HEAD + text, "site.yaml", ENV)
    assert SECRET not in str(caught.value)
    return [str(problem).removeprefix("site.yaml:") for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "devices:\n", "devices: []\n"])
def test_no_devices(text: str) -> None:
    assert parse_site(HEAD + text).devices == ()


def test_a_program_that_posts() -> None:
    text = (
        "devices:\n- {id: bridge, kind: http, name: Bridge, token: '${TOKEN}', speaks_for: [doors/dock]}\n"
        "- {id: other, kind: http, token: !secret bridge, enabled: false, clock_limit_s: 60}\n"
    )
    assert parse_site(HEAD + text, environ=ENV).devices == (
        HttpDevice(id="bridge", name="Bridge", token=SECRET, speaks_for=("doors/dock",)),
        HttpDevice(id="other", name="other", token=SECRET + "2", enabled=False, clock_limit_s=60),
    )
    assert SECRET not in repr(parse_site(HEAD + text, environ=ENV))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("kind: http, token: written-out-here", "a secret is written out. Write ${ENV} in its place, or "),
        ("kind: http, token: 'x${TOKEN}'", "a secret is written out. Write ${ENV} in its place, or `!secret NAME`."),
        ("kind: http, token: '${NONE}'", "the environment has no variable NONE. Set it before the start: "),
        ("kind: http, token: '${SHORT}'", "a token needs 20 characters or more, this one has 5. Make one: "),
        ("kind: http, token: !secret brigde", "there is no secret called 'brigde'. "),
        ("kind: http, token: 7", "devices[0].token must be text, got something else. "),
        ("kind: http", "key 'token' is missing from devices[0]. See docs/site-file.md."),
        ("kind: http, token: '${TOKEN}', speak_for: [doors]", "key 'speak_for' is not known. Did you mean 'spe"),
        ("kind: http, token: '${TOKEN}', speaks_for: [door]", "'door' is nothing events come from. Did you mean 'door"),
        ("kind: http, token: '${TOKEN}', speaks_for: [doors/]", "'doors/' names no id after the '/'. "),
        ("kind: http, token: '${TOKEN}', speaks_for: []", "devices[0].speaks_for must not be empty."),
        ("kind: http, token: '${TOKEN}', clock_limit_s: 0", "devices[0].clock_limit_s must be more than 0, got 0."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_device(entry: str, expected: str) -> None:
    (told,) = problems(f"devices:\n- {{id: bridge, {entry}}}\n")
    line, _, what = told.partition(": ")
    assert line == "3"
    assert what.startswith(expected)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("kind: sai", "devices[0]: no kind is called 'sai'. Did you mean 'sia'?"),
        ("name: x", "key 'kind' is missing from devices[0]. See docs/site-file.md."),
        ("kind: sia", "key 'panels' is missing from devices[0]. See docs/site-file.md."),
        ("kind: sia, panels: []", "devices[0].panels must not be empty."),
        ("kind: sia, panels: [{id: p, account: '12'}]", "an account is 3 to 16 hexadecimal digits, got '12'. "),
        ("kind: sia, panels: [{id: p, account: 1234}]", "devices[0].panels[0].account must be text, got 1234. "),
        ("kind: sia, panels: [{id: p, account: '123', kee: x}]", "key 'kee' is not known. Did you mean 'key'?"),
        ("kind: sia, panels: [{id: p, account: '123', key: abc}]", "a secret is written out. "),
        ("kind: sia, panels: [{id: p, account: '123', key: '${SHORT}'}]", "a key has 32, 48 or 64 hexadecimal dig"),
        (
            "kind: sia, panels: [{id: p, account: '123', key: '${SHORT}', key_form: text}]",
            "a key in text has 16, 24 or 32 characters, this one has 5",
        ),
        (
            "kind: sia, panels: [{id: p, account: 'abc'}, {id: q, account: 'ABC'}]",
            "account 'ABC' is used by two panels. Every panel has its own.",
        ),
        ("kind: sia, listen: '10500', panels: [{id: p, account: '123'}]", "'10500' is no address to listen on. "),
        ("kind: sia, listen: 'a:99999', panels: [{id: p, account: '123'}]", "'a:99999' is no address to listen on. "),
        ("kind: sia, allow: [here], panels: [{id: p, account: '123'}]", "'here' is no network. Write it like "),
        ("kind: sia, crcs: [crc16], panels: [{id: p, account: '123'}]", "devices[0].crcs[0] must be 'arc', 'modbus', "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_receiver(entry: str, expected: str) -> None:
    (told,) = problems(f"devices:\n- {{id: receiver, {entry}}}\n")
    assert told.partition(": ")[2].startswith(expected)


def test_panels_with_keys_in_both_forms() -> None:
    text = """\
devices:
- id: receiver
  kind: sia
  listen: "127.0.0.1:10500"
  transports: [udp]
  allow: ["192.0.2.0/24"]
  panels:
  - {id: north, account: "12aB", key: "${HEX}", supervised_s: 300}
  - {id: south, account: "1234", key: !secret panel, key_form: text}
  - {id: shed, account: "00A7"}
"""
    environ = {"HEX": "00112233445566778899AABBCCDDEEFF", "CUSTOS_SECRET_PANEL": "A" * 16}
    (receiver,) = parse_site(HEAD + text, environ=environ).devices
    assert receiver == SiaReceiver(
        id="receiver",
        name="receiver",
        listen="127.0.0.1:10500",
        transports=("udp",),
        allow=("192.0.2.0/24",),
        panels=(
            Panel(id="north", account="12AB", key=bytes.fromhex(environ["HEX"]), supervised_s=300),
            Panel(id="south", account="1234", key=b"A" * 16),
            Panel(id="shed", account="00A7"),
        ),
    )
    assert "AAAA" not in repr(receiver)


def test_an_id_is_used_once() -> None:
    entry = "{id: bridge, kind: http, token: '${TOKEN}'}"
    (told,) = problems(f"devices:\n- {entry}\n- {entry}\n")
    assert told == "4: device id 'bridge' is used twice, first on line 3. Every id must be unique."


@pytest.mark.parametrize(
    ("speaks_for", "source", "may"),
    [
        ((), "/sites/hq/doors/dock", False),
        (("doors",), "/sites/hq/doors/dock", True),
        (("doors/dock",), "/sites/hq/doors/dock", True),
        (("doors/dock",), "/sites/hq/doors/dock2", False),
        (("doors",), "/sites/hq/tills/dock", False),
        (("doors",), "/sites/hq/doors/dock/more", False),
    ],
)
def test_whom_a_device_may_speak_for(speaks_for: tuple[str, ...], source: str, may: bool) -> None:
    assert may_speak_for(speaks_for, source) is may


OPENED = "{type: pos.opened, data: {till_id: '{till}'}}"
JSON = "kind: json, token: '${TOKEN}'"
LINES = "kind: lines, listen: '127.0.0.1:9100', lines: ['{till}']"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (f"{JSON}", "key 'events' is missing from devices[0]."),
        (f"{JSON}, events: []", "devices[0].events must not be empty."),
        (f"{JSON}, events: [{{type: pos.open}}]", "no event type that records can make is called 'pos.open'. Did you"),
        (f"{JSON}, events: [{{type: device.lost}}]", "no event type that records can make is called 'device.lost'. "),
        (f"{JSON}, events: [{{type: pos.opened}}]", "pos.opened needs the field 'till_id' in its data. "),
        (
            f"{JSON}, events: [{{type: pos.opened, data: {{till_id: x, oprator: y}}}}]",
            "pos.opened has no field 'oprator'. Did you mean 'operator'?",
        ),
        (f"{JSON}, events: [{{type: pos.opened, data: {{till_id: '{{x'}}}}]", "'{x' has a brace too many or too few. "),
        (f"{JSON}, events: [{{type: motion.started}}]", "motion.started: nothing says whose event it is. "),
        (f"{JSON}, events: [{{type: motion.started, source: 'cam/x'}}]", "'cam/x' is no source. "),
        (f"{JSON}, events: [{{tpye: none}}]", "key 'tpye' is not known. Did you mean 'type'?"),
        (f"{JSON}, events: [{OPENED}], time_form: '%H:%M'", "'%H:%M' does not say month, day and hour. "),
        (f"{JSON}, events: [{OPENED}], time_form: soon", "'soon' does not say month, day and hour. "),
        (f"{JSON}, events: [{OPENED}], time_zone: Mars", "no time zone is called 'Mars'. "),
        (f"{LINES}, events: [{{type: pos.opened, data: {{till_id: '{{tills}}'}}}}]", "no line has a field 'tills'"),
        (f"{LINES}, events: [{OPENED}], encoding: ebcdic-7", "no encoding is called 'ebcdic-7'. "),
        (f"{LINES}, events: [{OPENED}], allow: [home]", "'home' is no network. Write it like '192.168.7.0/24'."),
        (
            f"kind: lines, listen: 'a:1', lines: ['{{a}}{{b}}'], events: [{OPENED}]",
            "'{a}{b}': between two fields there must be something that parts them. ",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping(entry: str, expected: str) -> None:
    told = problems(f"devices:\n- {{id: tills, {entry}}}\n")[0]
    assert told.partition(": ")[2].startswith(expected)


BROKER = "kind: mqtt, host: h"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (BROKER, "the broker is listened to for nothing. Add 'topics' or 'onvif'."),
        (f"{BROKER}, topics: [{{topic: 'a/x{{b}}', events: [{OPENED}]}}]", "'a/x{b}' is no topic. "),
        (f"{BROKER}, topics: [{{topic: 'a/#/b', events: [{OPENED}]}}]", "'a/#/b' is no topic. "),
        (f"{BROKER}, topics: [{{topic: 'a/b+', events: [{OPENED}]}}]", "'a/b+' is no topic. "),
        (
            f"{BROKER}, topics: [{{topic: a, events: [{OPENED}], vlaues: {{}}}}]",
            "key 'vlaues' is not known. Did you mean",
        ),
        (f"{BROKER}, onvif: [{{prefix: 'a/#'}}]", "'a/#' is no prefix of topics. "),
        (f"{BROKER}, onvif: [{{prefix: a, camera: dokc}}]", "there is no camera 'dokc'. List it under 'cameras'."),
        (f"{BROKER}, onvif: [{{prefix: a, nmes: {{}}}}]", "key 'nmes' is not known. Did you mean 'names'?"),
        (f"{BROKER}, version: '4', onvif: [{{prefix: a}}]", "devices[0].version must be '5' or '3.1.1', got '4'. "),
        (f"{BROKER}, password: horse, onvif: [{{prefix: a}}]", "a secret is written out. "),
    ],
)
def test_what_is_wrong_with_a_broker(entry: str, expected: str) -> None:
    told = problems(f"devices:\n- {{id: broker, {entry}}}\n")[0]
    assert told.partition(": ")[2].startswith(expected)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("kind: onvif", "key 'url' is missing from devices[0]."),
        ("kind: onvif, url: '192.0.2.7'", "an ONVIF device's url is http(s)://HOST/onvif/device_service, "),
        ("kind: onvif, url: 'http://a:b@192.0.2.7/'", "an ONVIF device's url is http(s)://HOST/onvif/device_service, "),
        ("kind: onvif, url: 'http://192.0.2.7/', camera: dock", "there is no camera 'dock'. "),
        ("kind: onvif, url: 'http://192.0.2.7/', password: horse", "a secret is written out. "),
        ("kind: onvif, url: 'http://192.0.2.7/', pull_s: 0", "devices[0].pull_s must be at least 0.1, got 0."),
    ],
)
def test_what_is_wrong_with_an_onvif_device(entry: str, expected: str) -> None:
    told = problems(f"devices:\n- {{id: eye, {entry}}}\n")[0]
    assert told.partition(": ")[2].startswith(expected)
