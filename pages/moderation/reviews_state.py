"""State of the reviews that people have reported: the list, and the decision on one of them."""

from datetime import UTC, datetime
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import (
    dismiss_reports,
    hide_reported_review,
    keep_review_hidden,
    list_reported_reviews,
    show_hidden_review,
)
from pages.loading import Loading
from pages.moderation.present import ReviewItem, review_item


class ReportedState(Loading, rx.State):
    """Reviews whose author appeals, those in sight with reports, and the other hidden ones."""

    appeals: list[ReviewItem] = []
    rows: list[ReviewItem] = []
    hidden: list[ReviewItem] = []
    label: str = "Reported reviews"
    chosen: ReviewItem = ReviewItem()
    is_hiding: bool = False
    reason: str = ""
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Read both lists."""
        self.is_hiding, self.reason, self.errors = False, "", {}
        with self._loading():
            await self._fetch()

    @rx.event
    def ask_hide(self, review_id: str) -> None:
        """Open the question for the reason: of hiding one, or of keeping one hidden whose author appeals."""
        found = next((row for row in (*self.rows, *self.appeals) if row.id == review_id), None)
        if found is not None:
            self.chosen, self.is_hiding, self.reason, self.errors = found, True, "", {}

    @rx.event
    def set_hiding(self, is_open: bool) -> None:
        """Close the question."""
        self.is_hiding, self.errors = is_open is True and self.is_hiding, {}

    @rx.event
    def set_reason(self, text: str) -> None:
        """Typing the reason."""
        self.reason = str(text)[:1100]

    @rx.event
    async def hide(self) -> Any:
        """Take the chosen one out of sight, or keep it there; a letter tells its author why."""
        decide, told = (keep_review_hidden, "It stays hidden") if self.chosen.is_hidden else (hide_reported_review, "Hidden")
        try:
            await self._call(decide, review_id=self.chosen.id, reason=self.reason)
        except AppError as refused:
            self.errors = refused.fields
            return None if refused.fields else await self._refused(refused)
        self.is_hiding = False
        await self._fetch()
        return rx.toast.success(f"{told}. A letter tells its author why.")

    @rx.event
    async def show_again(self, review_id: str) -> Any:
        """Bring a hidden one back."""
        return await self._settle(show_hidden_review, review_id, "In sight again.")

    @rx.event
    async def dismiss(self, review_id: str) -> Any:
        """Leave it as it is."""
        return await self._settle(dismiss_reports, review_id, "Reports dismissed. The review stays.")

    async def _settle(self, service: Any, review_id: str, told: str) -> Any:
        try:
            await self._call(service, review_id=review_id)
        except AppError as refused:
            return await self._refused(refused)
        await self._fetch()
        return rx.toast.success(told)

    async def _refused(self, refused: AppError) -> Any:
        """Somebody else was quicker: show how it stands."""
        self.is_hiding = False
        with self._loading():
            await self._fetch()
        return rx.toast.error(refused.message)

    async def _fetch(self) -> None:
        now = datetime.now(UTC)
        reported, hidden = [await self._read(list_reported_reviews, state=state) for state in ("reported", "hidden")]
        items = [review_item(row, now=now) for row in hidden]
        self.appeals = [item for item in items if item.state == "waiting"]
        self.hidden = [item for item in items if item.state != "waiting"]
        self.rows = [review_item(row, now=now) for row in reported]
        waiting = len(self.rows) + len(self.appeals)
        self.label = f"Reported reviews ({waiting})" if waiting else "Reported reviews"
