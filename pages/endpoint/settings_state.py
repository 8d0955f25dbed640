"""State of an endpoint's settings."""

from contextlib import suppress
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.outgoing import get_endpoint, update_endpoint
from app.session import Bridge
from app.views.outgoing import EndpointDetail
from components import ui
from pages.endpoint.state import EndpointState
from pages.endpoints.form import EndpointForm


class EndpointSettingsState(EndpointForm, Bridge, rx.State):
    """What stands in the form."""

    is_saving: bool = False

    @rx.event
    async def open(self) -> None:
        """Fill the form."""
        self.reset()
        with suppress(AppError):  # the head of the page tells
            self._fill(await self._read(get_endpoint, endpoint_id=self._address_id()))
            await self._read_workflows()

    def _fill(self, detail: EndpointDetail) -> None:
        self.name, self.url = detail.row.name, detail.row.url
        self.events, self.workflow_ids, self.errors = list(detail.row.events), list(detail.workflow_ids), {}

    @rx.event
    async def save(self, _form: dict[str, Any]):
        """Store all of it."""
        self.errors, self.is_saving = {}, True
        yield
        try:
            detail = await self._call(update_endpoint, endpoint_id=self._address_id(), settings=self._settings())
        except Invalid as refused:
            self.errors = refused.fields
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_saving = False
        self._fill(detail)
        yield [rx.toast.success("Saved."), EndpointState.refresh]
