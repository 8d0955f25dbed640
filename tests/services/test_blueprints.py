"""Blueprints between workspaces: out, looked at, in again; nothing is lost, doubled, half-written or leaked."""

import pytest
from sqlmodel import select

from app.core.errors import AppError, Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.agents import create_agent, save_agent
from app.services.blueprints import BlueprintInvalid, export_workflow, import_blueprint, preview_blueprint
from app.services.schedules import create_schedule, list_schedules
from app.services.webhooks import create_webhook, get_webhook, list_webhooks
from app.services.workflows import create_workflow, get_workflow
from app.services.workflows.versions import keep_version
from engine.blueprint.codec import decode
from models.agent import Agent
from models.ids import new_id
from models.workflow import Workflow
from models.workspace import Role
from tests.support.people import make_member, make_workspace

HELPER = {"name": "Helper", "role": "Helps", "instructions": "You help.\nBriefly.\n", "model": "demo/assistant"}
SPEC = {
    "nodes": [
        {"id": "start", "kind": "start", "config": {"fields": [{"name": "q", "type": "text"}]}, "position": {"x": 10, "y": 20.5}},
        {
            "id": "ask",
            "kind": "agent",
            "config": {"agent": "helper", "message": "{{ inputs.q }}"},
            "retry": {"attempts": 3},
            "position": {"x": 400.0, "y": 20.5},
        },
        {"id": "done", "kind": "end", "config": {"output": "{{ ask.text }}"}, "position": {"x": 800.0, "y": 20.5}},
    ],
    "edges": [{"source": "start", "port": "out", "target": "ask"}, {"source": "ask", "port": "out", "target": "done"}],
}


@pytest.fixture(autouse=True)
def member(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)


def export(uow: UnitOfWork) -> str:
    create_agent(uow, draft=HELPER)
    made = create_workflow(uow, name="Ask away", description="Asks.", spec=SPEC)
    return export_workflow(uow, workflow_id=made.id).text


def move(uow: UnitOfWork) -> None:
    """Go on in another workspace."""
    uow.actor = make_member(uow, workspace=make_workspace(uow, "Other"))


def test_a_workflow_comes_in_elsewhere_as_it_went_out(uow: UnitOfWork) -> None:
    text = export(uow)
    move(uow)
    report = import_blueprint(uow, text=text)
    assert [(agent.slug, agent.target, agent.action) for agent in report.agents] == [("helper", "helper", "create")]
    assert report.notes == ()
    (workflow,) = report.workflows
    assert workflow.error_count == 0
    detail = get_workflow(uow, workflow_id=workflow.id)
    assert detail.name == "Ask away"
    assert detail.definition["nodes"] == SPEC["nodes"]
    assert decode(export_workflow(uow, workflow_id=workflow.id).text).workflows == decode(text).workflows


def test_an_export_names_nothing_of_the_workspace(uow: UnitOfWork) -> None:
    text = export(uow)
    assert uow.actor is not None
    ids = [str(uow.actor.workspace_id), str(uow.actor.user_id)]
    ids += [str(row.id) for row in uow.session.exec(select(Workflow)).all()] + [
        str(row.id) for row in uow.session.exec(select(Agent)).all()
    ]
    assert not any(found in text or found.replace("-", "") in text for found in ids)


def test_equal_agents_are_shared_and_different_ones_renamed(uow: UnitOfWork) -> None:
    text = export(uow)
    assert import_blueprint(uow, text=text).agents[0].action == "reuse"
    move(uow)
    create_agent(uow, draft={**HELPER, "instructions": "Something else."})
    report = import_blueprint(uow, text=text)
    assert [(agent.target, agent.action) for agent in report.agents] == [("helper_2", "rename")]
    assert "'helper_2'" in report.notes[0]
    nodes = get_workflow(uow, workflow_id=report.workflows[0].id).definition["nodes"]
    assert nodes[1]["config"]["agent"] == "helper_2"
    again = import_blueprint(uow, text=text)
    assert [(agent.target, agent.action) for agent in again.agents] == [("helper_2", "reuse")]


def test_a_name_that_is_taken_is_numbered(uow: UnitOfWork) -> None:
    text = export(uow)
    names = [import_blueprint(uow, text=text).workflows[0].name for _ in range(2)]
    assert names == ["Ask away (2)", "Ask away (3)"]


