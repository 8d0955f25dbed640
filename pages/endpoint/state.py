"""State of one endpoint: its head and secrets, and what may be done to it."""

from typing import ClassVar

import reflex as rx

from app.core.errors import AppError
from app.services.outgoing import (
    delete_endpoint,
    get_endpoint,
    pause_endpoint,
    replay_failed,
    resume_endpoint,
    revoke_endpoint_secret,
    rotate_endpoint_secret,
)
from app.views.outgoing import EndpointDetail
from app.wiring import get_wiring
from pages.endpoint.log_state import EndpointLogState
from pages.endpoints.present import EndpointView, endpoint_view
from pages.one_of import OneOf
from pages.webhooks.present import MadeItem

TABS = (("log", "Log"), ("settings", "Settings"))
NO_VIEW = EndpointView()
NO_MADE = MadeItem()


class EndpointState(OneOf, rx.State):
    """The endpoint that the address names."""

    TABS: ClassVar = TABS
    QUESTIONS: ClassVar = ("secret", "delete", "replay")

    endpoint: EndpointView = NO_VIEW
    made: MadeItem = NO_MADE
    tab: str = "log"

    def _show(self, detail: EndpointDetail) -> None:
        self.endpoint = endpoint_view(detail, now=get_wiring().ports.clock.now())

    @rx.event
    async def load(self):
        """Show it."""
        self.reset()
        try:
            self._show(await self._read(get_endpoint, endpoint_id=self._address_id()))
        except AppError as refused:
            self.problem = refused.message
        self.is_loading = False

    @rx.event
    async def refresh(self):
        """Read its head again."""
        self._show(await self._read(get_endpoint, endpoint_id=self._address_id()))

    @rx.event
    def set_shown(self, is_open: bool):
        """Close the dialog with the secret."""
        if is_open is not True:
            self.made = NO_MADE

    @rx.event
    async def pause(self):
        """Keep messages back."""
        self._show(await self._call(pause_endpoint, endpoint_id=self._address_id()))
        return rx.toast.success("Paused. Messages wait for a day at most.")

    @rx.event
    async def resume(self):
        """Send again."""
        self._show(await self._call(resume_endpoint, endpoint_id=self._address_id()))
        return [rx.toast.success("Resumed. What waited goes out now."), EndpointLogState.follow]

    @rx.event
    async def new_secret(self):
        """Replace the secret."""
        self.asked = ""
        made = await self._call(rotate_endpoint_secret, endpoint_id=self._address_id())
        self._show(made.detail)
        self.made = MadeItem(secret=made.secret)

    @rx.event
    async def end_secret(self, secret_id: str):
        """Stop signing with a replaced secret."""
        self._show(await self._call(revoke_endpoint_secret, endpoint_id=self._address_id(), secret_id=secret_id))
        return rx.toast.success("Messages are no longer signed with the replaced secret.")

    @rx.event
    async def replay_failed(self):
        """Send everything again that was given up."""
        self.asked = ""
        count = await self._call(replay_failed, endpoint_id=self._address_id())
        return [rx.toast.success(f"{count} messages are on their way again."), EndpointLogState.follow]

    @rx.event
    async def delete(self):
        """Delete it and go back to the list."""
        self.asked = ""
        await self._call(delete_endpoint, endpoint_id=self._address_id())
        return [rx.toast.success("Deleted. It hears nothing more."), rx.redirect("/triggers/outgoing")]
