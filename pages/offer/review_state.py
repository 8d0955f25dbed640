"""Reviews on a listing's page: reading, writing one's own, votes, reports, and the creator's replies."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from app.core.errors import Invalid, NotFound
from app.services.market import delete_review, get_reviews, reply_review, vote_review, write_review
from app.session import Bridge
from app.views import words
from app.views.reviews import HiddenReview, ReviewRow, Reviews


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A review as it is shown."""

    id: str
    author: str
    initials: str
    stars: int
    text: str
    about: str
    reply: str
    helpful: int
    is_mine: bool
    is_voted: bool
    is_reported: bool


@dataclass(frozen=True, slots=True)
class HiddenItem:
    """One's own review, where operators have hidden it; `id` is empty where they have not."""

    id: str = ""
    stars: int = 0
    text: str = ""
    reason: str = ""
    about: str = ""
    state: str = ""
    appeal: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class SpreadItem:
    """How many gave so many stars; `percent` of all."""

    stars: int
    number: int
    percent: int


class ReviewsState(Bridge, rx.State):
    """What is said of the listing, and what one says oneself."""

    rows: list[ReviewItem] = []
    spread: list[SpreadItem] = []
    total: int = 0
    obstacle: str = ""
    can_reply: bool = False
    hidden: HiddenItem = HiddenItem()
    stars: int = 0
    text: str = ""
    errors: dict[str, str] = {}
    reply_id: str = ""
    reply_text: str = ""
    is_sending: bool = False

    @rx.var
    def mean(self) -> str:
        """Of all reviews that are shown, with one decimal."""
        return f"{sum(one.stars * one.number for one in self.spread) / max(self.total, 1):.1f}"

    @rx.var
    def is_written(self) -> bool:
        """Whether one's own review stands here."""
        return any(row.is_mine for row in self.rows)

    @rx.event
    async def load(self) -> None:
        """Read the reviews; an unknown listing is the page's business."""
        self.rows, self.spread, self.errors, self.reply_id, self.is_sending = [], [], {}, "", False
        try:
            await self._fetch()
        except NotFound:
            return
        mine = next((row for row in self.rows if row.is_mine), None)
        self.stars, self.text = (mine.stars, mine.text) if mine else (0, "")

    @rx.event
    def set_stars(self, stars: int) -> None:
        """Choose the stars."""
        self.stars = stars if type(stars) is int and 1 <= stars <= 5 else 0

    @rx.event
    def set_text(self, text: str) -> None:
        """Write."""
        self.text = str(text)[:5000]

    @rx.event
    async def submit(self) -> Any:
        """Save one's review."""
        is_first = not self.is_written
        self.is_sending = True
        yield
        try:
            await self._call(write_review, slug=self._address_id(), stars=self.stars, text=self.text)
        except Invalid as refused:
            self.errors = refused.fields
            return
        finally:
            self.is_sending = False
        self.errors = {}
        await self._fetch()
        yield rx.toast.success("Thank you. Your review is published." if is_first else "Your review is saved.")

    @rx.event
    async def take_back(self) -> Any:
        """Delete one's own review."""
        await self._call(delete_review, slug=self._address_id())
        self.stars, self.text, self.errors = 0, "", {}
        await self._fetch()
        return rx.toast.success("Your review is taken back.")

    @rx.event
    async def vote(self, review_id: str) -> None:
        """It helped."""
        await self._call(vote_review, review_id=review_id)
        await self._fetch()

    @rx.event
    async def look_again(self) -> None:
        """Show what stands after a report or an appeal; what is being written stays."""
        await self._fetch()

    @rx.event
    def ask_reply(self, review_id: str) -> None:
        """Open the reply below a review."""
        self.reply_id = str(review_id)[:64]
        self.reply_text = next((row.reply for row in self.rows if row.id == self.reply_id), "")

    @rx.event
    def set_reply_text(self, text: str) -> None:
        """Write the reply."""
        self.reply_text = str(text)[:5000]

    @rx.event
    async def reply(self) -> None:
        """Publish the reply."""
        await self._call(reply_review, review_id=self.reply_id, text=self.reply_text)
        self.reply_id = ""
        await self._fetch()

    async def _fetch(self) -> None:
        found: Reviews = await self._read(get_reviews, slug=self._address_id())
        self.total = sum(found.spread)
        self.spread = [SpreadItem(5 - at, number, number * 100 // max(self.total, 1)) for at, number in enumerate(found.spread)]
        self.rows, self.obstacle, self.can_reply = [_item(row) for row in found.rows], found.problem, found.can_reply
        self.hidden = _hidden_item(found.hidden) if found.hidden else HiddenItem()


def _item(row: ReviewRow) -> ReviewItem:
    return ReviewItem(
        id=row.id,
        author=row.author,
        initials=row.author[:1].upper(),
        stars=row.stars,
        text=row.text,
        about=f"{words.day(row.created_at)} · version {row.version}{' · edited' if row.is_edited else ''}",
        reply=row.reply,
        helpful=row.helpful_count,
        is_mine=row.is_mine,
        is_voted=row.is_voted,
        is_reported=row.is_reported,
    )


def _hidden_item(one: HiddenReview) -> HiddenItem:
    return HiddenItem(
        id=one.id,
        stars=one.stars,
        text=one.text,
        reason=one.reason or "The operators gave none at the time.",
        about=f"hidden {words.ago(one.hidden_at, now=datetime.now(UTC))}" if one.hidden_at else "hidden",
        state=one.state,
        appeal=one.appeal,
        answer=one.answer,
    )