def test_a_changed_agent_is_not_overwritten(uow: UnitOfWork) -> None:
    text = export(uow)
    agent = uow.session.exec(select(Agent)).one()
    save_agent(uow, agent_id=agent.id, base_version=1, draft={**HELPER, "instructions": "New."})
    assert import_blueprint(uow, text=text).agents[0].action == "rename"
    uow.session.refresh(agent)
    assert agent.version == 2


def test_a_preview_tells_everything_and_changes_nothing(uow: UnitOfWork) -> None:
    text = export(uow).replace("model: demo/assistant", "model: openai/gpt-4.1-mini\n    tools: [web_fetch]")
    move(uow)
    preview = preview_blueprint(uow, text=text)
    assert preview.name == "Ask away"
    assert [(agent.slug, agent.action, agent.model) for agent in preview.agents] == [("helper", "create", "openai/gpt-4.1-mini")]
    assert [line.title for line in preview.permissions] == ["Ask language models", "Call other systems", "Give agents tools"]
    assert preview.workflows[0].node_count == 3
    assert preview.workflows[0].miniature.nodes
    assert any("not available" in error for error in preview.workflows[0].errors)
    assert uow.session.exec(uow.scoped(Workflow)).all() == []
    assert uow.session.exec(uow.scoped(Agent)).all() == []


def test_a_preview_tells_by_which_name_a_workflow_comes_in_beside_one_of_its_name(uow: UnitOfWork) -> None:
    text = export(uow)
    [planned] = preview_blueprint(uow, text=text).workflows
    assert (planned.name, planned.target) == ("Ask away", "Ask away (2)")
    report = import_blueprint(uow, text=text)
    assert report.workflows[0].name == planned.target
    assert "There is a workflow called 'Ask away' here already, so this one is called 'Ask away (2)'." in report.notes
    move(uow)
    [planned] = preview_blueprint(uow, text=text).workflows
    assert planned.target == planned.name


def test_a_model_that_is_missing_here_is_told_and_does_not_stop_the_import(uow: UnitOfWork) -> None:
    text = export(uow).replace("model: demo/assistant", "model: nobody/knows-it")
    move(uow)
    report = import_blueprint(uow, text=text)
    assert report.workflows[0].error_count == 1
    assert any("nobody/knows-it" in note for note in report.notes)
    assert any("needs your attention" in note for note in report.notes)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("kind: agent", "kind: shell", "update the product if a newer one made this blueprint"),
        ("kind: agent", "kind: agnet", "workflows.ask_away.nodes.ask.kind: There is no step kind 'agnet' here. Did you mean 'agent'?"),
        ("You help.", "You help {{ ", "cannot be imported"),
        ("model: demo/assistant", "tools: [rm_rf]", "cannot be imported"),
        ("apiVersion: agentfactory/v1", "apiVersion: agentfactory/v7", "Update the product"),
        ("- start -> ask", "- start -> ", "Write it as 'a -> b'"),
        ("kind: Bundle", "kind: Bundle\nx: &a [*a]", "Anchors"),
        (
            "kind: Bundle",
            "kind: Bundle\ntests: [{name: x, workflow: other}]",
            "tests.0.workflow: There is no workflow 'other' in this blueprint.",
        ),
    ],
)
def test_a_bad_blueprint_changes_nothing(uow: UnitOfWork, old: str, new: str, part: str) -> None:
    text = export(uow)
    move(uow)
    with pytest.raises(Invalid) as refused:
        import_blueprint(uow, text=text.replace(old, new))
    assert part in refused.value.message
    assert refused.value.fields
    assert uow.session.exec(uow.scoped(Workflow)).all() == []


def test_what_an_import_refuses_its_preview_refuses_in_the_same_words(uow: UnitOfWork) -> None:
    empty = "apiVersion: agentfactory/v1\nkind: Bundle\nmetadata: {name: x}\n"
    for text in (export(uow).replace("kind: agent", "kind: shell"), empty, "- a", ""):
        told = set[str]()
        for service in (preview_blueprint, import_blueprint):
            with pytest.raises(BlueprintInvalid) as refused:
                service(uow, text=text)
            told.add(refused.value.message)
        assert len(told) == 1


def test_findings_of_a_bad_blueprint_have_their_lines(uow: UnitOfWork) -> None:
    with pytest.raises(BlueprintInvalid) as refused:
        import_blueprint(uow, text="apiVersion: agentfactory/v1\nkind: Bundle\nmetadata: {name: x, version: v}\n")
    assert [(finding.line, finding.field) for finding in refused.value.findings] == [(3, "metadata.version")]


