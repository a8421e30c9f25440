"""A changed site on its way to those who work by it: who cannot take it, who is told, and when it is in force."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path

import pytest

from custos.app.following import RulesFollowing, SiteFollowing, Take, attempted
from custos.model.errors import CustosError
from custos.model.site import Camera, Site

PATH = Path("site.yaml")


def site(*cameras: str) -> Site:
    return Site("hq", "HQ", cameras=tuple(Camera(one, one, f"rtsp://{one}") for one in cameras))


class Taker:
    """Takes sites, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.refuses: Exception | None = None

    def __call__(self, changed: Site) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.taken.append(len(changed.cameras))


class Pause:
    """The time until it is tried again, which passes when the test says so."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.begun.set()
        await self.over.wait()
        self.begun.clear()
        self.over.clear()


def run(main: Coroutine[None, None, None]) -> None:
    asyncio.run(main)


def following(pause: Pause, **followers: Take) -> SiteFollowing:
    return SiteFollowing(site(), PATH, followers, sleep=pause)


def test_nothing_changed() -> None:
    async def main() -> None:
        one = Taker()
        sites = following(Pause(), one=one)
        sites.changed(site())
        await sites.settled()
        assert (one.taken, sites.problem) == ([], "")

    run(main())


def test_all_take_a_change_and_each_once() -> None:
    async def main() -> None:
        one, two = Taker(), Taker()

        async def later(changed: Site) -> None:
            await asyncio.sleep(0)
            two(changed)

        sites = following(Pause(), one=one, two=later)
        sites.changed(site("a"))
        await sites.settled()
        sites.changed(site("a", "b"))
        await sites.settled()
        assert (one.taken, two.taken, sites.problem) == ([1, 2], [1, 2], "")

    run(main())


@pytest.mark.parametrize("error", [CustosError("the disk is full"), ZeroDivisionError("a bug")], ids=["told", "a bug"])
def test_who_cannot_take_it_is_told_of_at_once_and_tries_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Saving a rule looked well, and nothing came of it: the failure stood in the log when the next one was saved."""

    async def main() -> None:
        one, two, pause = Taker(), Taker(), Pause()
        one.refuses = error
        sites = following(pause, rules=one, cameras=two)
        sites.changed(site("a"))
        await pause.begun.wait()
        assert (one.taken, two.taken) == ([], [1])  # the others have it
        [record] = caplog.records
        assert record.levelno == logging.ERROR
        assert "site.yaml" in record.getMessage()
        assert "rules" in record.getMessage()
        why = "the disk is full" if isinstance(error, CustosError) else "ZeroDivisionError"
        assert sites.problem.startswith("What was saved is not in force for rules: ")
        assert why in sites.problem
        assert why in caplog.text
        one.refuses = None
        pause.over.set()
        await sites.settled()
        assert (one.taken, two.taken, sites.problem) == ([1], [1], "")

    run(main())


def test_a_change_while_another_is_told_reaches_everybody() -> None:
    async def main() -> None:
        one, two, hold = Taker(), Taker(), asyncio.Event()

        async def slow(changed: Site) -> None:
            await hold.wait()
            one(changed)

        sites = following(Pause(), slow=slow, two=two)
        sites.changed(site("a"))
        await asyncio.sleep(0)
        sites.changed(site("a", "b"))
        hold.set()
        await sites.settled()
        assert (one.taken[-1], two.taken, sites.problem) == (2, [2], "")

    run(main())


def test_a_change_while_one_is_behind_goes_to_all() -> None:
    async def main() -> None:
        one, two, pause = Taker(), Taker(), Pause()
        one.refuses = CustosError("no")
        sites = following(pause, one=one, two=two)
        sites.changed(site("a"))
        await pause.begun.wait()
        one.refuses = None
        sites.changed(site("a", "b"))  # and nobody waits until the time to try again has come
        await asyncio.wait_for(sites.settled(), 60.0)
        assert (one.taken, two.taken) == ([2], [1, 2])

    run(main())


def test_what_is_the_matter_may_be_asked_while_it_is_mended() -> None:
    """Symptom: a page asked in its thread while a follower took the site, and failed: the dictionary had changed."""

    class Shortened(str):
        """A name that lets the loop go on while it is put into words."""

        def __format__(self, spec: str) -> str:
            sites._behind.pop("two", None)
            return str(self)

    sites = following(Pause(), one=Taker(), two=Taker())
    sites._behind = {Shortened("one"): "no", "two": "no"}
    assert sites.problem.count("is not in force for") == 2


def test_no_rule_file_changed() -> None:
    async def main() -> None:
        rules = RulesFollowing(lambda: asyncio.sleep(0))
        await rules.settled()
        assert rules.problem == ""

    run(main())


@pytest.mark.parametrize("error", [CustosError("the disk is full"), ZeroDivisionError("a bug")], ids=["told", "a bug"])
def test_rules_that_cannot_be_taken_are_told_and_tried_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Symptom: whatever was no CustosError ended the chore in silence, and the page of rules said that all was well."""

    async def main() -> None:
        taken: list[int] = []
        refuses: list[Exception] = [error, error]

        async def take() -> None:
            if refuses:
                raise refuses.pop()
            taken.append(1)

        pause = Pause()
        rules = RulesFollowing(take, sleep=pause)
        rules.changed()
        await pause.begun.wait()
        why = "the disk is full" if isinstance(error, CustosError) else "ZeroDivisionError"
        assert why in rules.problem
        assert why in caplog.text
        pause.begun.clear()
        pause.over.set()
        await pause.begun.wait()
        assert (len(refuses), taken) == (0, [])
        rules.changed()
        await asyncio.wait_for(rules.settled(), 60.0)
        assert (taken, rules.problem) == ([1], "")

    run(main())


def test_rules_that_change_while_they_are_taken_are_taken_again() -> None:
    async def main() -> None:
        seen: list[str] = []
        now, hold = ["old"], asyncio.Event()

        async def take() -> None:
            seen.append(now[0])
            await hold.wait()

        rules = RulesFollowing(take)
        rules.changed()
        await asyncio.sleep(0)
        now[0] = "new"
        rules.changed()
        hold.set()
        await rules.settled()
        assert seen == ["old", "new"]

    run(main())


@pytest.mark.parametrize("error", [CustosError("the disk is full"), ZeroDivisionError("a bug")], ids=["told", "a bug"])
def test_a_step_that_fails_is_told_and_the_chore_goes_on(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise error

    run(attempted(fails, "the clock could not be told"))
    assert "the clock could not be told" in caplog.text
    assert str(error) in caplog.text
