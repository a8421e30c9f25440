"""What panels report, in SIA and Contact ID codes."""

from __future__ import annotations

import pytest

from custos.adapters.devices.panel_codes import CONTACT_ID_CODES, SIA_CODES, contact_id_meaning, sia_meaning
from custos.adapters.devices.panel_reports import Report, contact_id_reports, sia_reports
from custos.model.event_types import EVENT_TYPES


def shown(report: Report) -> tuple[str, str, str, str, str]:
    return (report.code, report.partition, report.zone, report.user, report.text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Nri1/BA012", [("BA", "1", "012", "", "")]),
        ("Nri1BA012", [("BA", "1", "012", "", "")]),
        ("BA12", [("BA", "", "12", "", "")]),
        ("Ori2/FA03", [("FA", "2", "03", "", "")]),
        ("Nri1/CL5", [("CL", "1", "", "5", "")]),
        ("Nid3/ri2/OP3^Ada^", [("OP", "2", "", "3", "Ada")]),
        ("Nri1OP0001*Familie*", [("OP", "1", "", "0001", "Familie")]),
        ("Nri1/BA01/BA02", [("BA", "1", "01", "", ""), ("BA", "1", "02", "", "")]),
        ("Nti19:44/id1/ri4/RP", [("RP", "4", "", "1", "")]),
        ("NNL2", [("NL", "", "", "2", "")]),
        ("NL2", [("NL", "", "", "2", "")]),
        ("NriA/BA0F", [("BA", "A", "0F", "", "")]),
        ("NRR|Atest", [("RR", "", "", "", "test")]),
    ],
)
def test_sia_data(data: str, expected: list[tuple[str, ...]]) -> None:
    assert [shown(report) for report in sia_reports(data)] == expected


@pytest.mark.parametrize("data", ["", "N", "Nri1", "hello", "ba01", "BA01/", "|ABA01", "B", "/BA01", "1130 01 012"])
def test_what_is_no_sia_data(data: str) -> None:
    with pytest.raises(ValueError, match="SIA"):
        sia_reports(data)


@pytest.mark.parametrize(
    ("data", "type_", "code", "partition", "zone", "user"),
    [
        ("1130 01 012", "panel.alarmed", "130", "01", "012", ""),
        ("3130 01 012", "panel.restored", "130", "01", "012", ""),
        ("6130 01 012", "panel.alarmed", "130", "01", "012", ""),
        ("1110 00 000", "panel.alarmed", "110", "", "", ""),
        ("1121 02 003", "panel.alarmed", "121", "02", "003", ""),
        ("1131 02 003", "panel.alarmed", "131", "02", "003", ""),
        ("1383 02 003", "panel.alarmed", "383", "02", "003", ""),
        ("1401 01 005", "panel.disarmed", "401", "01", "", "005"),
        ("3401 01 005", "panel.armed", "401", "01", "", "005"),
        ("1602 00 000", "panel.tested", "602", "", "", ""),
        ("1999 01 001", "panel.reported", "999", "01", "001", ""),
        ("1301 00 000", "panel.troubled", "301", "", "", ""),
        ("1234 18 1131 01 015 8", "panel.alarmed", "131", "01", "015", ""),
        ("1234181131010158", "panel.alarmed", "131", "01", "015", ""),
        ("1234 98 3131 01 015", "panel.restored", "131", "01", "015", ""),
    ],
)
def test_contact_id_data(data: str, type_: str, code: str, partition: str, zone: str, user: str) -> None:
    """The dialled example, "1234 18 1131 01 015 8", is SIA DC-05's own."""
    (report,) = contact_id_reports(data)
    told = (report.meaning.type, report.code, report.partition, report.zone, report.user)
    assert told == (type_, code, partition, zone, user)


@pytest.mark.parametrize("data", ["", "2130 01 012", "1130", "1130 01 01", "1234 18 1131 01 015 9", "Nri1/BA01"])
def test_what_is_no_contact_id_data(data: str) -> None:
    with pytest.raises(ValueError, match="Contact ID"):
        contact_id_reports(data)


def test_codes_make_known_types() -> None:
    assert {m.type for m in (*SIA_CODES.values(), *CONTACT_ID_CODES.values())} <= set(EVENT_TYPES)
    assert (sia_meaning("ZZ").type, contact_id_meaning("000", restored=True).type) == ("panel.reported",) * 2


@pytest.mark.parametrize(
    ("contact_id", "sia"),
    [("110", "FA"), ("130", "BA"), ("120", "PA"), ("100", "MA"), ("151", "GA"), ("602", "RP"), ("570", "UB"),
     ("301", "AT"), ("302", "YT"), ("137", "TA"), ("422", "DG"), ("421", "DD"), ("154", "WA")],
)  # fmt: skip
def test_both_tables_agree(contact_id: str, sia: str) -> None:
    one, other = contact_id_meaning(contact_id, restored=False), sia_meaning(sia)
    assert (one.type, one.kind) == (other.type, other.kind)
