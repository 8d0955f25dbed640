"""The marketplace: looking, trying, installing and updating; reviews; selling; and the operators' decisions."""

import base64
from collections.abc import Iterator, Mapping

from agent_factory.parts import Part, Read
from agent_factory.transport import PREFIX, Json


class Listings(Read):
    """What is on the shelves; `list(search=..., category=..., price=..., stars=..., model=..., without=[...], sort=...)` finds."""

    def shelves(self) -> Iterator[Json]:
        """The rows of the home page."""
        return self._pages(f"{PREFIX}/market/shelves", {})

    def categories(self) -> Iterator[Json]:
        """The categories in their order."""
        return self._pages(f"{PREFIX}/market/categories", {})

    def creator(self, creator_id: str) -> Json:
        """A creator with listings and the newest reviews."""
        return self._transport.call("GET", f"{PREFIX}/market/creators/{creator_id}")

    def try_out(self, slug: str, inputs: Json | None = None, *, answers: Mapping[str, str] | None = None) -> str:
        """Run it once with demo models; returns the trial's id. `answers`: the id of a trial's `question`, with the id of a button."""
        return self.do(slug, "try", {"inputs": inputs or {}, "answers": dict(answers or {})})["id"]

    def trial(self, trial_id: str) -> Json:
        """How a trial stands."""
        return self._transport.call("GET", f"{PREFIX}/market/trials/{trial_id}")

    def plan_install(self, slug: str) -> Json:
        """What an install brings, may do and asks for."""
        return self._transport.call("GET", f"{self._path}/{slug}/install")

    def install(self, slug: str, version: str, *, credentials: "dict[str, str] | None" = None) -> Json:
        """Bring in the version whose permissions you have read."""
        return self.do(slug, "install", {"version": version, "credentials": credentials})

    def plan_update(self, slug: str) -> Json:
        """What the newest version changes in what is installed."""
        return self._transport.call("GET", f"{self._path}/{slug}/update")

    def update(self, slug: str, version: str, *, take: str = "mine", credentials: "dict[str, str] | None" = None) -> Json:
        """Merge the newest version in; `take` is mine, theirs or replace where both changed the same."""
        return self.do(slug, "update", {"version": version, "take": take, "credentials": credentials})

    def credentials(self, slug: str) -> Iterator[Json]:
        """The credentials that an installed listing names, and which ones it uses here."""
        return self.below(slug, "credentials")

    def choose_credentials(self, slug: str, credentials: "dict[str, str]") -> Json:
        """Choose other ones."""
        return self._transport.call("PUT", f"{self._path}/{slug}/credentials", body={"credentials": credentials})


class Reviews(Part):
    """What people say of listings."""

    def list(self, slug: str) -> Json:
        """All that is said of a listing."""
        return self._transport.call("GET", f"{self._path}/listings/{slug}/reviews")

    def write(self, slug: str, stars: int, text: str = "") -> Json:
        """Write yours, or change it."""
        return self._transport.call("PUT", f"{self._path}/listings/{slug}/review", body={"stars": stars, "text": text})

    def delete(self, slug: str) -> Json:
        """Take yours back."""
        return self._transport.call("DELETE", f"{self._path}/listings/{slug}/review")

    def vote(self, review_id: str) -> Json:
        """Say that one helps."""
        return self.do("reviews", f"{review_id}/vote")

    def report(self, review_id: str, ground: str, reason: str = "") -> Json:
        """Tell the operators why one breaks the rules: spam, offensive, off_topic, conflict, personal, or other with a reason in words."""
        return self.do("reviews", f"{review_id}/report", {"ground": ground, "reason": reason})

    def appeal(self, review_id: str, text: str) -> Json:
        """Answer once, when the operators have hidden yours: `list(slug)["hidden"]` tells its id and why."""
        return self.do("reviews", f"{review_id}/appeal", {"text": text})

    def reply(self, review_id: str, text: str) -> Json:
        """Answer a review of your listing; an empty text takes the answer away."""
        return self._transport.call("PUT", f"{self._path}/reviews/{review_id}/reply", body={"text": text})


