"""State of the operators' question before they empty a creator's profile."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import clear_creator_profile
from app.session import Bridge
from pages.creator.state import CreatorState


class ClearingState(Bridge, rx.State):
    """The reason, which the creator reads."""

    reason: str = ""
    errors: dict[str, str] = {}
    is_open: bool = False

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Open or close the question."""
        self.is_open, self.reason, self.errors = is_open is True, "", {}

    @rx.event
    def set_reason(self, text: str) -> None:
        """Typing."""
        self.reason = str(text)[:1100]

    @rx.event
    async def clear(self) -> Any:
        """Empty it."""
        try:
            await self._call(clear_creator_profile, creator_id=self._address_id(), reason=self.reason)
        except AppError as refused:
            self.errors = refused.fields
            return None if refused.fields else rx.toast.error(refused.message)
        self.is_open = False
        return [rx.toast.success("The profile is empty. Its creator reads your reason."), CreatorState.load]
