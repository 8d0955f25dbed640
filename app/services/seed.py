"""What a fresh installation outside production starts with: the demo account. `agent-factory seed` and `up` call it, again and again."""

from dataclasses import replace

from sqlmodel import select

from app.core.first_rows import DEMO_EMAIL, EXAMPLE_RUN
from app.core.uow import Actor, UnitOfWork
from app.services.accounts import create_account
from app.services.accounts.identity import email_key
from app.services.agents import create_from_starter, list_starters
from app.services.runs import start_run
from app.services.templates import TEMPLATES, create_from_template
from models.user import User
from models.workspace import Membership, Role

AGENTS, WORKFLOWS = 2, 2
RUN_OF = "research_brief"  # parallel steps and a text at the end, and nobody is asked anything
GIVEN = {
    "topic": "Electric delivery vans for a bakery chain",
    "audience": "the management",
    "material": (
        "The chain has 14 shops and 9 diesel vans. Each van drives about 70 km a day, mostly before 7 a.m. "
        "A comparable electric van costs 38,000 euros, a diesel one 29,000 euros. "
        "Energy and upkeep of an electric van cost about 2,300 euros a year, of a diesel one 5,100 euros. "
        "Two of three competitors in town have begun to deliver electrically and say so on their vans. "
        "The depot's connection allows four vans to charge at the same time; a stronger one takes nine months to get. "
        "From 2028 the city centre is closed to diesel vans between 6 and 10 a.m. "
        "In winter the range falls by about a quarter, which still covers two days of deliveries."
    ),
}


def seed_demo(uow: UnitOfWork) -> bool:
    """Create the demo account, its workspace and examples if the account is missing; returns whether it was created."""
    if not uow.ports.demo_account_allowed:
        return False
    if uow.session.exec(select(User.id).where(User.email_key == email_key(DEMO_EMAIL))).first() is not None:
        return False
    person = create_account(uow, name="Demo", email=DEMO_EMAIL, password_hash="", is_demo=True, workspace_name="Demo workspace")
    membership = uow.session.exec(select(Membership).where(Membership.user_id == person.id)).one()
    before, uow.actor = uow.actor, Actor(user_id=person.id, workspace_id=membership.workspace_id, role=Role.OWNER)
    ports, uow.ports = uow.ports, replace(uow.ports, default_plan="")  # examples are given, whatever the plan has room for
    try:
        _add_examples(uow)
    finally:
        uow.actor, uow.ports = before, ports
    return True


def _add_examples(uow: UnitOfWork) -> None:
    uow.trail.deed = "workspace.add_examples"
    for starter in list_starters(uow)[:AGENTS]:
        create_from_starter(uow, key=starter.key)
    made = {template.key: create_from_template(uow, key=template.key) for template in TEMPLATES[:WORKFLOWS]}
    start_run(
        uow, workflow_id=made[RUN_OF].workflows[0].id, inputs=GIVEN, idempotency_key=EXAMPLE_RUN
    )  # a worker does it as soon as there is one
