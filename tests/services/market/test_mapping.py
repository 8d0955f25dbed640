"""Credentials of an install: what a package asks for, what fits here, and what the copies name afterwards."""

from functools import partial

import pytest
from sqlmodel import select

from app.core.errors import Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services.asked import asked_by
from app.services.credentials import create_credential, delete_credential
from app.services.market import (
    choose_credentials,
    get_credential_asks,
    get_listing,
    install_listing,
    plan_install,
    plan_update,
    update_install,
)
from app.services.market.mapping import CredentialDoesNotFit
from app.services.runs import start_run
from app.services.workflows import apply_operations, get_workflow, list_workflows
from app.wiring import Wiring
from models.credential import Credential
from models.listing import Install, Listing, ListingVersion
from models.plan import PlanUsage
from models.run import Run
from models.workspace import Role
from tests.support.keyed import make_keyed, raise_version
from tests.support.people import make_member
from tests.support.racing import meet

HOST = "api.example.com"


def key(uow: UnitOfWork, name: str, *, kind: str = "bearer", host: str = HOST) -> str:
    wish = {"name": name, "kind": kind, "secret": "s3cret-of-this-key", "hosts": [host]}
    create_credential(uow, settings=wish | ({"public_name": "X-Key"} if kind == "header" else {}))
    return name


def offered(uow: UnitOfWork, *, look: str = "open") -> Listing:
    """A listing that names `crm`, a bearer key at its seller's, with a fresh buyer as the actor."""
    uow.actor = make_member(uow, Role.OWNER)
    key(uow, "crm")
    listing = make_keyed(uow, look=look)
    uow.actor = make_member(uow, Role.OWNER)
    return listing


def named_in(uow: UnitOfWork, workflow_id: str) -> list[str]:
    nodes = get_workflow(uow, workflow_id=workflow_id).definition["nodes"]
    return [node["config"]["credential"] for node in nodes if node["kind"] == "http"]


def codes(uow: UnitOfWork, workflow_id: str) -> list[str]:
    return [finding.code for finding in get_workflow(uow, workflow_id=workflow_id).findings]


def test_the_dialog_asks_for_the_kind_and_offers_what_fits(uow: UnitOfWork) -> None:
    listing = offered(uow)
    key(uow, "Sales key")
    key(uow, "Elsewhere", host="other.example.org")
    key(uow, "Of another kind", kind="header")
    (ask,) = plan_install(uow, slug=listing.slug).asks
    assert (ask.name, ask.kind_label, ask.hosts) == ("crm", "API key", (HOST,))
    assert [one.name for one in ask.choices] == ["Elsewhere", "Sales key"]
    assert ask.chosen == "Sales key"


def test_the_package_holds_the_kind_and_no_secret(uow: UnitOfWork) -> None:
    listing = offered(uow)
    version = uow.session.exec(select(ListingVersion).where(ListingVersion.listing_id == listing.id)).one()
    assert version.manifest["asks"] == [{"name": "crm", "kind": "bearer", "hosts": [HOST]}]
    assert "s3cret" not in f"{version.bundle} {version.manifest}"


def test_what_was_chosen_stands_in_the_copy(uow: UnitOfWork) -> None:
    listing = offered(uow)
    key(uow, "Sales key")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": "Sales key"})
    assert (named_in(uow, workflow_id), codes(uow, workflow_id)) == (["Sales key"], [])


def test_what_is_left_for_later_is_told_before_a_run_and_uses_nothing_of_that_name(uow: UnitOfWork) -> None:
    listing = offered(uow)
    key(uow, "crm", host="private.example.org")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": ""})
    assert (named_in(uow, workflow_id), codes(uow, workflow_id)) == (["crm (choose 1)"], ["unknown_credential"])
    with pytest.raises(Invalid):
        start_run(uow, workflow_id=workflow_id, inputs={})


@pytest.mark.parametrize("choice", ["Of another kind", "Not there", 7])
def test_what_does_not_fit_is_refused_where_it_was_chosen(uow: UnitOfWork, choice: object) -> None:
    listing = offered(uow)
    key(uow, "Of another kind", kind="header")
    with pytest.raises(CredentialDoesNotFit) as refused:
        install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": choice})
    assert list(refused.value.fields) == ["credentials.crm"]
    assert uow.session.exec(select(Install.id)).all() == []


def test_a_credential_of_somebody_else_is_none_of_this_workspace(uow: UnitOfWork) -> None:
    listing = offered(uow)
    buyer = uow.actor
    uow.actor = make_member(uow, Role.OWNER)
    key(uow, "Foreign")
    uow.actor = buyer
    with pytest.raises(CredentialDoesNotFit):
        install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": "Foreign"})


def test_an_update_keeps_the_choice_and_asks_for_what_is_new(uow: UnitOfWork) -> None:
    listing = offered(uow)
    key(uow, "Sales key")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": "Sales key"})
    raise_version(uow, listing, also="mailer")
    plan = plan_update(uow, slug=listing.slug)
    assert ([ask.name for ask in plan.asks], plan.clashes, plan.has_own) == (["mailer"], (), False)
    update_install(uow, slug=listing.slug, version="1.1.0", credentials={"mailer": "Sales key"})
    assert named_in(uow, workflow_id) == ["Sales key", "Sales key"]


