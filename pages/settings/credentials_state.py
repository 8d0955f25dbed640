"""State of the credentials page. A secret passes through the form's event alone and is never held here."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, Conflict, Invalid
from app.services.credentials import create_credential, delete_credential, get_credential, list_credentials, update_credential
from app.trial import try_credential
from app.wiring import get_wiring
from pages.listing import Listing
from pages.settings.credentials_present import (
    HELP,
    CredentialForm,
    CredentialItem,
    UserItem,
    credential_form,
    credential_item,
    marketplace_page,
    user_item,
    wished_form,
)

FIELDS = ("name", "public_name", "provider", "description", "test_url", "secret")


class CredentialsState(Listing, rx.State):
    """The list, the dialog that makes or changes one, and the question before one is deleted."""

    rows: list[CredentialItem] = []
    can_manage: bool = False
    is_editing: bool = False
    form: CredentialForm = CredentialForm()
    kind: str = "bearer"
    errors: dict[str, str] = {}
    testing_id: str = ""
    asked: CredentialItem = CredentialItem()
    users: list[UserItem] = []
    _back: str = ""  # the install that a credential is made for

    @rx.event
    async def load(self) -> None:
        """Show the list."""
        self.search, self.is_editing, self.asked = "", False, CredentialItem()
        wish = self.router.url.query_parameters
        self._back = marketplace_page(wish.get("back", ""))
        await self._first()
        if wish.get("new", "") in HELP and self.can_manage:
            self.form, self.kind, self.errors, self.is_editing = wished_form(wish), wish["new"], {}, True

    async def _fetch(self) -> None:
        page = await self._read(list_credentials, search=self.search)
        now = get_wiring().ports.clock.now()
        self.rows, self.can_manage = [credential_item(row, now=now) for row in page.rows], page.can_manage

    @rx.event
    def begin(self) -> None:
        """Open the dialog of a new one."""
        self.form, self.kind, self.errors, self.is_editing = CredentialForm(), "bearer", {}, True

    @rx.event
    async def edit(self, credential_id: str) -> None:
        """Open the dialog of an existing one, with who uses it."""
        detail = await self._read(get_credential, credential_id=credential_id)
        self.form, self.users = credential_form(detail.row), [user_item(user) for user in detail.users]
        self.kind, self.errors, self.is_editing = self.form.kind, {}, True

    @rx.event
    def set_editing(self, is_open: bool) -> None:
        """Close the dialog."""
        self.is_editing = is_open is True

    @rx.event
    def set_kind(self, kind: str) -> None:
        """Choose what it is."""
        if kind in HELP:
            self.kind, self.errors = kind, {}

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        """Make or change it."""
        settings: dict[str, Any] = {name: str(form.get(name) or "") for name in FIELDS if name in form}
        settings |= {"kind": self.kind, "expires_at": form.get("expires_at") or None}
        settings["hosts"] = str(form.get("hosts") or "").replace(",", "\n").split("\n") if self.kind != "model" else []
        self.errors = {}
        try:
            if self.form.id:
                await self._call(update_credential, credential_id=self.form.id, settings=settings)
            else:
                await self._call(create_credential, settings=settings)
        except (Invalid, Conflict) as refused:
            self.errors = refused.fields or {"name": refused.message}
            return None
        self.is_editing = False
        await self._fetch()
        saved = rx.toast.success("Credential saved.")
        return [saved, rx.redirect(self._back)] if self._back else saved

    @rx.event
    async def test(self, credential_id: str) -> Any:
        """Try it out."""
        self.testing_id = str(credential_id)[:64]
        yield
        try:
            row = await try_credential(self._call, get_wiring().settings, credential_id=credential_id)
            yield rx.toast.success(row.test_message) if row.test_ok else rx.toast.error(row.test_message)
        except AppError as refused:
            yield rx.toast.error(refused.message)
        self.testing_id = ""
        await self._fetch()

    @rx.event
    async def ask_delete(self, credential_id: str) -> None:
        """Show who uses it, and ask."""
        detail = await self._read(get_credential, credential_id=credential_id)
        self.users = [user_item(user) for user in detail.users]
        self.asked = next((row for row in self.rows if row.id == str(credential_id)), CredentialItem())

    @rx.event
    def set_asking(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.asked = CredentialItem()

    @rx.event
    async def delete(self) -> Any:
        """Forget it; who uses it was shown."""
        asked, self.asked = self.asked, CredentialItem()
        await self._call(delete_credential, credential_id=asked.id, even_if_used=True)
        await self._fetch()
        return rx.toast.success(f"'{asked.name}' was deleted.")
