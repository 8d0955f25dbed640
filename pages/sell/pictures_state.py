"""State of the pictures in the publish wizard: chosen files, what each shows, and their order."""

import json
from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.errors import AppError, NotFound
from app.services.market import add_picture, get_picture
from app.session import Bridge
from app.views.pictures import ListingPicture

MOST = 6
LONGEST_ALT = 200


@dataclass(frozen=True)
class PictureItem:
    """A picture of the draft."""

    id: str = ""
    href: str = ""
    alt: str = ""
    is_first: bool = False
    is_last: bool = False


class PicturesState(Bridge, rx.State):
    """The pictures of the draft, in their order."""

    pictures: list[PictureItem] = []
    error: str = ""
    changed: str = ""  # ids and words as JSON for the browser to keep; "" until somebody changed them

    @rx.event
    async def take(self, files: list[rx.UploadFile]) -> None:
        """Files were chosen: each comes in, or the reason why not."""
        self.error = ""
        for file in files:
            if len(self.pictures) >= MOST:
                self.error = f"A listing shows {MOST} pictures at most."
                return
            try:
                made: ListingPicture = await self._call(add_picture, content=await file.read())
            except AppError as refused:
                self.error = refused.message
                return
            self._change([*self.pictures, PictureItem(made.id, made.href)])

    @rx.event
    def refuse(self) -> None:
        """The browser kept a file back: too large, or of another kind."""
        self.error = "Choose PNG, JPEG or WebP pictures of 2 MB at most, one at a time."

    @rx.event
    def describe(self, picture_id: str, alt: str) -> None:
        """What it shows."""
        told = str(alt)[:LONGEST_ALT]
        self._change([PictureItem(one.id, one.href, told if one.id == picture_id else one.alt) for one in self.pictures])

    @rx.event
    def move(self, picture_id: str, steps: int) -> None:
        """Towards the front or the end."""
        ids = [one.id for one in self.pictures]
        if picture_id not in ids:
            return
        here = ids.index(picture_id)
        there = min(max(here + (1 if steps == 1 else -1), 0), len(ids) - 1)
        rows = list(self.pictures)
        rows.insert(there, rows.pop(here))
        self._change(rows)

    @rx.event
    def remove(self, picture_id: str) -> None:
        """Not shown any more."""
        self._change([one for one in self.pictures if one.id != picture_id])

    def _change(self, rows: list[PictureItem]) -> None:
        self._order(rows)
        self.changed = json.dumps(self._chosen())

    def _order(self, rows: list[PictureItem]) -> None:
        last = len(rows) - 1
        self.pictures = [PictureItem(one.id, one.href, one.alt, at == 0, at == last) for at, one in enumerate(rows)]

    def _start(self, shown: tuple[ListingPicture, ...]) -> None:
        self.error = self.changed = ""
        self._order([PictureItem(one.id, one.href, one.alt) for one in shown])

    async def _restore(self, alts: dict[str, str] | None, texts: dict[str, str]) -> None:
        """Pictures of a kept draft, those that are still there; None keeps what is shown. What was typed last counts for the words."""
        rows = [(one.id, one.alt) for one in self.pictures] if alts is None else list(alts.items())[:MOST]
        found = [PictureItem(i, f"/pictures/{i}", texts.get(f"alt-{i}", alt)[:LONGEST_ALT]) for i, alt in rows if await self._is_there(i)]
        self._order(found)

    async def _is_there(self, picture_id: str) -> bool:
        try:
            await self._read(get_picture, picture_id=picture_id)
        except NotFound:
            return False
        return True

    def _chosen(self) -> list[dict[str, Any]]:
        return [{"id": one.id, "alt": one.alt} for one in self.pictures]