def test_a_choice_changed_in_the_copy_survives_the_update(uow: UnitOfWork) -> None:
    listing = offered(uow)
    key(uow, "Sales key")
    key(uow, "Later key")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": ""})
    edit = {"op": "set_config", "id": "call", "path": ["credential"], "value": "Later key"}
    apply_operations(uow, workflow_id=workflow_id, base_revision=1, operations=[edit], client_key="t1ab2c3d:1")
    raise_version(uow, listing, also="mailer")
    update_install(uow, slug=listing.slug, version="1.1.0", credentials={"mailer": ""})
    assert named_in(uow, workflow_id) == ["Later key", "mailer"]


def test_a_sealed_copy_is_told_what_to_use_and_can_be_told_anew(uow: UnitOfWork) -> None:
    listing = offered(uow, look="sealed")
    (ask,) = plan_install(uow, slug=listing.slug).asks
    assert (ask.name, ask.choices) == ("crm", ())
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    with pytest.raises(Invalid, match="“crm”"):
        start_run(uow, workflow_id=workflow_id, inputs={})
    key(uow, "Sales key")
    assert [one.chosen for one in get_credential_asks(uow, slug=listing.slug)] == [""]
    choose_credentials(uow, slug=listing.slug, credentials={"crm": "Sales key"})
    assert [one.chosen for one in get_credential_asks(uow, slug=listing.slug)] == ["Sales key"]
    assert start_run(uow, workflow_id=workflow_id, inputs={}).status == "queued"


def test_what_a_sealed_copy_lacks_is_told_before_its_first_run(uow: UnitOfWork) -> None:
    listing = offered(uow, look="sealed")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    told = f"Needs a credential: API key, as “crm”, sent to {HOST}."
    (finding,) = get_workflow(uow, workflow_id=workflow_id).findings
    assert (finding.code, finding.severity, finding.message) == ("sealed_lacks", "error", told)
    assert (finding.node, finding.href) == ("sealed", f"/marketplace/{listing.slug}?keys=1")
    assert [row.error_count for row in list_workflows(uow).items] == [1]
    assert get_listing(uow, slug=listing.slug).lacks == (told,)
    key(uow, "Sales key")
    choose_credentials(uow, slug=listing.slug, credentials={"crm": "Sales key"})
    assert get_workflow(uow, workflow_id=workflow_id).findings == ()
    assert [row.error_count for row in list_workflows(uow).items] == [0]
    assert get_listing(uow, slug=listing.slug).lacks == ()


def test_a_start_without_the_credential_names_kind_and_remedy_and_counts_nothing(uow: UnitOfWork) -> None:
    listing = offered(uow, look="sealed")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    with pytest.raises(Invalid) as refused:
        start_run(uow, workflow_id=workflow_id, inputs={})
    assert refused.value.error_code == "sealed_lacks"
    assert all(word in refused.value.message for word in ("API key", "“crm”", HOST, "Credentials it uses"))
    assert list(refused.value.fields) == ["credentials.crm"]
    assert uow.session.exec(select(Run.id)).all() == []
    assert uow.session.exec(select(PlanUsage.id)).all() == []


def test_an_early_version_that_does_not_say_the_kind_is_told_by_its_name() -> None:
    assert [one.words for one in asked_by({"permissions": {"credentials": ["crm"]}})] == ["“crm”"]


def test_a_credential_that_is_gone_is_lacking_again(uow: UnitOfWork) -> None:
    listing = offered(uow, look="sealed")
    key(uow, "Sales key")
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0", credentials={"crm": "Sales key"})
    assert get_workflow(uow, workflow_id=workflow_id).findings == ()
    row = uow.session.exec(uow.scoped(Credential)).one()
    delete_credential(uow, credential_id=str(row.id), even_if_used=True)
    assert codes(uow, workflow_id) == ["sealed_lacks"]


def test_two_who_choose_at_once_for_a_sealed_copy_both_choose(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        listing = offered(uow, look="sealed")
        raise_version(uow, listing, also="mailer", look="sealed")
        slug, buyer = listing.slug, uow.actor
        assert buyer
        key(uow, "Sales key")
        install_listing(uow, slug=slug, version="1.1.0", credentials={"crm": "", "mailer": ""})
    wishes = ({"crm": "Sales key"}, {"mailer": "Sales key"})
    meet(wiring, *((buyer, partial(choose_credentials, slug=slug, credentials=wish)) for wish in wishes))
    with wiring.unit(buyer, write=False) as uow:
        assert [one.chosen for one in get_credential_asks(uow, slug=slug)] == ["Sales key", "Sales key"]


def test_an_open_copy_is_told_in_its_steps(uow: UnitOfWork) -> None:
    listing = offered(uow)
    install_listing(uow, slug=listing.slug, version="1.0.0")
    with pytest.raises(Conflict, match="in its steps"):
        choose_credentials(uow, slug=listing.slug, credentials={})
