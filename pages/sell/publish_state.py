"""State of the wizard that publishes a workflow."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import publish_listing, start_publishing
from app.views.blueprints import PermissionLine
from app.views.market import ListingForm, PublishCheck, PublishDraft
from components import ui
from pages.loading import Loading
from pages.sell.draft_state import DraftState, read_alts
from pages.sell.pictures_state import PicturesState

FIELDS = ("name", "tagline", "description", "category", "price", "billing", "licence", "version", "changelog", "look")
MOST_CHARS = 25_000


class PublishState(Loading, rx.State):
    """The wizard."""

    workflow_name: str = ""
    checks: list[PublishCheck] = []
    permissions: list[PermissionLine] = []
    published: list[str] = []
    form: dict[str, str] = {}
    errors: dict[str, str] = {}
    tests_href: str = ""
    is_ready: bool = False
    is_publishing: bool = False

    @rx.event
    async def load(self) -> None:
        """Read the workflow's checks and the form as it was last published."""
        self.errors, self.is_loading = {}, True
        with self._loading():
            draft: PublishDraft = await self._read(start_publishing, workflow_id=self._address_id())
            self._show(draft)
            shown: Any = await self.get_state(PicturesState)
            shown._start(draft.listing.pictures)
            kept: Any = await self.get_state(DraftState)
            kept._begin(self._address_id())

    @rx.event
    async def set_field(self, name: str, value: str) -> None:
        """Typing in the form."""
        if name in FIELDS:
            self.form = {**self.form, name: str(value)[:MOST_CHARS]}
            kept: Any = await self.get_state(DraftState)
            kept.is_kept = True

    @rx.event
    async def restore(self, texts: dict[str, str], more: str) -> None:
        """Take what the browser kept of an earlier visit: texts by field, and the pictures."""
        given = {str(name): str(text)[:MOST_CHARS] for name, text in texts.items()}
        self.form = {**self.form, **{name: text for name, text in given.items() if name in FIELDS}}
        shown: Any = await self.get_state(PicturesState)
        await shown._restore(read_alts(str(more)), given)
        kept: Any = await self.get_state(DraftState)
        kept.is_kept = True

    @rx.event
    async def discard(self) -> Any:
        """Throw the draft away, and show the form as it was last published."""
        kept: Any = await self.get_state(DraftState)
        return [await kept._end(), PublishState.load]

    @rx.event
    async def publish(self) -> Any:
        """Publish, or show what is wrong where it is wrong."""
        self.is_publishing = True
        yield
        shown: Any = await self.get_state(PicturesState)
        form = {**self.form, "pictures": shown._chosen()}
        try:
            slug = await self._call(publish_listing, workflow_id=self._address_id(), form=form)
        except AppError as refused:
            self.errors = refused.fields
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_publishing = False
        kept: Any = await self.get_state(DraftState)
        yield await kept._end()
        yield [rx.toast.success("Sent for review. It is shown once somebody has looked at it."), rx.redirect(f"/marketplace/{slug}")]

    def _show(self, draft: PublishDraft) -> None:
        listing: ListingForm = draft.listing
        self.workflow_name, self.checks, self.permissions = draft.workflow_name, list(draft.checks), list(draft.permissions)
        self.published, self.form = list(draft.published), {name: getattr(listing, name) for name in FIELDS}
        self.tests_href = f"/workflows/{self._address_id()}/tests"
        self.is_ready = all(check.is_ok for check in draft.checks)
