"""`agent-factory webhooks`: made, listed and told about from the shell, as lines and as JSON."""

import json

from app.core.config import Settings
from app.core.uow import Actor
from app.wiring import Wiring
from tests.cli.test_blueprint import owner, run
from tests.support.workflows import make_workflow

__all__ = ["owner"]


def test_a_webhook_is_made_listed_and_deleted(wiring: Wiring, settings: Settings, owner: Actor) -> None:
    with wiring.unit(owner) as uow:
        make_workflow(uow, name="Triage")
    made = run("webhooks", "create", "Triage", "-s", '{"auth": "signature"}', "--json", settings=settings)
    assert made.returncode == 0, made.stderr
    whole = json.loads(made.stdout)
    assert whole["secret"].startswith("whsec_")
    hook_id = whole["detail"]["row"]["id"]
    listed = run("webhooks", "list", settings=settings).stdout
    assert f"{hook_id}\tTriage\tTriage\tactive\tsignature" in listed
    assert whole["secret"] not in listed
    assert json.loads(run("webhooks", "log", hook_id, "--json", settings=settings).stdout) == []
    assert run("webhooks", "delete", hook_id, settings=settings).returncode == 0
    gone = run("webhooks", "pause", hook_id, settings=settings)
    assert (gone.returncode, "Traceback" in gone.stderr) == (1, False)


def test_an_endpoint_with_wrong_settings_is_refused_field_by_field(settings: Settings, owner: Actor) -> None:
    refused = run("webhooks", "endpoints", "create", "http://10.0.0.1/", "-e", "run.exploded", settings=settings)
    assert refused.returncode == 1
    assert "url:" in refused.stderr
    assert "run.exploded" in refused.stderr


def test_a_test_message_waits_in_the_log_for_a_worker(settings: Settings, owner: Actor) -> None:
    made = run("webhooks", "endpoints", "create", "https://receiver.example/x", "-e", "run.failed", "--json", settings=settings)
    endpoint_id = json.loads(made.stdout)["detail"]["row"]["id"]
    assert run("webhooks", "endpoints", "test", endpoint_id, settings=settings).returncode == 0
    (row,) = json.loads(run("webhooks", "endpoints", "log", endpoint_id, "--json", settings=settings).stdout)
    assert (row["event"], row["status"], row["is_test"]) == ("webhook.test", "pending", True)
