"""A listing with a review that somebody reports, an operator who decides, and the review's author."""

from sqlmodel import select

from app.core.uow import Actor, UnitOfWork
from app.services.mail import list_outbox
from app.services.market import (
    appeal_review,
    find_listings,
    get_reviews,
    hide_reported_review,
    keep_review_hidden,
    list_reported_reviews,
    report_review,
    write_review,
)
from app.views.reviews import HiddenReview, ReportedReview
from models.listing import Listing
from models.review import Review
from models.workspace import Role
from tests.services.market.test_moderating import make_operator
from tests.services.market.test_reviews import a_user
from tests.support.market import make_listing
from tests.support.people import make_member

REASON = "It names a person."
ANSWER = "Bob signs his work himself."


class Scene:
    """A listing with one review of one star, an author, a reader and an operator."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.operator, self.reader = make_operator(uow), make_member(uow)
        uow.actor = self.seller = make_member(uow, Role.OWNER)
        self.listing: Listing = make_listing(uow)
        self.author = a_user(uow, self.listing)
        write_review(uow, slug=self.listing.slug, stars=1, text="Bob made this. Bob is a fool.")
        self.review_id = str(uow.session.exec(select(Review.id)).one())

    def act(self, actor: Actor) -> UnitOfWork:
        """The unit, as this person."""
        self.uow.actor = actor
        return self.uow

    def report(self, reason: str = "", *, actor: Actor | None = None, ground: str = "offensive") -> None:
        """By the reader, or somebody else."""
        report_review(self.act(actor or self.reader), review_id=self.review_id, ground=ground, reason=reason)

    def waiting(self) -> list[tuple[int, tuple[str, ...]]]:
        """What the operator finds: how many reports, and what was written with them."""
        rows = list_reported_reviews(self.act(self.operator))
        return [(row.reports, tuple(text for why in row.reasons for text in why.texts)) for row in rows]

    def appeal(self, text: str = ANSWER) -> None:
        """By its author."""
        appeal_review(self.act(self.author), review_id=self.review_id, text=text)

    def keep_hidden(self, reason: object = REASON) -> str:
        """After an appeal, as the operator."""
        return keep_review_hidden(self.act(self.operator), review_id=self.review_id, reason=reason)

    def hidden(self) -> ReportedReview:
        """The only hidden one, as operators find it."""
        (row,) = list_reported_reviews(self.act(self.operator), state="hidden")
        return row

    def own(self) -> HiddenReview | None:
        """What its author reads of it."""
        return get_reviews(self.act(self.author), slug=self.listing.slug).hidden

    def letters(self) -> dict[str, str]:
        """What was sent, by subject; of two alike the newest."""
        sent = list_outbox(self.act(self.operator), address="127.0.0.1")
        return {letter.subject: letter.text for letter in reversed(sent)}

    def hide(self) -> None:
        """With a reason, as the operator."""
        assert hide_reported_review(self.act(self.operator), review_id=self.review_id, reason=REASON) == self.listing.name

    def seen(self) -> tuple[int, int, int]:
        """Reviews on the page, those that the rating counts, and listings that a search for one star finds."""
        uow = self.act(self.reader)
        return len(get_reviews(uow, slug=self.listing.slug).rows), self.listing.rating_count, find_listings(uow, stars=1).total
