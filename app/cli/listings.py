"""`agent-factory listings`, `reviews`, `selling` and `moderation`: the marketplace over the API. `market` is the console of the machine."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.earnings import of_operators
from app.cli.listing_page import show_listing
from app.cli.plain import Fields, doing, listing, showing
from app.cli.remote import FAILED, fitting, group, leave, read_object
from app.cli.terminal import say, write_document
from app.cli.workflows import Workflow, id_of

Context = typer.Context
Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The listing's address, as in /marketplace/<slug>.")]
Review = Annotated[str, typer.Argument(metavar="REVIEW", help="Its id.")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="Its id.")]
Reason = Annotated[str, typer.Option("--reason", help="Told to the seller.")]
Credentials = Annotated[str, typer.Option("--credentials", help="JSON: the name in the package -> the name of yours, or '' for later.")]
CARDS = ("slug", "name", "price", "stars", "rating_count", "install_count", "creator")
LOOK_EVERY_S = 0.5


def register(root: typer.Typer) -> None:
    """Add the groups."""
    root.add_typer(group("Look along the marketplace, try, install and update.", **_listings()), name="listings")
    root.add_typer(group("What people say of listings.", **_reviews()), name="reviews")
    root.add_typer(group("What the workspace offers on the marketplace.", **_selling()), name="selling")
    root.add_typer(group("Decisions of the installation's operators.", **_moderation()), name="moderation")


def _listings() -> dict[str, Any]:
    return {
        "search": search_listings,
        "shelves": shelves,
        "categories": listing("The categories.", lambda client: client.listings.categories(), ("key", "label", "about")),
        "show": show,
        "creator": showing("A creator.", lambda client, one: client.listings.creator(one), name="CREATOR"),
        "try": try_out,
        "trial": showing("How a trial stands.", lambda client, one: client.listings.trial(one), name="TRIAL"),
        "plan": showing("What an install brings and may do.", lambda client, one: client.listings.plan_install(one), name="SLUG"),
        "install": install,
        "plan-update": showing("What the newest version changes.", lambda client, one: client.listings.plan_update(one), name="SLUG"),
        "update": update,
        "credentials": showing(
            "Which credentials an installed listing uses.", lambda client, one: client.listings.credentials(one),
            name="SLUG", columns=("name", "kind_label", "hosts", "chosen"),
        ),
        "choose-credentials": choose_credentials,
    }  # fmt: skip


def _reviews() -> dict[str, Any]:
    return {
        "list": list_reviews,
        "write": write_review,
        "delete": doing("Take yours back.", lambda client, one: client.reviews.delete(one), "Taken back.", name="SLUG"),
        "vote": doing("Say that one helps.", lambda client, one: client.reviews.vote(one), "Thank you.", name="REVIEW"),
        "report": report_review,
        "appeal": appeal_review,
        "reply": reply_review,
    }


def _selling() -> dict[str, Any]:
    return {
        "draft": draft,
        "publish": publish,
        "add-picture": add_picture,
        "unlist": doing("Take it off the shelf.", lambda client, one: client.selling.unlist(one), "Off the shelf.", name="SLUG"),
        "relist": doing("Put it back.", lambda client, one: client.selling.relist(one), "Back on the shelf.", name="SLUG"),
        "price": set_price,
        "appeal": appeal,
        "profile": profile,
        "set-profile": set_profile,
        "earnings": earnings,
        "bookings": listing(
            "The account, booking by booking.", lambda client: client.selling.bookings(), ("at", "what", "title", "amount")
        ),
        "revenue": listing("What was earned, week by week.", lambda client: client.selling.revenue(), ("label", "amount")),
        "sales": sales,
    }


def _moderation() -> dict[str, Any]:
    return {
        "list": list_cases,
        "show": showing("What a decision needs, with all that is inside.", lambda client, one: client.moderation.get(one), name="CASE"),
        "approve": doing("Show it.", lambda client, one: client.moderation.approve(one), "Approved.", name="CASE"),
        "refuse": refuse,
        "take-down": take_down,
        "clear-creator": clear_creator,
        "reviews": list_reported,
        "hide-review": hide_review,
        "keep-hidden": keep_hidden,
        "show-review": doing(
            "Bring a hidden one back.", lambda client, one: client.moderation.show_review(one), "In sight again.", name="REVIEW"
        ),
        "dismiss-reports": doing(
            "Leave a reported one as it is.", lambda client, one: client.moderation.dismiss_reports(one), "Left as it is.", name="REVIEW"
        ),
        **of_operators(),
    }


def search_listings(
    context: Context,
    search: Annotated[str, typer.Argument(metavar="WORDS", help="What to look for.")] = "",
    *,
    category: Annotated[str, typer.Option(help="A key of `listings categories`.")] = "",
    price: Annotated[str, typer.Option(help="free or paid")] = "",
    stars: Annotated[int, typer.Option(help="At least so many.", min=0, max=5)] = 0,
    model: Annotated[str, typer.Option(help="Uses models of this provider.")] = "",
    without: Annotated[list[str] | None, typer.Option(help="Needs none: network, code, tools or credentials; may be repeated.")] = None,
    sort: Annotated[str, typer.Option(help="rating, popular, newest, cheapest or dearest")] = "",
    most: Annotated[int, typer.Option(help="How many at most.")] = 24,
) -> None:
    """Listings that fit."""
    wish = {"search": search, "category": category, "price": price, "model": model, "sort": sort}
    with context.obj.client() as client:
        found = client.listings.list(**wish, stars=stars or None, without=without or None)
        rows = [row for row, _ in zip(found, range(most), strict=False)]
    context.obj.show(rows, CARDS)


def show(context: Context, slug: Slug) -> None:
    """A listing: price, measured label, permissions, inputs, versions; --json gives all of it, with samples and steps."""
    show_listing(context, slug)


def shelves(context: Context) -> None:
    """The rows of the marketplace's home page."""
    with context.obj.client() as client:
        rows = list(client.listings.shelves())
    context.obj.show(
        rows if context.obj.as_json else [{"shelf": row["title"], **card} for row in rows for card in row["cards"]], ("shelf", *CARDS)
    )


