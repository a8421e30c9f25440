"""A changed site, brought to everybody who works by it: `changed(site)`, `await follow()`.

Whoever cannot take it goes on with the site as it was, which is said at once, with where and why, and to who saved it
(`problem`); the others take it all the same, and he is told again every few seconds.
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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._path = path
        self._followers = followers
        self._sleep = sleep
        self._site = site.off_plan()
        self._behind: dict[str, str] = {}  # who has not taken it, and why, once that is known
        self._following: asyncio.Task[None] | None = None

    @property
    def problem(self) -> str:
        """Who goes on with the site as it was before the last change, and why; "" when nobody does."""
        return " ".join(f"What was saved is not in force for {who}: {why}" for who, why in self._behind.items() if why)

    def changed(self, site: Site) -> None:
        """The site is another from now on."""
        if site.off_plan() == self._site:
            return  # things were moved on the map; no camera or rule need begin anew for that
        self._site = site.off_plan()
        self._behind = dict.fromkeys(self._followers, "")
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def settled(self) -> None:
        """Wait until everybody has taken the last change."""
        while self._following is not None:
            await asyncio.shield(self._following)

    async def _follow(self) -> None:
        try:
            while True:
                await self._tell(self._site)
                if not self._behind:
                    return
                await self._sleep(AGAIN_S)
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
