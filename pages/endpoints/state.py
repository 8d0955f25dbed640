"""State of the list of outgoing webhooks: search, and making one."""

import reflex as rx

from app.core.errors import Invalid
from app.services.outgoing import create_endpoint, list_endpoints
from app.wiring import get_wiring
from components import ui
from pages.endpoints.form import FIRST_EVENTS, EndpointForm
from pages.endpoints.present import EndpointItem, endpoint_item
from pages.listing import Listing
from pages.webhooks.present import MadeItem

NO_MADE = MadeItem()


class EndpointsState(EndpointForm, Listing, rx.State):
    """The list, and the dialog of a new endpoint."""

    rows: list[EndpointItem] = []
    can_edit: bool = False
    is_making: bool = False
    made: MadeItem = NO_MADE

    @rx.event
    async def load(self):
        """Show the list."""
        self.made, self.is_making, self.search = NO_MADE, False, ""
        await self._first()

    async def _fetch(self) -> None:
        page = await self._read(list_endpoints, search=self.search)
        now = get_wiring().ports.clock.now()
        self.rows, self.can_edit = [endpoint_item(row, now=now) for row in page.rows], page.can_edit

    @rx.event
    async def begin(self):
        """Open the dialog."""
        await self._read_workflows()
        self.name, self.url, self.events, self.workflow_ids = "", "", list(FIRST_EVENTS), []
        self.errors, self.is_making = {}, True

    @rx.event
    def set_making(self, is_open: bool):
        """Open or close the dialog."""
        self.is_making = is_open is True

    @rx.event
    async def create(self, _form: dict):  # type: ignore[type-arg]
        """Make it and show the secret, once."""
        self.errors = {}
        try:
            made = await self._call(create_endpoint, settings=self._settings())
        except Invalid as refused:
            self.errors = refused.fields
            yield ui.focus_first_error()
            return
        self.is_making = False
        self.made = MadeItem(made.detail.row.name, f"/triggers/outgoing/{made.detail.row.id}", "", made.secret)
        await self._fetch()

    @rx.event
    def set_shown(self, is_open: bool):
        """Close the dialog with the secret; it is not kept."""
        if is_open is not True:
            self.made = NO_MADE