def test_an_export_has_the_number_that_the_history_gives_it(uow: UnitOfWork) -> None:
    made = create_workflow(uow, name="Ask away", spec=SPEC)
    workflow = uow.session.exec(select(Workflow)).one()

    def exported() -> str:
        return decode(export_workflow(uow, workflow_id=made.id).text).metadata.version

    assert exported() == "1.0.1"
    assert exported() == f"1.0.{keep_version(uow, workflow).number}"
    workflow.revision += 1
    assert exported() == "1.0.2"
    assert exported() == f"1.0.{keep_version(uow, workflow).number}"


def test_keys_are_taken_out_of_an_export_and_told(uow: UnitOfWork) -> None:
    spec = {"nodes": [{"id": "start", "kind": "start"}, {"id": "call", "kind": "http", "config": {"headers": {"X-Api-Key": "s3cret"}}}]}
    made = create_workflow(uow, name="Calls", spec=spec)
    file = export_workflow(uow, workflow_id=made.id)
    assert "s3cret" not in file.text
    assert file.removed == ("workflows.calls.nodes.call.config.headers.X-Api-Key",)
    assert file.filename == "calls.yaml"


def test_a_viewer_neither_exports_nor_imports(uow: UnitOfWork) -> None:
    text = export(uow)
    workflow = uow.session.exec(select(Workflow)).one()
    uow.actor = make_member(uow, Role.VIEWER, workspace=None)
    for attempt in (
        lambda: import_blueprint(uow, text=text),
        lambda: preview_blueprint(uow, text=text),
        lambda: export_workflow(uow, workflow_id=workflow.id),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_a_foreign_workflow_is_as_absent_as_none(uow: UnitOfWork) -> None:
    export(uow)
    foreign = uow.session.exec(select(Workflow)).one().id
    move(uow)
    for workflow_id in (foreign, new_id(), "nonsense", None):
        with pytest.raises(NotFound):
            export_workflow(uow, workflow_id=workflow_id)


def test_without_a_session_nothing_happens(uow: UnitOfWork) -> None:
    uow.actor = None
    with pytest.raises(AppError):
        import_blueprint(uow, text="")


def test_triggers_come_along_paused_without_addresses_and_secrets(uow: UnitOfWork) -> None:
    create_agent(uow, draft=HELPER)
    made = create_workflow(uow, name="Ask away", spec=SPEC)
    timing = {"wording": "every weekday at 9:00", "time_zone": "Europe/Berlin", "ends_on": "2099-12-31"}
    wanted = {"name": "Mornings", "workflow_id": made.id, "inputs": {"q": "What is new?"}, "missed": "all", "most_missed": 3, **timing}
    create_schedule(uow, schedule=wanted)
    created = create_webhook(
        uow, workflow_id=made.id, settings={"name": "Orders", "auth": "signature", "mapping": {"q": "{{ body.text }}"}}
    )
    text = export_workflow(uow, workflow_id=made.id).text
    token = created.detail.url.rsplit("/", 1)[-1]
    assert created.secret not in text
    assert token not in text
    move(uow)
    titles = [line.title for line in preview_blueprint(uow, text=text).permissions]
    assert {"Start at set times, once you switch it on", "Start when another system calls, once you switch it on"} <= set(titles)
    report = import_blueprint(uow, text=text)
    assert "2 triggers were brought along, paused" in report.notes[0]
    (schedule,) = list_schedules(uow).rows
    assert (schedule.name, schedule.is_enabled, schedule.next_at) == ("Mornings", False, None)
    (webhook,) = list_webhooks(uow).rows
    assert (webhook.name, webhook.state) == ("Orders", "paused")
    detail = get_webhook(uow, webhook_id=webhook.id)
    assert detail.url != created.detail.url
    again = decode(export_workflow(uow, workflow_id=report.workflows[0].id).text)
    assert (again.schedules, again.webhooks) == (decode(text).schedules, decode(text).webhooks)


def test_a_wrong_trigger_is_refused_by_its_place_and_nothing_comes_in(uow: UnitOfWork) -> None:
    schedules = "schedules:\n- {name: Odd, workflow: ask_away, when: whenever it suits, time_zone: Europe/Berlin}\n"
    with pytest.raises(Invalid) as refused:
        import_blueprint(uow, text=export(uow) + schedules)
    assert list(refused.value.fields) == ["schedules.0.when", "schedules.0.inputs.q"]
    with pytest.raises(BlueprintInvalid) as unknown:
        import_blueprint(uow, text=export(uow) + schedules.replace("ask_away", "asking"))
    assert "ask_away" in str(unknown.value.findings[0])
