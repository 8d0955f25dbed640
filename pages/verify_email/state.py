"""State of the page that the link of a verification letter opens."""

import reflex as rx

from app.core.errors import AppError
from app.services.accounts import verify_email
from app.session import Bridge


class VerifyState(Bridge, rx.State):
    """What came of it."""

    email: str = ""
    problem: str = ""
    is_loading: bool = True

    @rx.event
    async def load(self) -> None:
        """Use the link."""
        self.problem, self.email = "", ""
        try:
            self.email = await self._call(verify_email, token=self.router.url.query_parameters.get("token", ""))
        except AppError as refused:
            self.problem = refused.message
        self.is_loading = False
