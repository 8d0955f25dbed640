"""How creators show themselves: a name, a text, a link and a picture of their own, emptied by operators with a reason."""

import pytest
from sqlmodel import select

from app.api.public_pages import describe
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.mail import list_outbox
from app.services.market import (
    add_picture,
    clear_creator_profile,
    find_listings,
    get_creator,
    get_creator_profile,
    get_listing,
    get_picture,
    set_creator_profile,
)
from app.wiring import Wiring
from models.audit import AuditEntry
from models.picture import Picture
from models.workspace import Role
from tests.services.market.test_moderating import make_operator
from tests.support.clock import FrozenClock
from tests.support.market import make_listing
from tests.support.people import make_member
from tests.support.pictures import png

FORM = {"name": "Zephyr Labs", "about": "We sort tickets.\nSince 2020.", "website": "https://zephyr.example/about"}


@pytest.fixture
def seller(uow: UnitOfWork) -> Actor:
    uow.actor = make_member(uow, Role.ADMIN)
    return uow.actor


def written(uow: UnitOfWork, **also: str) -> str:
    """A profile with a picture; the picture's id."""
    picture = add_picture(uow, content=png()).id
    set_creator_profile(uow, form=FORM | {"picture": picture} | also)
    return picture


def test_listings_and_the_creators_page_show_it_and_search_finds_it(uow: UnitOfWork, seller: Actor) -> None:
    listing = make_listing(uow)
    before = get_creator(uow, creator_id=str(seller.workspace_id))
    assert (before.name, before.about, before.picture) == ("Acme", "", "")
    picture = written(uow)
    uow.actor = None
    page = get_creator(uow, creator_id=str(seller.workspace_id))
    assert (page.name, page.about, page.website) == (FORM["name"], FORM["about"], FORM["website"])
    assert page.picture == f"/pictures/{picture}"
    assert get_picture(uow, picture_id=picture).is_public
    detail = get_listing(uow, slug=listing.slug)
    assert (detail.card.creator, detail.creator_picture) == (FORM["name"], page.picture)
    assert [card.slug for card in find_listings(uow, search="zephyr").cards] == [listing.slug]
    assert not find_listings(uow, search="acme").cards
    assert (page.is_own, page.can_clear) == (False, False)


