"""State of the page of the workspace's own sign-in. The client secret passes through the form's event alone and is never held here."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.sign_ins import add_domain, get_sign_in, remove_domain, remove_sign_in, require_sign_in, save_sign_in
from app.sign_in_checks import prove_domain, try_sign_in
from app.views.sign_ins import SignInDetail
from app.wiring import get_wiring
from pages.loading import Loading
from pages.settings.sign_in_present import NEWCOMERS, DomainItem, SignInItem, domain_item, sign_in_item


class WorkspaceSignInState(Loading, rx.State):
    """The provider, its domains, and what is being typed."""

    shown: SignInItem = SignInItem()
    domains: list[DomainItem] = []
    role: str = "member"
    believes_email: bool = False
    is_enabled: bool = True
    busy: str = ""  # "test", or the domain that is asked for
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Read how it is set up."""
        self.errors, self.busy = {}, ""
        with self._loading():
            self._show(await self._read(get_sign_in))

    def _show(self, detail: SignInDetail | None) -> None:
        now = get_wiring().ports.clock.now()
        if detail is None:
            self.shown, self.domains, self.role, self.believes_email, self.is_enabled = SignInItem(), [], "member", False, True
            return
        self.shown, self.domains = sign_in_item(detail, now=now), [domain_item(row, now=now) for row in detail.domains]
        self.role, self.believes_email, self.is_enabled = detail.default_role, detail.believes_email, detail.is_enabled

    @rx.event
    def set_role(self, role: str) -> None:
        """Choose what newcomers become."""
        self.role = role if role in dict(NEWCOMERS) else "member"

    @rx.event
    def set_believes_email(self, is_on: bool) -> None:
        """Whether addresses that are not called verified count."""
        self.believes_email = is_on is True

    @rx.event
    def set_enabled(self, is_on: bool) -> None:
        """Whether it lets anybody in."""
        self.is_enabled = is_on is True

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        """Set it up or change it."""
        self.errors = {}
        typed = {name: str(form.get(name) or "") for name in ("name", "issuer", "client_id", "client_secret")}
        chosen = {"default_role": self.role, "believes_email": self.believes_email, "is_enabled": self.is_enabled}
        try:
            self._show(await self._call(save_sign_in, **typed, **chosen))
        except Invalid as refused:
            self.errors = refused.fields
            return None
        return rx.toast.success("Saved.")

    @rx.event
    async def test(self) -> Any:
        """Ask the provider."""
        self.busy = "test"
        yield
        try:
            self._show(await try_sign_in(self._call, get_wiring()))
        except AppError as refused:
            yield rx.toast.error(refused.message)
        self.busy = ""

    @rx.event
    async def add(self, form: dict[str, Any]) -> None:
        """Note a domain."""
        self.errors = {}
        try:
            self._show(await self._call(add_domain, domain=form.get("domain")))
        except Invalid as refused:
            self.errors = refused.fields

    @rx.event
    async def prove(self, domain: str) -> Any:
        """Look for its record."""
        self.busy = str(domain)[:253]
        yield
        try:
            self._show(await prove_domain(self._call, get_wiring(), domain=domain))
            yield rx.toast.success("The domain is proved. Its people can come in by themselves.")
        except AppError as refused:
            yield rx.toast.error(refused.message)
        self.busy = ""

    @rx.event
    async def drop(self, domain: str) -> Any:
        """Give a domain up."""
        self._show(await self._call(remove_domain, domain=domain))
        return rx.toast.success("The domain is taken off.")

    @rx.event
    async def demand(self, is_required: bool) -> Any:
        """Whether members come in by it alone."""
        self._show(await self._call(require_sign_in, is_required=is_required))
        return rx.toast.success("Members come in by it alone now." if is_required else "Members may sign in as they like.")

    @rx.event
    async def remove(self) -> Any:
        """Take it off."""
        await self._call(remove_sign_in)
        self._show(None)
        return rx.toast.success("The sign-in is taken off.")
