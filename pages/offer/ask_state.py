"""State of what a package asks for: which of the workspace's credentials stands for each that it names."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import choose_credentials, get_credential_asks
from app.session import Bridge
from app.views.installs import CredentialAsk
from pages.offer.present import AskItem, ask_items

MOST = 200


class AskState(Bridge, rx.State):
    """The questions of the open dialog. What was picked stays while the person makes a credential and comes back."""

    asks: list[AskItem] = []
    picks: dict[str, str] = {}
    errors: dict[str, str] = {}
    is_open: bool = False
    _about: str = ""  # dialog and listing that the picks are of

    @rx.event
    def forget(self) -> Any:
        """Another page; who comes back from making a credential goes on where they were."""
        self.is_open, self.errors = False, {}
        return AskState.ask if self.router.url.query_parameters.get("keys") == "1" else None

    @rx.event
    def pick(self, name: str, choice: str) -> None:
        """Use this one, or none for now."""
        if any(one.name == name for one in self.asks):
            self.picks, self.errors = {**self.picks, name: str(choice)[:MOST]}, {}

    @rx.event
    async def ask(self) -> None:
        """Show what an installed sealed listing uses."""
        found = await self._read(get_credential_asks, slug=self._address_id())
        self._propose(found, opens="keys", can_make=True)
        self.is_open = True

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        self.is_open = is_open is True

    @rx.event
    async def save(self) -> Any:
        """Use them from the next run on."""
        try:
            await self._call(choose_credentials, slug=self._address_id(), credentials=dict(self.picks))
        except AppError as refused:
            self.errors = refused.fields
            return rx.toast.error(refused.message)
        self.is_open = False
        return rx.toast.success("Saved. The next run uses them.")

    def _propose(self, asks: tuple[CredentialAsk, ...], *, opens: str, can_make: bool) -> None:
        slug = self._address_id()
        about, known = f"{opens}:{slug}", {one.name: {choice.name for choice in one.choices} for one in asks}
        kept = {name: pick for name, pick in self.picks.items() if self._about == about and pick in known.get(name, ())}
        self.asks, self._about, self.errors = ask_items(asks, slug=slug, opens=opens, can_make=can_make), about, {}
        self.picks = {one.name: one.chosen for one in asks} | kept
