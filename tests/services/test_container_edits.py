"""Edits that containers and teams brought: locks and joins as policies, steps and agents that settings name."""

from app.services.definitions import named_agents, rename_agents
from app.services.workflows.references import rename_in_config
from engine.spec.workflow import NodeSpec, WorkflowSpec

TEAM = WorkflowSpec(
    nodes=(
        NodeSpec(id="lead", kind="supervisor", config={"agent": "mia", "agents": ["ben", "tess"], "message": "Hi"}),
        NodeSpec(id="talk", kind="handoff", config={"agent": "ben", "agents": ["mia"], "message": "Hi"}),
        NodeSpec(id="half", kind="handoff", config={"agents": "nonsense"}),
    )
)


def test_every_agent_of_a_team_belongs_to_the_workflow() -> None:
    assert named_agents(TEAM) == {"mia", "ben", "tess", "nonsense"}


def test_agents_of_a_team_are_renamed_wherever_they_stand() -> None:
    renamed = rename_agents(TEAM, {"ben": "ben_2"})
    assert renamed.nodes[0].config == {"agent": "mia", "agents": ["ben_2", "tess"], "message": "Hi"}
    assert renamed.nodes[1].config["agent"] == "ben_2"
    assert renamed.nodes[2] is TEAM.nodes[2]


def test_steps_that_settings_name_follow_a_rename_and_nothing_else_does() -> None:
    renames = {"old": "fresh"}
    assert rename_in_config({"step_ids": ["old", "other"]}, renames) == {"step_ids": ["fresh", "other"]}
    assert rename_in_config({"step_id": "old"}, renames) == {"step_id": "fresh"}
    assert rename_in_config({"text": "old", "body": {"step_id": "old"}}, renames) == {"text": "old", "body": {"step_id": "old"}}
