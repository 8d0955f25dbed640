"""State of the share dialog of the open agent or workflow."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.sharing import change_sharing, find_people, get_sharing, share_with, unshare_with
from app.session import Bridge
from app.views.sharing import SharingView
from pages.sharing.present import PersonLine, Sheet, person_line, sheet

NOBODY = PersonLine()


class SharingState(Bridge, rx.State):
    """Who is named, who could be, and what everybody may do; every change counts at once."""

    is_open: bool = False
    is_loading: bool = False
    sheet: Sheet = Sheet()
    people: list[PersonLine] = []
    search: str = ""
    found: list[PersonLine] = []
    access: str = "run"
    heir: PersonLine = NOBODY
    error: str = ""

    @rx.event
    async def open(self, kind: str) -> Any:
        """Open the dialog about what the address names; `kind` is agent or workflow."""
        self.is_open, self.is_loading, self.search, self.found = True, True, "", []
        self.heir, self.error, self.sheet, self.people = NOBODY, "", Sheet(), []
        yield
        try:
            self._show(await self._read(get_sharing, kind=kind, thing_id=self._address_id()))
        except BaseException:
            self.is_open = False
            raise
        finally:
            self.is_loading = False

    def _show(self, view: SharingView) -> None:
        self.sheet, self.people = sheet(view), [person_line(person) for person in view.people]
        self.heir, self.error = NOBODY, ""

    @rx.event
    def forget(self) -> None:
        """Arriving at a page: a dialog left open on another one is not about this."""
        self.is_open = False

    @rx.event
    def close(self, is_open: bool) -> None:
        """Close the dialog."""
        if is_open is not True:
            self.is_open = False

    @rx.event
    async def set_search(self, search: str) -> None:
        """Typing a name or an address."""
        self.search = str(search)[:200]
        self.found = []
        if self.search.strip():
            people = await self._read(find_people, kind=self.sheet.kind, thing_id=self.sheet.thing_id, search=self.search)
            self.found = [person_line(person) for person in people]

    @rx.event
    def choose_access(self, access: str) -> None:
        """How far whom is added next may go."""
        self.access = str(access)

    @rx.event
    async def add(self, user_id: str) -> None:
        """Name somebody."""
        await self._change(share_with, user_id=user_id, access=self.access)
        self.search, self.found = "", []

    @rx.event
    async def set_access(self, user_id: str, access: str) -> None:
        """Another access for somebody who is named, or none, or the question whether to make them the owner."""
        if access == "owner":
            self.heir = next((person for person in self.people if person.user_id == user_id), NOBODY)
        elif access == "none":
            await self._change(unshare_with, user_id=user_id)
        else:
            await self._change(share_with, user_id=user_id, access=access)

    @rx.event
    def keep_owner(self) -> None:
        """Leave the owner as it is."""
        self.heir = NOBODY

    @rx.event
    async def give(self) -> None:
        """Give it to the person that was asked about."""
        await self._change(change_sharing, owner_id=self.heir.user_id)

    @rx.event
    async def set_everyone(self, everyone: str) -> None:
        """What everybody in the workspace may do."""
        await self._change(change_sharing, everyone=everyone)

    @rx.event
    async def share_needed(self) -> None:
        """Share what the workflow uses with everybody who may run it."""
        await self._change(change_sharing, needed=True)

    async def _change(self, service: Any, **wanted: Any) -> None:
        try:
            self._show(await self._call(service, kind=self.sheet.kind, thing_id=self.sheet.thing_id, **wanted))
        except Invalid as refused:
            self.error = next(iter(refused.fields.values()), refused.message)
