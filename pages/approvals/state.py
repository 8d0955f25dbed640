"""State of the approvals page and of the decision cards that other pages show."""

import reflex as rx

from app.core.errors import AppError, Invalid, NotFound
from app.services.runs import decide_approval, get_approval, list_approvals
from app.session import Bridge, SessionState
from app.wiring import get_wiring
from components.forms.answers import MOST_CHARS, answer_fields, answered, typed_answers
from engine.nodes.approval import pressing_needs_fields
from pages.approvals.present import ApprovalItem, approval_item
from pages.loading import Loading, looking_again

TABS = (("pending", "Waiting"), ("decided", "Decided"))
WHOSE = (("mine", "Mine"), ("all", "All"))
_MOST_NOTE = 4000


class DecisionState(Bridge, rx.State):
    """What the person typed into decision cards, and sending it."""

    notes: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    errors: dict[str, str] = {}
    deciding: str = ""

    @rx.event
    def set_note(self, approval_id: str, text: str):
        """Keep the note of one card."""
        self.notes = {**self.notes, str(approval_id): str(text)[:_MOST_NOTE]}

    @rx.event
    def restore(self, approval_id: str, texts: dict[str, str]):
        """Take what the browser kept for one card, field by field, the note under ""; it is all that was typed there."""
        answers = {str(name): str(text)[: MOST_CHARS + 1] for name, text in texts.items()}
        self.set_note(approval_id, answers.pop("", ""))
        self.values = {**self.values, str(approval_id): answers}

    @rx.event
    def set_value(self, approval_id: str, name: str, value: str | bool):
        """Keep one field of one card."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)[: MOST_CHARS + 1]
        mine = {**self.values.get(str(approval_id), {}), str(name): text}
        self.values = {**self.values, str(approval_id): mine}

    @rx.event
    async def decide(self, approval_id: str, button: str):
        """Send the answer; the run goes on by itself."""
        self.errors, self.deciding = {}, str(approval_id)
        yield
        try:
            await self._send(str(approval_id), str(button))
        except AppError as refused:
            self.errors = _by_place(str(approval_id), refused)
            return
        finally:
            self.deciding = ""
        yield answered(str(approval_id))
        yield rx.toast.success("Decided. The run goes on.")
        yield [ApprovalsState.load, SessionState.guard]  # the guard renews the count in the navigation

    async def _send(self, approval_id: str, button: str) -> None:
        card = await self._read(get_approval, approval_id=approval_id)
        fields, typed = answer_fields(card.request.get("fields") or []), self.values.get(approval_id, {})
        answers, problems = typed_answers(fields, typed, must_fill=pressing_needs_fields(card.request, button))
        if problems:
            raise Invalid("Check what you filled in.", fields=problems)
        note = self.notes.get(approval_id, "")
        await self._call(decide_approval, approval_id=card.id, button=button, note=note, values=answers)


def _by_place(approval_id: str, refused: AppError) -> dict[str, str]:
    """The refusal by card, and by card and field."""
    return {approval_id: refused.message, **{f"{approval_id}/{name}": text for name, text in refused.fields.items()}}


class ApprovalsState(Loading, rx.State):
    """Which decisions wait, and which were made."""

    items: list[ApprovalItem] = []
    tab: str = "pending"
    whose: str = "mine"
    elsewhere: int = 0

    @rx.event
    async def load(self):
        """Read the decisions of the chosen tab."""
        self.items = []
        with self._loading():
            self.items = await self._fetch()

    @rx.event
    async def follow(self):
        """Show what has come since; a card that somebody else has decided meanwhile stays and tells how."""
        if self.is_loading or self.problem:
            return None
        with looking_again():
            items = await self._fetch()
            if self.tab == "pending":
                waiting = {item.id for item in items}
                gone = [await self._ended(item) for item in self.items if item.id not in waiting]
                items = sorted([*items, *filter(None, gone)], key=lambda item: item.id)
            if items != self.items:
                self.items = items
                return SessionState.guard  # renews the count in the navigation
        return None

    async def _fetch(self) -> list[ApprovalItem]:
        cards = await self._read(list_approvals, pending=self.tab == "pending")
        mine = [card for card in cards if card.is_mine]
        if (elsewhere := len(cards) - len(mine)) != self.elsewhere:
            self.elsewhere = elsewhere
        now = get_wiring().ports.clock.now()
        return [approval_item(card, now=now) for card in (mine if self.whose == "mine" else cards)]

    async def _ended(self, item: ApprovalItem) -> ApprovalItem | None:
        """How a card ended that no longer waits; None when it waits for somebody else now, or is out of reach."""
        if item.status != "pending":
            return item
        try:
            card = await self._read(get_approval, approval_id=item.id)
        except NotFound:
            return None
        return approval_item(card, now=get_wiring().ports.clock.now()) if card.status != "pending" else None

    @rx.event
    async def choose_whose(self, whose: str):
        """Show what the person can decide or has decided, or what anybody can."""
        self.whose = whose if whose in dict(WHOSE) else "mine"
        return ApprovalsState.load

    @rx.event
    async def choose_tab(self, tab: str):
        """Show waiting or decided ones."""
        self.tab = tab if tab in dict(TABS) else "pending"
        return ApprovalsState.load
