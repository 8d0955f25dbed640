"""Every service refuses who may not call it, whatever the arguments; a new service without a policy fails here."""

import pytest

from app.core.errors import NotAllowed, NotSignedIn
from app.wiring import Wiring
from models.workspace import Role
from tests.attacks import surface
from tests.support.people import make_member


def test_the_policy_lists_name_only_services_that_exist() -> None:
    assert set(surface.services()) >= (surface.PUBLIC | surface.INNER | surface.OWN_AFFAIRS | surface.VIEWS)
    assert len(surface.outer()) >= 60


@pytest.mark.parametrize("name", surface.outer())
def test_no_service_answers_somebody_without_a_session(wiring: Wiring, name: str) -> None:
    service = surface.services()[name]
    with wiring.unit(write=False) as uow, pytest.raises(NotSignedIn):
        service(uow, **dict.fromkeys(surface.needed_arguments(service)))


@pytest.mark.parametrize("name", surface.writers())
def test_no_service_that_changes_something_obeys_a_viewer(wiring: Wiring, name: str) -> None:
    service = surface.services()[name]
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.VIEWER)
        with pytest.raises(NotAllowed):
            service(uow, **dict.fromkeys(surface.needed_arguments(service)))
