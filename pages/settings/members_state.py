"""State of the members page: who is here, roles, and what needs a confirmation."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.members import change_role, leave_workspace, list_members, remove_member, transfer_ownership
from app.session import SessionState, start_afresh
from app.wiring import get_wiring
from pages.listing import Listing
from pages.settings.members_present import ROLE_WORDS, MemberItem, PendingChange, held_by, member_item

NOTHING = PendingChange()


class MembersState(Listing, rx.State):
    """The list and the open question."""

    rows: list[MemberItem] = []
    total: int = 0
    can_manage: bool = False
    roles: list[dict[str, str]] = []
    pending: PendingChange = NOTHING
    heirs: list[dict[str, str]] = []
    heir_id: str = ""
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Show everybody."""
        self.search, self.pending = "", NOTHING
        await self._first()

    async def _fetch(self) -> None:
        found = await self._read(list_members, search=self.search)
        now = get_wiring().ports.clock.now()
        mine = next((row for row in found.rows if row.is_me), None)
        if mine is None:
            mine = next(row for row in (await self._read(list_members)).rows if row.is_me)
        self.rows = [member_item(row, now=now, i_own=mine.role == "owner") for row in found.rows]
        self.total, self.can_manage = found.total, found.can_manage
        self.roles = [{"value": role, "label": ROLE_WORDS[role]} for role in mine.roles]

    @rx.event
    async def give_role(self, user_id: str, role: str) -> Any:
        """Another role for a member; refused, the list shows what is true."""
        try:
            await self._call(change_role, user_id=user_id, role=role)
        finally:
            await self._fetch()
        return [SessionState.guard, rx.toast.success("The role is changed.")]

    @rx.event
    async def ask(self, kind: str, user_id: str) -> None:
        """Open the question: remove, leave or transfer."""
        everybody = await self._read(list_members)
        row = next((row for row in everybody.rows if row.user_id == user_id), None)
        if row is None or kind not in ("remove", "leave", "transfer"):
            return
        able = [other for other in everybody.rows if other.user_id != user_id and other.role != "viewer"]
        able.sort(key=lambda other: (not other.is_me, other.role != "owner"))
        self.heirs = [{"value": other.user_id, "label": f"{other.name} (you)" if other.is_me else other.name} for other in able]
        self.heir_id = able[0].user_id if able else ""
        self.errors, self.pending = {}, PendingChange(kind, row.user_id, row.name, held_by(row))

    @rx.event
    def choose_heir(self, user_id: str) -> None:
        """Who takes over what the person leaves behind."""
        self.heir_id = str(user_id)

    @rx.event
    def close(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.pending = NOTHING

    @rx.event
    async def confirm(self) -> Any:
        """Do what was asked."""
        asked, self.errors = self.pending, {}
        try:
            if asked.kind == "leave":
                await self._call(leave_workspace, heir_id=self.heir_id)
                return start_afresh()
            if asked.kind == "transfer":
                await self._call(transfer_ownership, user_id=asked.user_id)
            elif asked.kind == "remove":
                await self._call(remove_member, user_id=asked.user_id, heir_id=self.heir_id)
        except Invalid as refused:
            self.errors = refused.fields
            return None
        self.pending = NOTHING
        await self._fetch()
        done = f"{asked.name} owns the workspace now." if asked.kind == "transfer" else f"{asked.name} is removed."
        return [SessionState.guard, rx.toast.success(done)]