def try_out(
    context: Context,
    slug: Slug,
    *,
    given: Annotated[str, typer.Option("--inputs", "-i", help="JSON, @file or -.")] = "",
    example: Annotated[str, typer.Option(help="The inputs of this example of `listings show`; --inputs go over them.")] = "",
    answers: Annotated[str, typer.Option(help="JSON, @file or -: a question that a trial stopped at, with a button; both by id.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Until it is over; exit code 5 unless it succeeds.")] = False,
) -> None:
    """Run it once with demo models, reaching nothing and keeping nothing; where a person would be asked, it stops with the question."""
    with context.obj.client() as client:
        inputs = _example(client, slug, example) if example else {}
        trial_id = client.listings.try_out(slug, inputs | read_object(given, "--inputs"), answers=read_object(answers, "--answers"))
        if not wait:
            context.obj.tell(trial_id, {"id": trial_id})
            return
        while not (trial := client.listings.trial(trial_id))["is_over"]:
            time.sleep(LOOK_EVERY_S)
    asked = trial["question"]
    context.obj.tell(_asked(asked) if asked else trial["problem"] or json.dumps(trial["output"], ensure_ascii=False, indent=2), trial)
    if trial["problem"] or asked:
        leave(FAILED)


def _asked(question: dict[str, Any]) -> str:
    """Where a trial stopped, and how another one goes on."""
    buttons = [f"  --answers '{json.dumps({question['id']: one['id']})}'  {one['label']}" for one in question["buttons"]]
    return "\n".join(["It would wait for a person here.", "", question["title"], question["message"], "", "Go on with:", *buttons])


def _example(client: Any, slug: str, name: str) -> dict[str, Any]:
    """The inputs of the example of that name."""
    examples = client.listings.get(slug)["examples"]
    found = next((one["inputs"] for one in examples if one["name"] == name), None)
    if found is None:
        known = ", ".join(f'"{one["name"]}"' for one in examples)
        leave(2, f"--example: {slug} has no example of this name. {f'It has {known}.' if known else 'It has none; give --inputs.'}")
    return found


