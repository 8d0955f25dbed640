"""State of the list of incoming webhooks: search, and making one."""

import reflex as rx

from app.core.errors import Invalid
from app.services.webhooks import create_webhook, list_webhooks
from app.services.workflows import list_workflows
from app.wiring import get_wiring
from components import ui
from pages.listing import Listing
from pages.webhooks.present import MadeItem, WebhookItem, curl_example, webhook_item

MOST_CHOICES = 100
NO_MADE = MadeItem()


class WebhooksState(Listing, rx.State):
    """The list, and the dialog of a new webhook."""

    rows: list[WebhookItem] = []
    can_edit: bool = False
    workflows: list[dict[str, str]] = []
    is_making: bool = False
    workflow_id: str = ""
    name: str = ""
    auth: str = "secret"
    errors: dict[str, str] = {}
    made: MadeItem = NO_MADE

    @rx.event
    async def load(self):
        """Show the list."""
        self.made, self.is_making, self.search = NO_MADE, False, ""
        await self._first()

    async def _fetch(self) -> None:
        page = await self._read(list_webhooks, search=self.search)
        now = get_wiring().ports.clock.now()
        self.rows, self.can_edit = [webhook_item(row, now=now) for row in page.rows], page.can_edit

    @rx.event
    async def begin(self):
        """Open the dialog."""
        page = await self._read(list_workflows, limit=MOST_CHOICES)
        choices = [{"value": str(card.id), "label": card.name} for card in page.items]
        self.workflows = [{"value": "", "label": "Choose…"}, *choices] if choices else []
        self.workflow_id = ""
        self.name, self.auth, self.errors, self.is_making = "", "secret", {}, True

    @rx.event
    def set_making(self, is_open: bool):
        """Open or close the dialog."""
        self.is_making = is_open is True

    @rx.event
    def choose_workflow(self, workflow_id: str):
        """Which workflow it starts."""
        self.workflow_id = str(workflow_id)

    @rx.event
    def set_name(self, name: str):
        """Its name."""
        self.name = str(name)

    @rx.event
    def choose_auth(self, auth: str):
        """How callers prove themselves."""
        self.auth = str(auth)

    @rx.event
    async def create(self, _form: dict):  # type: ignore[type-arg]
        """Make it and show address and secret, once."""
        self.errors = {}
        settings = {"auth": self.auth} | ({"name": self.name} if self.name.strip() else {})
        try:
            made = await self._call(create_webhook, workflow_id=self.workflow_id, settings=settings)
        except Invalid as refused:
            self.errors = refused.fields
            yield ui.focus_first_error()
            return
        self.is_making = False
        detail = made.detail
        example = curl_example(detail, secret=made.secret)
        self.made = MadeItem(detail.row.name, f"/triggers/webhooks/{detail.row.id}", detail.url, made.secret, example)
        await self._fetch()

    @rx.event
    def set_shown(self, is_open: bool):
        """Close the dialog with the secret; it is not kept."""
        if is_open is not True:
            self.made = NO_MADE
