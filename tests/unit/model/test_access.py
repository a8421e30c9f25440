"""Areas, doors and people as values: what they allow, and which make no sense."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from custos.model.access import AccessPlan, AccessRole, Area, Credential, Door, Holder, Passback, Permission, Reader
from custos.model.schedule import Holiday, Hours, Schedule, SiteSchedule

ZONE = "Europe/Zurich"
NIGHT = Hours(frozenset({3}), time(22), time(6))
DAY = Hours(frozenset(range(5)), time(8), time(18))
ADA = Holder("ada", "Ada", ("staff",), (Credential("1"),))
AREAS = (Area("street", "Street", is_outside=True), Area("office", "Office"), Area("vault", "Vault"))
FRONT = Door("front", "Front", ("street", "office"), (Reader("in", "office"),))
SAFE = Door("safe", "Safe", ("office", "vault"))


def plan(*may: Permission) -> AccessPlan:
    return AccessPlan(
        AREAS,
        (FRONT, SAFE),
        (ADA,),
        (AccessRole("staff", "Staff", may),),
        (SiteSchedule("day", "Day", Schedule((DAY,), ZONE), Schedule((), ZONE)),),
        (Holiday(date(2026, 3, 4), "Founders' day"),),
    )


def noon(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def test_nobody_may_anything_unless_a_role_says_so() -> None:
    assert not plan().permits(ADA, FRONT, "office", noon(3))
    assert plan().permits(ADA, FRONT, "street", noon(3)), "the way out is free"


@pytest.mark.parametrize(
    ("may", "door", "into", "day", "allowed"),
    [
        (Permission(areas=("office",)), FRONT, "office", 3, True),
        (Permission(areas=("office",)), SAFE, "vault", 3, False),
        (Permission(doors=("safe",)), SAFE, "vault", 3, True),
        (Permission(areas=("office",), schedule="day"), FRONT, "office", 3, True),
        (Permission(areas=("office",), schedule="day"), FRONT, "office", 4, False),  # the holiday
        (Permission(areas=("office",), schedule="day"), FRONT, "office", 7, False),  # Saturday
    ],
)
def test_who_may_go_where_and_when(may: Permission, door: Door, into: str, day: int, allowed: bool) -> None:
    assert plan(may).permits(ADA, door, into, noon(day)) is allowed


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        ("2026-03-05 23:00", True),  # Thursday night
        ("2026-03-06 05:59", True),  # belongs to Thursday
        ("2026-03-06 06:00", False),
        ("2026-03-05 05:00", False),  # Wednesday's night would cover it; there is none
    ],
)
def test_a_night_belongs_to_the_day_it_began_on(at: str, covered: bool) -> None:
    schedule = SiteSchedule("n", "N", Schedule((NIGHT,), "UTC"), Schedule((), "UTC"))
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert schedule.covers(instant, frozenset()) is covered
    assert not schedule.covers(instant, frozenset({date(2026, 3, 5)})), "Thursday is a holiday"


def test_credentials_are_found_by_number() -> None:
    assert plan().credential("1") == (ADA, ADA.credentials[0])
    assert plan().credential("2") is None


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: Area("a", "A", is_outside=True, passback=Passback.SOFT), "outside there is no anti-passback"),
        (lambda: Door("d", "D", ("a", "a")), "joins 'a' with itself"),
        (lambda: Door("d", "D", ("a", "b"), (Reader("r", "c"),)), "leads into none of its areas"),
        (lambda: Door("d", "D", ("a", "b"), open_time_s=30, extended_open_time_s=20), "must not be shorter"),
        (lambda: Door("d", "D", ("a", "b"), pre_alarm_time_s=30), "must be shorter than open_time_s"),
        (lambda: Credential(""), "needs a number"),
        (lambda: AccessPlan(doors=(FRONT,)), "no area 'street'"),
        (lambda: AccessPlan(holders=(ADA,)), "no role 'staff'"),
        (lambda: AccessPlan(AREAS, (FRONT, SAFE), roles=(AccessRole("r", "R", (Permission(doors=("x",)),)),)), "no d"),
        (lambda: AccessPlan(holders=tuple(Holder(one, one, (), (Credential("1"),)) for one in ("a", "b"))),
         "'1' is used twice"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(build: object, told: str) -> None:
    assert callable(build)
    with pytest.raises(ValueError, match=told):
        build()
