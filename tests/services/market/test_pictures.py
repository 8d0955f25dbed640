"""Pictures of listings: part of the draft, of the version that is judged, and then of the page; seen by who may see the listing."""

from datetime import timedelta
from threading import Thread

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.api.public_pages import describe
from app.api.server import build_api
from app.core.errors import Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.market import add_picture, get_listing, get_picture, publish_listing, start_publishing
from app.services.market.moderating import decide, load_case, remove_listing
from app.wiring import Wiring, get_wiring
from models.listing import Listing
from models.moderation import ModerationCase
from models.picture import Picture
from models.workspace import Role
from tests.services.market.test_publishing import FORM, made
from tests.support.clock import FrozenClock
from tests.support.locks import waits_for_a_lock
from tests.support.people import make_member
from tests.support.pictures import SECRET, jpeg, png
from tests.support.waiting import until


def chosen(uow: UnitOfWork, *contents: bytes) -> list[dict[str, str]]:
    return [{"id": add_picture(uow, content=one).id, "alt": f"Picture {at}"} for at, one in enumerate(contents)]


def published(uow: UnitOfWork, *, is_approved: bool = True) -> Listing:
    """A listing with two pictures; the actor is its seller."""
    uow.actor = make_member(uow, Role.OWNER)
    slug = publish_listing(uow, workflow_id=made(uow), form=FORM | {"pictures": chosen(uow, png(extra=SECRET), jpeg())})
    if is_approved:
        decide(uow, uow.session.exec(select(ModerationCase)).one(), is_approved=True)
    return uow.session.exec(select(Listing).where(Listing.slug == slug)).one()


def test_they_are_judged_with_the_version_and_then_shown_in_their_order(uow: UnitOfWork) -> None:
    listing = published(uow, is_approved=False)
    case = uow.session.exec(select(ModerationCase)).one()
    assert [one["alt"] for one in case.form["pictures"]] == ["Picture 0", "Picture 1"]
    decide(uow, load_case(uow, case.id), is_approved=True)
    uow.actor = None
    shown = get_listing(uow, slug=listing.slug).pictures
    assert [(one.alt, one.width) for one in shown] == [("Picture 0", 320), ("Picture 1", 320)]
    assert get_picture(uow, picture_id=shown[1].id).is_public


def test_the_wizard_begins_with_those_that_are_shown(uow: UnitOfWork) -> None:
    listing = published(uow)
    assert [one.alt for one in start_publishing(uow, workflow_id=listing.workflow_id).listing.pictures] == ["Picture 0", "Picture 1"]
    publish_listing(uow, workflow_id=listing.workflow_id, form=FORM | {"version": "1.0.1", "changelog": "News."})
    newest = uow.session.exec(select(ModerationCase).where(ModerationCase.state == "waiting")).one()
    assert len(newest.form["pictures"]) == 2


def test_what_waits_is_for_its_seller_and_the_operators_only(uow: UnitOfWork) -> None:
    picture = published(uow, is_approved=False).pictures or []
    picture_id = picture[0]["id"]
    assert not get_picture(uow, picture_id=picture_id).is_public
    for stranger in (make_member(uow, Role.OWNER), None):
        uow.actor = stranger
        with pytest.raises(NotFound):
            get_picture(uow, picture_id=picture_id)


def test_a_takedown_takes_the_pictures_down(uow: UnitOfWork) -> None:
    listing = published(uow)
    picture_id = (listing.pictures or [])[0]["id"]
    remove_listing(uow, listing, "No.")
    uow.actor = None
    with pytest.raises(NotFound):
        get_picture(uow, picture_id=picture_id)


@pytest.mark.parametrize(
    ("pictures", "why"),
    [
        ([{"id": "own", "alt": "  "}], "Say what picture 1 shows"),
        ([{"id": "own", "alt": "A"}] * 7, "6 pictures at most"),
        ([{"id": "foreign", "alt": "A"}], "not there any more"),
        ([{"id": "no id", "alt": "A"}], "not there any more"),
        (["no object"], "not there any more"),
    ],
    ids=["no words", "seven", "foreign", "unknown", "no object"],
)
def test_what_cannot_be_handed_in_says_why(uow: UnitOfWork, pictures: list[object], why: str) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    foreign = add_picture(uow, content=png()).id
    uow.actor = make_member(uow, Role.OWNER)
    ids = {"foreign": foreign, "own": add_picture(uow, content=png()).id}
    given = [{**one, "id": ids.get(one["id"], one["id"])} if isinstance(one, dict) else one for one in pictures]
    with pytest.raises(Invalid, match=why) as refused:
        publish_listing(uow, workflow_id=made(uow), form=FORM | {"pictures": given})
    assert list(refused.value.fields) == ["pictures"]


