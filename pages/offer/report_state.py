"""States of the two questions about a review: why it is reported, and what its author says to its being hidden."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import appeal_review, report_review
from app.session import Bridge
from pages.appealing import Appealing
from pages.offer.review_state import ReviewsState


class ReportState(Bridge, rx.State):
    """Which review is reported, and why."""

    review_id: str = ""
    ground: str = ""
    text: str = ""
    errors: dict[str, str] = {}

    @rx.event
    def ask(self, review_id: str) -> None:
        """Open the question."""
        self.review_id, self.ground, self.text, self.errors = str(review_id)[:64], "", "", {}

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        if is_open is not True:
            self.review_id = ""

    @rx.event
    def set_ground(self, ground: str) -> None:
        """Choose the reason."""
        self.ground, self.errors = str(ground)[:20], {}

    @rx.event
    def set_text(self, text: str) -> None:
        """Say more."""
        self.text = str(text)[:600]

    @rx.event
    async def send(self) -> Any:
        """Tell the operators."""
        if not self.ground:
            self.errors = {"ground": "Choose a reason."}
            return None
        try:
            await self._call(report_review, review_id=self.review_id, ground=self.ground, reason=self.text)
        except AppError as refused:
            self.errors = refused.fields
            return None if refused.fields else rx.toast.error(refused.message)
        self.review_id = ""
        return [rx.toast.info("Reported. The operators of this installation will look at it."), ReviewsState.look_again]


class HiddenReviewState(Appealing, rx.State):
    """What the author of a hidden review answers."""

    async def _send(self) -> Any:
        await self._call(appeal_review, review_id=self.asked, text=self.text)
        return ReviewsState.look_again
