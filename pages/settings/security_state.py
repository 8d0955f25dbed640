"""State of the security page: the authenticator app and recovery codes. The password's form posts to a route, which sets the cookie."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.core.qr import picture_of
from app.services.accounts import begin_totp, count_recovery_codes, disable_totp, enable_totp, get_account, renew_recovery_codes
from pages.loading import Loading
from pages.settings.parts import why_closed

ACTIONS = ("enable", "disable", "renew")
CODES_HEAD = "Recovery codes of Agent Factory. Each works once, in place of the code of the app."


class SecurityState(Loading, rx.State):
    """How the account is protected, and the step that is under way."""

    has_password: bool = False
    has_totp: bool = False
    closed: str = ""  # why nothing can be changed here
    is_changed: bool = False
    codes_left: int = 0
    action: str = ""
    secret: str = ""
    qr: str = ""
    uri: str = ""
    codes: list[str] = []
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Read the account."""
        self.is_changed = self.router.url.query_parameters.get("changed") == "1"
        self._forget()
        with self._loading():
            await self._fetch()

    async def _fetch(self) -> None:
        account = await self._read(get_account)
        self.has_password, self.has_totp, self.closed = account.has_password, account.has_totp, why_closed(account)
        self.codes_left = 0 if account.managed_by else await self._read(count_recovery_codes)

    def _forget(self) -> None:
        self.action, self.secret, self.qr, self.uri, self.codes, self.errors = "", "", "", "", [], {}

    @rx.event
    async def begin(self, action: str) -> None:
        """Open a dialog; setting up makes a fresh secret."""
        self._forget()
        if action not in ACTIONS:
            return
        if action == "enable":
            setup = await self._call(begin_totp)
            self.secret = " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4))
            self.qr, self.uri = picture_of(setup.uri), setup.uri
        self.action = action

    @rx.event
    def close(self, is_open: bool) -> None:
        """Close it; nothing that was shown is kept."""
        if is_open is not True:
            self._forget()

    @rx.event
    def download(self) -> Any:
        """The codes as a file."""
        return rx.download(data="\n".join([CODES_HEAD, *self.codes, ""]), filename="recovery-codes.txt") if self.codes else None

    @rx.event
    async def submit(self, form: dict[str, Any]) -> Any:
        """Enter the code."""
        code, self.errors = str(form.get("code", "")), {}
        try:
            if self.action == "disable":
                await self._call(disable_totp, code=code)
                self._forget()
                await self._fetch()
                return rx.toast.success("The second factor is off.")
            renews = self.action == "renew"
            self.codes = list(await self._call(renew_recovery_codes if renews else enable_totp, code=code))
        except Invalid as refused:
            self.errors = refused.fields
            return None
        self.secret, self.qr, self.uri, self.action = "", "", "", "codes"
        await self._fetch()
        return rx.toast.success("Fresh recovery codes." if renews else "Two-factor sign-in is on.")
