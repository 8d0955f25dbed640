"""Credentials in use: opened for a run's own workspace alone, named by steps and agents, tried out."""

from dataclasses import replace

import pytest

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services import agents
from app.services.credentials import delete_credential, get_credential, note_trial, open_trial, reveal_for_model, reveal_for_request
from app.services.definitions import judge_workflow
from engine.errors import Permanent
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.credentials import SECRET, make_credential
from tests.support.people import make_member
from tests.support.workflows import node, spec_of


@pytest.fixture
def admin(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of an admin."""
    uow.actor = make_member(uow, Role.ADMIN)
    return uow


def test_a_run_opens_what_its_workspace_has_and_nothing_of_another(admin: UnitOfWork) -> None:
    make_credential(admin)
    mine = admin.workspace_id
    opened = reveal_for_request(admin, workspace_id=mine, name="crm")
    assert (opened.name, opened.fields["token"], opened.hosts) == ("CRM", SECRET, ("api.example.com",))
    with pytest.raises(Permanent) as caught:
        reveal_for_request(admin, workspace_id=make_member(admin).workspace_id, name="CRM")
    assert caught.value.code == "credential_missing"


def test_an_expired_and_a_deleted_credential_open_no_more(admin: UnitOfWork, clock: FrozenClock) -> None:
    make_credential(admin, expires_at="2126-01-01")
    gone = make_credential(admin, name="Gone")
    delete_credential(admin, credential_id=gone.id)
    clock.advance(days=101 * 366)
    for name, code in (("CRM", "credential_expired"), ("Gone", "credential_missing")):
        with pytest.raises(Permanent) as caught:
            reveal_for_request(admin, workspace_id=admin.workspace_id, name=name)
        assert caught.value.code == code


def test_a_model_key_is_for_models_alone(admin: UnitOfWork) -> None:
    make_credential(admin, name="OpenAI", kind="model", provider="openai", hosts=[])
    opened = reveal_for_model(admin, workspace_id=admin.workspace_id, provider="openai")
    assert opened is not None
    assert opened.fields == {"type": "model", "key": SECRET}
    assert reveal_for_model(admin, workspace_id=admin.workspace_id, provider="anthropic") is None
    with pytest.raises(Permanent) as caught:
        reveal_for_request(admin, workspace_id=admin.workspace_id, name="OpenAI")
    assert caught.value.code == "credential_unusable"


def test_a_key_of_a_provider_makes_its_models_available_to_this_workspace_alone(admin: UnitOfWork) -> None:
    def available(uow: UnitOfWork) -> set[str]:
        return {model.provider for model in agents.list_form_options(uow).models if model.is_available}

    assert available(admin) == {"demo"}
    make_credential(admin, name="OpenAI", kind="model", provider="openai")
    fresh = UnitOfWork(admin.session, ports=admin.ports, actor=admin.actor)
    assert available(fresh) == {"demo", "openai"}
    assert available(UnitOfWork(admin.session, ports=admin.ports, actor=make_member(admin))) == {"demo"}


def test_agents_and_steps_that_call_a_providers_models_are_its_users(admin: UnitOfWork) -> None:
    made = make_credential(admin, name="OpenAI", kind="model", provider="openai")
    uow = UnitOfWork(admin.session, ports=admin.ports, actor=admin.actor)
    agent = agents.create_from_starter(uow, key="support_triage")
    draft = {**agents.get_agent(uow, agent_id=agent.id).spec, "model": "openai/gpt-4.1-mini"}
    agents.save_agent(uow, agent_id=agent.id, draft=draft, base_version=1)
    users = get_credential(uow, credential_id=made.id).users
    assert [(user.kind, str(user.id), user.place) for user in users] == [("agent", agent.id, "Model")]


def test_the_checker_finds_a_credential_that_is_not_there(admin: UnitOfWork) -> None:
    make_credential(admin, name="CRM live")
    spec = spec_of(node("start", "start"), node("call", "http", url="https://x.test", credential="CRM life"), edges="start>call")
    finding = next(one for one in judge_workflow(admin, spec, called={}) if one.code == "unknown_credential")
    assert (finding.node, finding.field) == ("call", "credential")
    assert "CRM live" in finding.remedy


def test_what_was_found_before_does_not_outlive_what_it_was_about(admin: UnitOfWork) -> None:
    spec = spec_of(node("start", "start"), node("call", "http", url="https://x.test", credential="CRM"), edges="start>call")

    def codes() -> list[str]:
        return [one.code for one in judge_workflow(admin, spec, called={})]

    assert codes() == ["unknown_credential"]
    made = make_credential(admin, name="CRM")
    assert codes() == []
    delete_credential(admin, credential_id=made.id)
    assert codes() == ["unknown_credential"]


def test_a_trial_reads_the_test_address_and_keeps_what_came_of_it(admin: UnitOfWork, clock: FrozenClock) -> None:
    made = make_credential(admin, test_url="https://api.example.com/me")
    trial = open_trial(admin, credential_id=made.id)
    assert (trial.request.method, trial.request.url, trial.request.follow_redirects) == ("GET", "https://api.example.com/me", False)
    assert SECRET not in repr(trial)
    noted = note_trial(admin, credential_id=made.id, is_good=False, message="Refused: 401.")
    assert (noted.state, noted.test_message, noted.tested_at) == ("failing", "Refused: 401.", clock.now())


def test_a_trial_without_an_address_says_what_to_enter(admin: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        open_trial(admin, credential_id=make_credential(admin).id)
    assert "test_url" in refused.value.fields


def test_a_key_of_a_provider_is_tried_at_the_provider_or_at_the_address_set_for_it(admin: UnitOfWork) -> None:
    made = make_credential(admin, name="Claude", kind="model", provider="anthropic")
    trial = open_trial(admin, credential_id=made.id)
    assert (trial.request.url, trial.opened.hosts) == ("https://api.anthropic.com/v1/models", ("api.anthropic.com",))
    assert trial.opened.fields == {"type": "header", "name": "x-api-key", "value": SECRET}
    admin.ports = replace(admin.ports, provider_urls={"anthropic": "http://127.0.0.1:9/"})
    elsewhere = open_trial(admin, credential_id=made.id)
    assert (elsewhere.request.url, elsewhere.opened.hosts) == ("http://127.0.0.1:9/v1/models", ("http://127.0.0.1:9",))
