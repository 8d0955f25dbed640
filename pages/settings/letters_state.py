"""State of the letters page: which letters this person gets."""

import reflex as rx

from app.services.letters import choose_letters, get_letters
from app.views.letters import LetterChoice, LetterPage
from pages.loading import Loading


class LettersState(Loading, rx.State):
    """One switch for each kind."""

    mine: list[LetterChoice] = []
    bought: list[LetterChoice] = []
    choices: list[LetterChoice] = []
    address: str = ""
    sends_mail: bool = True

    @rx.event
    async def load(self) -> None:
        """Read what is switched on."""
        with self._loading():
            await self._fetch()

    @rx.event
    async def choose(self, kind: str, is_on: bool) -> None:
        """Switch a kind; it acts at once."""
        await self._call(choose_letters, kind=kind, is_on=is_on is True)
        await self._fetch()

    async def _fetch(self) -> None:
        page: LetterPage = await self._read(get_letters)
        self.mine = [one for one in page.choices if one.for_members]
        self.bought = [one for one in page.choices if one.for_buyers]
        self.choices = [one for one in page.choices if not (one.for_members or one.for_buyers)]
        self.address, self.sends_mail = page.address, page.sends_mail