class Selling(Part):
    """What the workspace offers."""

    def draft(self, workflow_id: str) -> Json:
        """What publishing a workflow starts from: checks, permissions, and the form as it was last sent."""
        return self._transport.call("GET", f"{PREFIX}/workflows/{workflow_id}/listing")

    def publish(self, workflow_id: str, /, **form: object) -> Json:
        """Send it, or its next version, to be looked at."""
        return self._transport.call("POST", f"{PREFIX}/workflows/{workflow_id}/listing", body=form)

    def add_picture(self, content: bytes) -> Json:
        """Send a picture; name its `id` with an `alt` among the `pictures` of `publish`."""
        body = {"content": base64.b64encode(content).decode()}
        return self._transport.call("POST", f"{PREFIX}/market/pictures", body=body)

    def unlist(self, slug: str) -> Json:
        """Take it off the shelf."""
        return self.do("listings", f"{slug}/unlist")

    def relist(self, slug: str) -> Json:
        """Put it back."""
        return self.do("listings", f"{slug}/relist")

    def set_price(self, slug: str, price: str) -> Json:
        """Another price, for orders from now on."""
        return self._transport.call("PUT", f"{self._path}/listings/{slug}/price", body={"price": price})

    def appeal(self, slug: str, text: str) -> Json:
        """Ask the operators to look again."""
        return self.do("listings", f"{slug}/appeal", {"text": text})

    def earnings(self) -> Json:
        """Listings with what became of them, and what the workspace is owed."""
        return self._transport.call("GET", f"{self._path}/earnings")

    def profile(self) -> Json:
        """How buyers see you, and what is shown where the profile is empty."""
        return self._transport.call("GET", f"{self._path}/profile")

    def set_profile(self, *, name: str = "", about: str = "", website: str = "", picture: str = "") -> Json:
        """Write all of it anew; `picture` is the id of one that was added before."""
        body = {"name": name, "about": about, "website": website, "picture": picture}
        return self._transport.call("PUT", f"{self._path}/profile", body=body)

    def bookings(self) -> Iterator[Json]:
        """The account: sales, refunds, disputes and payouts as they were booked, the newest first."""
        return self._pages(f"{self._path}/bookings", {})

    def revenue(self) -> Iterator[Json]:
        """What was earned, week by week."""
        return self._pages(f"{self._path}/revenue", {})

    def sales(self) -> str:
        """Sales as CSV."""
        return self._transport.call("GET", f"{self._path}/sales")["text"]


class Moderation(Read):
    """What the operators of an installation decide; `list(state="decided")` shows what they have."""

    def approve(self, case_id: str) -> Json:
        """Show the version, or put back what was taken down."""
        return self.do(case_id, "approve")

    def refuse(self, case_id: str, reason: str) -> Json:
        """Keep it off the shelf."""
        return self.do(case_id, "refuse", {"reason": reason})

    def take_down(self, slug: str, reason: str) -> Json:
        """Take a listing off the shelf."""
        return self._transport.call("POST", f"{PREFIX}/market/listings/{slug}/take-down", body={"reason": reason})

    def clear_creator(self, creator_id: str, reason: str) -> Json:
        """Empty a creator's profile; its creator reads the reason."""
        return self._transport.call("POST", f"{PREFIX}/market/creators/{creator_id}/clear", body={"reason": reason})

    def reviews(self, *, state: str = "reported") -> Iterator[Json]:
        """Reviews in sight that people have reported, the newest report first; or with `state="hidden"` the hidden ones."""
        return self._pages(f"{PREFIX}/market/reviews", {"state": state})

    def hide_review(self, review_id: str, reason: str) -> Json:
        """Take one out of sight and out of the rating; its author reads the reason."""
        return self._transport.call("POST", f"{PREFIX}/market/reviews/{review_id}/hide", body={"reason": reason})

    def show_review(self, review_id: str) -> Json:
        """Bring a hidden one back; its reports are settled by that."""
        return self._transport.call("POST", f"{PREFIX}/market/reviews/{review_id}/show")

    def keep_hidden(self, review_id: str, reason: str) -> Json:
        """Answer its author's appeal: it stays hidden, and that decision stands."""
        return self._transport.call("POST", f"{PREFIX}/market/reviews/{review_id}/keep-hidden", body={"reason": reason})

    def dismiss_reports(self, review_id: str) -> Json:
        """Leave a reported one as it is."""
        return self._transport.call("POST", f"{PREFIX}/market/reviews/{review_id}/dismiss")

    def report(self, *, since: str = "", until: str = "") -> Iterator[Json]:
        """What the platform took in, gave back, owes and holds, by currency and mode; this month without days."""
        return self._pages(f"{PREFIX}/market/report", {"since": since, "until": until})

    def report_file(self, *, since: str = "", until: str = "") -> str:
        """The same as CSV, in cents."""
        return self._transport.call("GET", f"{PREFIX}/market/report/file", query={"since": since, "until": until})["text"]

    def fees(self) -> Iterator[Json]:
        """The platform's part of listings, where it is not the usual one."""
        return self._pages(f"{PREFIX}/market/fees", {})

    def set_fee(self, slug: str, percent: str, *, starts_on: str = "") -> Json:
        """Set it for a listing's orders from a day on, at once without one."""
        body = {"slug": slug, "percent": percent, "starts_on": starts_on}
        return self._transport.call("POST", f"{PREFIX}/market/fees", body=body)


class Payouts(Part):
    """What the workspace earned. Keys may look; sending money on needs a person's sign-in."""

    def show(self) -> Json:
        """What is owed, what may be paid out now, and the newest payouts."""
        return self._transport.call("GET", self._path)

    def request(self) -> Json:
        """Pay out all that is available."""
        return self._transport.call("POST", self._path)

    def connect(self) -> Json:
        """Where a person says where earnings go: the address is in `next`."""
        return self._transport.call("POST", f"{self._path}/account")

    def send_again(self, payout_id: str) -> Json:
        """Send what a bank refused once more."""
        return self.do(payout_id, "send-again")
