"""State of the creator's public profile on the seller's page: what it says, and the form that changes it."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.market import add_picture, get_creator_profile, set_creator_profile
from app.session import Bridge
from app.views.accounts import initials_of
from app.views.market import CreatorForm
from app.views.pictures import ListingPicture

FIELDS = ("name", "about", "website")
LONGEST = 2_000


class ProfileState(Bridge, rx.State):
    """The profile as it is shown, and as it is being written."""

    shown: CreatorForm = CreatorForm()
    initials: str = ""
    form: dict[str, str] = {}
    picture: str = ""
    picture_href: str = ""
    errors: dict[str, str] = {}
    is_open: bool = False
    is_saving: bool = False

    @rx.event
    async def load(self) -> None:
        """Read it; who may not sell reads why in the page's own place."""
        self.is_open = False
        try:
            self._show(await self._read(get_creator_profile))
        except NotSignedIn:
            raise
        except AppError:
            return
        if self.router.url.query_parameters.get("profile") == "1":
            self._begin()

    @rx.event
    def edit(self) -> None:
        """Open the form with what is shown."""
        self._begin()

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        self.is_open = is_open is True

    @rx.event
    def set_field(self, name: str, value: str) -> None:
        """Typing."""
        if name in FIELDS:
            self.form = {**self.form, name: str(value)[:LONGEST]}

    @rx.event
    async def take(self, files: list[rx.UploadFile]) -> None:
        """A picture was chosen."""
        self.errors = {}
        for file in files[:1]:
            try:
                made: ListingPicture = await self._call(add_picture, content=await file.read())
            except AppError as refused:
                self.errors = {"picture": refused.message}
                return
            self.picture, self.picture_href = made.id, made.href

    @rx.event
    def refuse(self) -> None:
        """The browser kept a file back: too large, or of another kind."""
        self.errors = {"picture": "Choose a PNG, JPEG or WebP picture of 2 MB at most."}

    @rx.event
    def drop(self) -> None:
        """No picture."""
        self.picture = self.picture_href = ""

    @rx.event
    async def save(self) -> Any:
        """Show it to everybody, or what is wrong."""
        self.is_saving = True
        yield
        try:
            self._show(await self._call(set_creator_profile, form={**self.form, "picture": self.picture}))
        except AppError as refused:
            self.errors = refused.fields
            yield rx.toast.error(refused.message)
            return
        finally:
            self.is_saving = False
        self.is_open = False
        yield rx.toast.success("Saved. Buyers see it from now on.")

    def _begin(self) -> None:
        self.form = {name: getattr(self.shown, name) for name in FIELDS}
        self.picture, self.picture_href, self.errors, self.is_open = self.shown.picture, self.shown.picture_href, {}, True

    def _show(self, found: CreatorForm) -> None:
        self.shown, self.initials = found, initials_of(found.shown_name)