def test_a_listing_that_comes_later_stands_under_the_name_too_and_an_empty_profile_changes_nothing(uow: UnitOfWork, seller: Actor) -> None:
    listing = make_listing(uow)
    listing.creator = "Acme of old"
    set_creator_profile(uow, form={"about": "Hello."})
    assert listing.creator == "Acme of old"
    set_creator_profile(uow, form={"name": "Zephyr"})
    assert listing.creator == "Zephyr"
    set_creator_profile(uow, form={})
    assert listing.creator == "Acme"
    assert get_creator_profile(uow).about == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "n" * 61),
        ("name", "Agent Factory"),
        ("about", "a" * 501),
        ("about", 7),
        ("website", "http://zephyr.example"),
        ("website", "javascript:alert(1)"),
        ("website", "https://user@zephyr.example"),
        ("website", "https://localhost"),
        ("website", "https://127.0.0.1/"),
        ("website", "https://zephyr.example:8080"),
        ("website", "https://[::1"),
        ("website", f"https://zephyr.example/{'x' * 200}"),
        ("picture", "00000000-0000-7000-8000-000000000001"),
        ("picture", ["x"]),
    ],
)
def test_what_is_unfit_is_refused_at_its_field(uow: UnitOfWork, seller: Actor, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        set_creator_profile(uow, form=FORM | {field: value})
    assert set(refused.value.fields) == {field}


def test_two_creators_never_have_one_name(uow: UnitOfWork, seller: Actor) -> None:
    set_creator_profile(uow, form=FORM)
    set_creator_profile(uow, form=FORM | {"about": "Still mine."})
    uow.actor = make_member(uow, Role.OWNER)
    for name in ("Zephyr Labs", "zephyr  labs", "ZephyrLabs"):
        with pytest.raises(Invalid) as refused:
            set_creator_profile(uow, form={"name": name})
        assert set(refused.value.fields) == {"name"}
    assert get_creator_profile(uow).name == ""


def test_a_picture_of_somebody_elses_is_refused_and_ones_own_is_kept(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        uow.actor = other = make_member(uow, Role.OWNER)
        foreign = add_picture(uow, content=png()).id
        uow.actor = seller = make_member(uow, Role.OWNER)
        with pytest.raises(Invalid):
            set_creator_profile(uow, form={"picture": foreign})
        picture = written(uow)
    with wiring.unit(other) as uow, pytest.raises(NotFound):
        get_picture(uow, picture_id=picture)
    clock.advance(days=2)
    with wiring.unit(seller) as uow:
        add_picture(uow, content=png())
        assert str(uow.session.exec(select(Picture.id).where(Picture.workspace_id == seller.workspace_id)).all()[0]) == picture


def test_operators_empty_it_with_a_reason_that_its_creator_reads(uow: UnitOfWork, seller: Actor) -> None:
    listing, creator = make_listing(uow), str(seller.workspace_id)
    picture = written(uow)
    with pytest.raises(NotAllowed):
        clear_creator_profile(uow, creator_id=creator, reason="Not yours.")
    uow.actor = make_operator(uow)
    assert get_creator(uow, creator_id=creator).can_clear
    with pytest.raises(Invalid):
        clear_creator_profile(uow, creator_id=creator, reason=" ")
    clear_creator_profile(uow, creator_id=creator, reason="It is somebody else's name.")
    page = get_creator(uow, creator_id=creator)
    assert (page.name, page.about, page.website, page.picture, page.can_clear) == ("Acme", "", "", "", False)
    assert listing.creator == "Acme"
    for unknown in (creator, "x", None):
        with pytest.raises(NotFound):
            clear_creator_profile(uow, creator_id=unknown, reason="Again.")
    (letter,) = [one for one in list_outbox(uow, address="127.0.0.1") if "was emptied" in one.subject]
    assert "It is somebody else's name." in letter.text
    uow.actor = seller
    assert get_creator_profile(uow).cleared_reason == "It is somebody else's name."
    set_creator_profile(uow, form=FORM)
    assert get_creator_profile(uow).cleared_reason == ""
    uow.actor = None
    with pytest.raises(NotFound):
        get_picture(uow, picture_id=picture)


def test_members_neither_read_nor_write_it(uow: UnitOfWork, seller: Actor) -> None:
    uow.actor = Actor(user_id=seller.user_id, workspace_id=seller.workspace_id, role=Role.MEMBER)
    with pytest.raises(NotAllowed):
        get_creator_profile(uow)
    with pytest.raises(NotAllowed):
        set_creator_profile(uow, form=FORM)


def test_the_trail_tells_what_was_written(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        seller = make_member(uow, Role.OWNER)
    with wiring.unit(seller) as uow:
        set_creator_profile(uow, form=FORM)
    with wiring.unit(seller, write=False) as uow:
        told = uow.session.exec(uow.scoped(AuditEntry).where(AuditEntry.kind == "creator profile")).all()
        assert [(one.action, one.changes["website"][1]) for one in told] == [("market.set_creator_profile", FORM["website"])]


def test_search_engines_and_social_cards_read_it(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = seller = make_member(uow, Role.OWNER)
        make_listing(uow)
        picture = written(uow)
    page = describe(f"/marketplace/creators/{seller.workspace_id}", "", wiring=wiring)
    assert page
    assert page.title.startswith("Zephyr Labs · ")
    assert page.description.startswith("We sort tickets.")
    assert (page.image, page.facts["sameAs"]) == (f"/pictures/{picture}", [FORM["website"]])
