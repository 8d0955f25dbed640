"""What came from somebody else's listing is not sold on under a licence that forbids it, however it was copied, renamed or built in."""

import pytest
from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.agents import duplicate_agent
from app.services.blueprints import export_workflow, import_blueprint, read_bundle
from app.services.market import install_listing, publish_listing, start_publishing
from app.services.market.publishing import LicenceForbidsSelling, NotReadyToPublish
from app.services.workflows import create_workflow, duplicate_workflow, rename_workflow
from engine.blueprint.bundle import Origin
from models.agent import Agent
from models.ids import parse_id
from models.workflow import Workflow
from models.workspace import Role
from tests.services.market.test_publishing import FORM
from tests.support.market import make_listing
from tests.support.people import make_member

TOLD = "“Order triage” 1.0.0 by Acme came under the standard licence"


def install(uow: UnitOfWork, *, licence: str = "standard") -> str:
    """A copy of somebody else's listing in the workspace of an administrator, who is the actor then."""
    uow.actor = make_member(uow, Role.OWNER)
    slug = make_listing(uow, licence=licence).slug
    uow.actor = make_member(uow, Role.ADMIN)
    return install_listing(uow, slug=slug, version="1.0.0")


def refusal(uow: UnitOfWork, workflow_id: str) -> str:
    """What publishing says of the licence."""
    with pytest.raises(LicenceForbidsSelling) as refused:
        publish_listing(uow, workflow_id=workflow_id, form=FORM)
    return refused.value.fields["licence"]


def test_a_copy_under_the_standard_licence_is_not_published(uow: UnitOfWork) -> None:
    workflow_id = install(uow)
    rename_workflow(uow, workflow_id=workflow_id, name="All my own work")
    assert refusal(uow, workflow_id).startswith(TOLD)
    failed = {check.key for check in start_publishing(uow, workflow_id=workflow_id).checks if not check.is_ok}
    assert "licence" in failed


def test_neither_is_a_copy_of_the_copy(uow: UnitOfWork) -> None:
    copy = duplicate_workflow(uow, workflow_id=install(uow))
    assert refusal(uow, str(copy.id)).startswith(TOLD)


def test_neither_is_what_was_exported_and_imported_elsewhere(uow: UnitOfWork) -> None:
    text = export_workflow(uow, workflow_id=install(uow)).text
    uow.actor = make_member(uow, Role.ADMIN)
    assert refusal(uow, import_blueprint(uow, text=text).workflows[0].id).startswith(TOLD)


def test_neither_is_a_workflow_of_ones_own_that_calls_it(uow: UnitOfWork) -> None:
    bought = install(uow)
    nodes = [
        {"id": "start", "kind": "start", "config": {}},
        {"id": "call", "kind": "workflow", "config": {"workflow": bought, "inputs": {"question": "Why?"}}},
    ]
    outer = create_workflow(uow, name="Around it", spec={"nodes": nodes, "edges": [{"source": "start", "target": "call"}]})
    assert refusal(uow, str(outer.id)).startswith(TOLD)


def test_neither_is_a_workflow_of_ones_own_with_a_copy_of_its_agent(uow: UnitOfWork) -> None:
    install(uow)
    copy = duplicate_agent(uow, agent_id=uow.session.exec(select(Agent.id).where(Agent.workspace_id == uow.workspace_id)).one())
    nodes = [
        {"id": "start", "kind": "start", "config": {}},
        {"id": "ask", "kind": "agent", "config": {"agent": copy.slug, "message": "Why?"}},
    ]
    outer = create_workflow(uow, name="Around it", spec={"nodes": nodes, "edges": [{"source": "start", "target": "ask"}]})
    assert refusal(uow, str(outer.id)).startswith(TOLD)


def test_a_free_licence_lets_it_be_sold_and_its_origin_goes_along(uow: UnitOfWork) -> None:
    workflow_id = install(uow, licence="mit")
    with pytest.raises(NotReadyToPublish) as refused:  # its test was not run here
        publish_listing(uow, workflow_id=workflow_id, form=FORM)
    assert set(refused.value.fields) == {"verdicts"}
    origin = Origin(listing="order-triage", title="Order triage", version="1.0.0", licence="mit", creator="Acme")
    exported = read_bundle(export_workflow(uow, workflow_id=workflow_id).text)
    assert exported.metadata.origins == {"workflows.ask": origin, "agents.helper": origin}


def test_what_comes_back_to_its_seller_is_theirs_to_publish(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.ADMIN)
    slug = make_listing(uow).slug
    assert uow.session.exec(select(Workflow.origin)).all() == []
    own = install_listing(uow, slug=slug, version="1.0.0")
    assert uow.session.exec(select(Workflow.origin).where(Workflow.id == parse_id(own))).one() is None
    uow.actor = make_member(uow, Role.ADMIN)
    text = export_workflow(uow, workflow_id=install_listing(uow, slug=slug, version="1.0.0")).text
    uow.actor = seller
    back = import_blueprint(uow, text=text).workflows[0].id
    assert "licence" not in {check.key for check in start_publishing(uow, workflow_id=back).checks if not check.is_ok}