def install(
    context: Context, slug: Slug, version: Annotated[str, typer.Option(help="As `listings plan` showed it.")], credentials: Credentials = ""
) -> None:
    """Bring a version in."""
    with context.obj.client() as client:
        made = client.listings.install(slug, version, credentials=_mapping(credentials))
    context.obj.tell(f"Installed as workflow {made['workflow_id']}.", made)


def update(
    context: Context,
    slug: Slug,
    *,
    version: Annotated[str, typer.Option(help="As `listings plan-update` showed it.")],
    take: Annotated[str, typer.Option(help="Where both changed the same: mine, theirs, or replace all changes of yours.")] = "mine",
    credentials: Credentials = "",
) -> None:
    """Merge the newest version into what is installed."""
    with context.obj.client() as client:
        made = client.listings.update(slug, version, take=take, credentials=_mapping(credentials))
    context.obj.tell(f"Updated workflow {made['workflow_id']}.", made)


def choose_credentials(context: Context, slug: Slug, settings: Fields) -> None:
    """Which credentials an installed listing uses: the name in the package -> the name of yours."""
    with context.obj.client() as client:
        context.obj.tell("Saved.", client.listings.choose_credentials(slug, read_object(settings, "--settings")))


def _mapping(text: str) -> dict[str, Any] | None:
    return read_object(text, "--credentials") if text else None


def list_reviews(context: Context, slug: Slug) -> None:
    """What is said of a listing."""
    with context.obj.client() as client:
        found = client.reviews.list(slug)
    context.obj.show(found if context.obj.as_json else found["rows"], ("id", "stars", "author", "text", "helpful_count", "reply"))
    if not context.obj.as_json and (mine := found.get("hidden")):
        say(f"Yours ({mine['id']}) was hidden: {mine['reason']}", err=True)


def write_review(
    context: Context, slug: Slug, stars: Annotated[int, typer.Argument(metavar="STARS", min=1, max=5)], text: str = ""
) -> None:
    """Write yours, or change it."""
    with context.obj.client() as client:
        context.obj.tell("Thank you.", client.reviews.write(slug, stars, text))


def report_review(
    context: Context,
    review: Review,
    *,
    ground: Annotated[str, typer.Option(help="spam, offensive, off_topic, conflict, personal or other.")],
    reason: Annotated[str, typer.Option(help="In your words; needed with other.")] = "",
) -> None:
    """Tell the operators why one breaks the rules."""
    with context.obj.client() as client:
        context.obj.tell("Reported.", client.reviews.report(review, ground, reason))


def appeal_review(context: Context, review: Review, text: str) -> None:
    """Answer once, when the operators have hidden yours; `reviews list --json` tells its id and why, under `hidden`."""
    with context.obj.client() as client:
        context.obj.tell("Sent.", client.reviews.appeal(review, text))


def reply_review(context: Context, review: Review, text: str) -> None:
    """Answer a review of your listing; an empty text takes the answer away."""
    with context.obj.client() as client:
        context.obj.tell("Answered.", client.reviews.reply(review, text))


def draft(context: Context, workflow: Workflow) -> None:
    """What publishing a workflow starts from; without --json its checks."""
    with context.obj.client() as client:
        found = client.selling.draft(id_of(client, workflow))
    context.obj.show(found if context.obj.as_json else found["checks"], ("title", "is_ok", "remedy"))


def publish(context: Context, workflow: Workflow, settings: Fields) -> None:
    """Send it, or its next version, to be looked at; `selling draft --json` gives the fields under `listing`."""
    with context.obj.client() as client, fitting("--settings"):
        sent = client.selling.publish(id_of(client, workflow), **read_object(settings, "--settings"))
    context.obj.tell(f"Sent for review as {sent['slug']}.", sent)