def test_what_is_no_picture_is_refused(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    with pytest.raises(Invalid, match="PNG, JPEG or WebP"):
        add_picture(uow, content=b"<svg onload=alert(1)>")


def test_what_no_version_was_handed_in_with_goes_after_a_day(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    first = add_picture(uow, content=png())
    row = uow.session.exec(select(Picture)).one()
    row.created_at = row.created_at - timedelta(days=2)
    uow.session.flush()
    second = add_picture(uow, content=png())
    assert [str(one) for one in uow.session.exec(select(Picture.id))] == [second.id] != [first.id]


def test_what_no_version_shows_any_more_goes_too(uow: UnitOfWork, clock: FrozenClock) -> None:
    listing = published(uow)
    old = [one["id"] for one in listing.pictures or ()]
    kept = [{"id": old[1], "alt": "The one that stays"}]
    publish_listing(uow, workflow_id=listing.workflow_id, form=FORM | {"version": "1.0.1", "changelog": "News.", "pictures": kept})
    clock.advance(days=2)
    assert add_picture(uow, content=png())
    assert set(old) <= there(uow), "the page shows them until the version is accepted"
    decide(uow, uow.session.exec(select(ModerationCase).where(ModerationCase.state == "waiting")).one(), is_approved=True)
    newest = add_picture(uow, content=png())
    assert set(old) & there(uow) == {old[1]}
    assert newest.id in there(uow)


def test_what_was_refused_is_kept_for_the_appeal(uow: UnitOfWork, clock: FrozenClock) -> None:
    listing = published(uow, is_approved=False)
    decide(uow, uow.session.exec(select(ModerationCase)).one(), is_approved=False, reason="Blurred.")
    clock.advance(days=2)
    add_picture(uow, content=png())
    assert {one["id"] for one in listing.pictures or ()} <= there(uow)
    assert len(there(uow)) == 3


def test_what_a_version_is_being_handed_in_with_is_in_use(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        workflow_id = published(uow).workflow_id
        seller = uow.actor
        fresh = add_picture(uow, content=png()).id
    clock.advance(days=2)
    added: list[str] = []
    other = Thread(target=lambda: added.append(wiring.call(add_picture, seller, content=png()).id))
    with wiring.unit(seller) as uow:
        form = FORM | {"version": "1.0.1", "changelog": "News.", "pictures": [{"id": fresh, "alt": "New"}]}
        publish_listing(uow, workflow_id=workflow_id, form=form)
        uow.session.flush()
        other.start()
        until(lambda: waits_for_a_lock(wiring), what="the other upload waits")
    other.join(60)
    with wiring.unit(seller) as uow:
        assert {fresh, *added} <= there(uow)
        assert len(added) == 1


def there(uow: UnitOfWork) -> set[str]:
    return {str(one) for one in uow.session.exec(select(Picture.id))}


def test_it_is_served_as_a_picture_that_never_changes_and_stands_on_the_social_card(uow: UnitOfWork, wiring: Wiring) -> None:
    listing = published(uow)
    href = get_listing(uow, slug=listing.slug).pictures[0].href
    uow.session.commit()
    api = build_api()
    api.dependency_overrides[get_wiring] = lambda: wiring
    answer = TestClient(api).get(href)
    kept = {name: answer.headers[name] for name in ("content-type", "cache-control", "x-content-type-options", "content-security-policy")}
    assert kept == {
        "content-type": "image/png",
        "cache-control": "public, max-age=3600",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    assert SECRET not in answer.content
    page = describe(f"/marketplace/{listing.slug}", "", wiring=wiring)
    assert page is not None
    assert page.image == href
    assert TestClient(api).get("/pictures/nothing").status_code == 404
