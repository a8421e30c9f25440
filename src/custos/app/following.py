"""A changed site or rule file, brought to everybody who works by it: `changed()`, `problem`, `await settled()`.

Whoever cannot take it goes on with what was before, which is said at once, with where and why, and to who saved it
(`problem`); the others take it all the same, and he is told again every few seconds, and when it is changed again.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from custos.model.errors import CustosError
from custos.model.site import Site

log = logging.getLogger(__name__)
AGAIN_S = 10.0
Take = Callable[[Site], Awaitable[None] | None]
Sleep = Callable[[float], Awaitable[None]]


class SiteFollowing:
    """Lives in one event loop.

    Args:
        site: the one by which all work now.
        path: where it is written.
        followers: what each is called, and what takes the site. What it raises leaves it as it was.
    """

    def __init__(
        self,
        site: Site,
        path: Path,
        followers: Mapping[str, Take],
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._path = path
        self._followers = followers
        self._again = _Again(sleep)
        self._site = site.off_plan()
        self._behind: dict[str, str] = {}  # who has not taken it, and why, once that is known
        self._following: asyncio.Task[None] | None = None

    @property
    def problem(self) -> str:
        """Who goes on with the site as it was before the last change, and why; "" when nobody does. Threads may ask."""
        behind = dict(self._behind)  # which the loop may shorten meanwhile
        return " ".join(f"What was saved is not in force for {who}: {why}" for who, why in behind.items() if why)

    def changed(self, site: Site) -> None:
        """The site is another from now on."""
        if site.off_plan() == self._site:
            return  # things were moved on the map; no camera or rule need begin anew for that
        self._site = site.off_plan()
        self._behind = dict.fromkeys(self._followers, "")
        self._again.now()
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def settled(self) -> None:
        """Wait until everybody has taken the last change."""
        while self._following is not None:
            await asyncio.shield(self._following)

    async def _follow(self) -> None:
        try:
            while True:
                self._again.clear()
                await self._tell(self._site)
                if not self._behind:
                    return
                await self._again.wait()
        finally:
            self._following = None

    async def _tell(self, site: Site) -> None:
        for who in [who for who in self._followers if who in self._behind]:
            why = await self._told(who, site)
            if site is not self._site:
                return await self._tell(self._site)  # it was changed again meanwhile: all begin anew with that
            if why:
                self._behind[who] = why
            else:
                del self._behind[who]
        return None

    async def _told(self, who: str, site: Site) -> str:
        """Have it taken; why it is not, "" when it is."""
        where = f"{self._path}: the site was changed, and is not in force for {who}, who go on as before"
        try:
            taken = self._followers[who](site)
            if inspect.isawaitable(taken):
                await taken
        except CustosError as error:
            log.error("%s: %s", where, error)
            return str(error)
        except Exception as error:  # the edge of this change: the others must be told of it
            log.exception("%s", where)
            return f"{type(error).__name__}, which Custos' log tells more of."
        return ""


class RulesFollowing:
    """Brings changed rule files to whoever works by them. Lives in one event loop.

    Args:
        take: has the rules taken as they are when it is called. What it raises leaves those before them at work.
    """

    def __init__(self, take: Callable[[], Awaitable[None]], *, sleep: Sleep = asyncio.sleep) -> None:
        self._take = take
        self._again = _Again(sleep)
        self._following: asyncio.Task[None] | None = None
        self.problem = ""
        """Why the rules as they are written are not in force; "" when they are."""

    def changed(self) -> None:
        """The rules are others from now on."""
        self._again.now()
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def settled(self) -> None:
        """Wait until the last change has been taken."""
        while self._following is not None:
            await asyncio.shield(self._following)

    async def _follow(self) -> None:
        try:
            while self._again.is_now or self.problem:
                self._again.clear()
                self.problem = await self._told()
                if self.problem:
                    await self._again.wait()
        finally:
            self._following = None

    async def _told(self) -> str:
        """Have them taken; why they are not, "" when they are."""
        try:
            await self._take()
        except CustosError as error:
            log.error("%s", error)
            return f"The rule files as they are now are not in force yet: {error}"
        except Exception as error:  # the edge of this change, which must be tried again
            log.exception("the rule files as they are now are not in force yet")
            name = type(error).__name__
            return f"The rule files as they are now are not in force yet: {name}, which Custos' log tells more of."
        return ""


async def attempted(step: Callable[[], Awaitable[object]], failed: str) -> None:
    """Take a step of a chore that must come round again, whatever happens: what it raises is logged, with `failed`."""
    try:
        await step()
    except CustosError as error:
        log.error("%s: %s", failed, error)
    except Exception:  # the edge of the chore
        log.exception("%s", failed)


class _Again:
    """The wait until something is tried again: a while, or until `now`."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._asked = asyncio.Event()

    @property
    def is_now(self) -> bool:
        return self._asked.is_set()

    def now(self) -> None:
        self._asked.set()

    def clear(self) -> None:
        self._asked.clear()

    async def wait(self) -> None:
        first = [asyncio.ensure_future(self._sleep(AGAIN_S)), asyncio.ensure_future(self._asked.wait())]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in first:
                one.cancel()