def add_picture(context: Context, file: Annotated[str, typer.Argument(metavar="FILE", help="PNG, JPEG or WebP, or -.")]) -> None:
    """Send a picture; its id belongs with an `alt` among the pictures of `selling publish`."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        leave(2, f"{error}")
    with context.obj.client() as client:
        context.obj.show(client.selling.add_picture(content))


def set_price(
    context: Context, slug: Slug, price: Annotated[str, typer.Argument(metavar="PRICE", help="In US dollars, such as 19.00.")]
) -> None:
    """Another price, for orders from now on."""
    with context.obj.client() as client:
        saved = client.selling.set_price(slug, price)
    context.obj.tell(saved["price"], saved)


def appeal(context: Context, slug: Slug, text: str) -> None:
    """Ask the operators to look again at what they have refused or taken down."""
    with context.obj.client() as client:
        context.obj.tell("Sent.", client.selling.appeal(slug, text))


def profile(context: Context) -> None:
    """How buyers see you, and what is shown where the profile is empty."""
    with context.obj.client() as client:
        context.obj.show(client.selling.profile())


def set_profile(
    context: Context,
    *,
    name: Annotated[str, typer.Option(help="Listings stand under it; empty for the workspace's name.")] = "",
    about: Annotated[str, typer.Option(help="Plain text, 500 characters at most.")] = "",
    website: Annotated[str, typer.Option(help="An address that begins with https://.")] = "",
    picture: Annotated[str, typer.Option(help="The id of one that `add-picture` has told.")] = "",
) -> None:
    """Write all of it anew; what is left out is emptied."""
    with context.obj.client() as client:
        saved = client.selling.set_profile(name=name, about=about, website=website, picture=picture)
    context.obj.tell("Saved. Buyers see it from now on.", saved)


def clear_creator(context: Context, creator: Annotated[str, typer.Argument(metavar="CREATOR", help="Its id.")], reason: str) -> None:
    """Empty a creator's profile; its creator reads the reason."""
    with context.obj.client() as client:
        context.obj.tell("Emptied.", client.moderation.clear_creator(creator, reason))


def earnings(context: Context) -> None:
    """Your listings, and what the workspace is owed."""
    with context.obj.client() as client:
        found = client.selling.earnings()
    columns = ("slug", "state", "price", "version", "views", "trials", "installs", "sales", "revenue")
    context.obj.show(found if context.obj.as_json else found["listings"], columns)


def sales(context: Context) -> None:
    """Sales as CSV."""
    with context.obj.client() as client:
        write_document(client.selling.sales())


def list_cases(context: Context, *, decided: Annotated[bool, typer.Option("--decided", help="Those that are over.")] = False) -> None:
    """Versions and appeals that wait for a decision."""
    with context.obj.client() as client:
        rows = list(client.moderation.list(state="decided" if decided else "waiting"))
    context.obj.show(rows, ("id", "slug", "kind", "version", "creator", "state", "asked_at"))


def refuse(context: Context, case: Case, *, reason: Reason) -> None:
    """Keep it off the shelf."""
    with context.obj.client() as client:
        context.obj.tell("Refused.", client.moderation.refuse(case, reason))


def take_down(context: Context, slug: Slug, *, reason: Reason) -> None:
    """Take a listing off the shelf; who has it keeps it."""
    with context.obj.client() as client:
        context.obj.tell("Taken down.", client.moderation.take_down(slug, reason))


def list_reported(context: Context, *, hidden: Annotated[bool, typer.Option("--hidden", help="Those that are hidden.")] = False) -> None:
    """Reviews that people have reported."""
    with context.obj.client() as client:
        rows = list(client.moderation.reviews(state="hidden" if hidden else "reported"))
    if not context.obj.as_json:
        rows = [row | {"reasons": ", ".join(f"{one['label']} {one['count']}" for one in row.get("reasons", ()))} for row in rows]
    of_case = ("hidden_at", "hidden_by", "hidden_reason", "state", "appeal") if hidden else ()
    context.obj.show(rows, ("id", "slug", "stars", "author", "reports", "reasons", *of_case, "text"))


def hide_review(context: Context, review: Review, *, reason: Annotated[str, typer.Option("--reason", help="Told to its author.")]) -> None:
    """Take a review out of sight and out of the rating."""
    with context.obj.client() as client:
        context.obj.tell("Hidden.", client.moderation.hide_review(review, reason))


def keep_hidden(context: Context, review: Review, *, reason: Annotated[str, typer.Option("--reason", help="Told to its author.")]) -> None:
    """Answer its author's appeal: it stays hidden."""
    with context.obj.client() as client:
        context.obj.tell("It stays hidden.", client.moderation.keep_hidden(review, reason))
