"""Every service refuses who may not call it, whatever the arguments; a new service without a policy fails here."""

import ast
from dataclasses import replace

import pytest

from app.adapters.mail import NoMailer, SmtpMailer
from app.core.errors import NotAllowed, NotFound, NotSignedIn
from app.core.permissions import OwnSignInNeeded, Permission, PersonNeeded
from app.core.ports import Mailer
from app.services.operators import is_operator
from app.wiring import Wiring
from models.user import User
from models.workspace import Role
from tests.attacks import surface
from tests.support.people import make_member
from tests.support.source import product_files

ABOUT_ONESELF = (surface.OWN_AFFAIRS - surface.INSIDE) | {"accounts.list_identities", "accounts.count_recovery_codes"}
READ_ABOUT_ONESELF = {
    "access.list_api_keys",
    "accounts.count_recovery_codes",
    "accounts.get_account",
    "accounts.list_identities",
    "accounts.list_sessions",
}


def test_the_policy_lists_name_only_services_that_exist() -> None:
    assert set(surface.services()) >= (surface.PUBLIC | surface.INNER | surface.OWN_AFFAIRS | surface.VIEWS | surface.VISITORS)
    assert len(surface.outer()) >= 60


@pytest.mark.parametrize("name", surface.outer())
def test_no_service_answers_somebody_without_a_session(attacked: Wiring, name: str) -> None:
    service = surface.services()[name]
    closed = replace(attacked, ports=replace(attacked.ports, has_public_market=False))
    with closed.unit(write=False) as uow, pytest.raises(NotSignedIn):
        service(uow, **dict.fromkeys(surface.needed_arguments(service)))


@pytest.mark.parametrize("name", surface.outer())
def test_a_public_marketplace_opens_nothing_but_the_listed_services(attacked: Wiring, name: str) -> None:
    service = surface.services()[name]
    with attacked.unit(write=False) as uow:
        assert uow.ports.has_public_market
        try:
            service(uow, **dict.fromkeys(surface.needed_arguments(service)))
        except NotSignedIn:
            is_open = False
        except NotFound:
            is_open = True
        else:
            is_open = True
    assert is_open == (name in surface.VISITORS)


@pytest.mark.parametrize("name", surface.writers())
def test_no_service_that_changes_something_obeys_a_viewer(attacked: Wiring, name: str) -> None:
    service = surface.services()[name]
    with attacked.unit() as uow:
        uow.actor = make_member(uow, Role.VIEWER)
        with pytest.raises(NotAllowed):
            service(uow, **dict.fromkeys(surface.needed_arguments(service)))


@pytest.mark.parametrize("name", sorted(ABOUT_ONESELF))
def test_the_word_of_a_workspaces_provider_opens_nothing_of_the_account(attacked: Wiring, name: str) -> None:
    """Its owners chose the provider, and it may say whatever they like."""
    service = surface.services()[name]
    with attacked.unit() as uow:
        uow.actor = replace(make_member(uow, Role.OWNER), is_confined=True)
        with pytest.raises(OwnSignInNeeded):
            service(uow, **dict.fromkeys(surface.needed_arguments(service), "x"))


@pytest.mark.parametrize("name", sorted((surface.OWN_AFFAIRS - {"access.keep_answer"}) | READ_ABOUT_ONESELF))
def test_a_key_with_every_scope_does_nothing_about_the_account_of_its_person(attacked: Wiring, name: str) -> None:
    service = surface.services()[name]
    with attacked.unit() as uow:
        uow.actor = replace(make_member(uow, Role.OWNER), scopes=frozenset(Permission))
        with pytest.raises(PersonNeeded):
            service(uow, **dict.fromkeys(surface.needed_arguments(service), "x"))


@pytest.mark.parametrize("mailer", ["smtp", "none"])
def test_the_word_of_a_workspaces_provider_makes_no_operator(attacked: Wiring, mailer: str) -> None:
    with attacked.unit() as uow:
        actor = make_member(uow, Role.OWNER)
        user = uow.session.get(User, actor.user_id)
        assert user is not None
        user.email_verified_at = uow.ports.clock.now()
        uow.ports = replace(uow.ports, operators=frozenset({user.email_key}), mailer=mailer_of(mailer))
        uow.actor = actor
        assert is_operator(uow)
        uow.actor = replace(actor, is_confined=True)
        assert not is_operator(uow)


def mailer_of(kind: str) -> Mailer:
    return SmtpMailer("smtp://mail.example", sender="a@example.com") if kind == "smtp" else NoMailer()


def test_no_page_and_no_route_calls_a_step_that_asks_no_permission() -> None:
    names = {name.split(".")[1] for name in surface.INNER | surface.CONSOLE}
    found = [
        f"{file.name}: {alias.name}"
        for file in product_files()
        if file.name.startswith(("pages/", "app/api/"))
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.services")
        for alias in node.names
        if alias.name in names
    ]
    assert not found
