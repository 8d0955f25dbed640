"""`agent-factory schedules`: the real command against a real database."""

import json

import pytest

from app.core.config import Settings
from app.core.uow import Actor
from app.services.schedules import list_schedules
from app.wiring import Wiring
from models.workspace import Role
from tests.cli.test_blueprint import run
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER, name="Olga Owner")
        make_workflow(uow)
        return uow.actor


def test_a_schedule_is_made_shown_explained_paused_resumed_and_deleted(settings: Settings, wiring: Wiring, owner: Actor) -> None:
    words = ("Greeting", "every weekday at 9", "--name", "Morning", "--zone", "Europe/Berlin", "-i", "name=Mia")
    made = run("schedules", "add", *words, "--json", settings=settings)
    assert made.returncode == 0, made.stderr
    row = json.loads(made.stdout)
    assert (row["cron"], row["time_zone"], row["is_enabled"]) == ("0 9 * * 1-5", "Europe/Berlin", True)
    listed = run("schedules", "list", settings=settings)
    assert "Morning  [Greeting]" in listed.stdout
    assert "No worker is looking" in listed.stderr
    upcoming = json.loads(run("schedules", "next", "Morning", "--json", settings=settings).stdout)
    assert len(upcoming["next"]) == 10
    assert upcoming["next"][0] == row["next_at"]
    assert "did not exist yet" in run("schedules", "why", "Morning", "2020-01-06T09:00", settings=settings).stdout
    assert json.loads(run("schedules", "pause", "Morning", "--json", settings=settings).stdout)["next_at"] is None
    assert json.loads(run("schedules", "resume", row["id"], "--json", settings=settings).stdout)["is_enabled"] is True
    assert run("schedules", "run", "Morning", settings=settings).stdout.startswith("Run ")
    again = run("schedules", "add", "Greeting", "hourly", "--name", "Hourly", "-i", "name=Mia", settings=settings)
    assert again.returncode == 0, again.stderr  # the form of a workflow that ran before remembers what it was given
    assert run("schedules", "delete", "Hourly", settings=settings).returncode == 0
    assert run("schedules", "delete", "Morning", settings=settings).returncode == 0
    assert wiring.call(list_schedules, owner).total == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "Greeting", "every blue moon", "-i", "name=Mia"), "blue moon"),
        (("add", "Greeting", "hourly", "--zone", "Mars/Base", "-i", "name=Mia"), "time_zone: Choose a time zone"),
        (("add", "Nothing", "hourly"), "Nothing"),
        (("why", "Nothing", "2026-01-01T09:00"), "Nothing"),
        (("next", "99 9 * * *", "--zone", "UTC"), "99"),
    ],
)
def test_what_is_wrong_is_said_in_one_message(words: tuple[str, ...], told: str, settings: Settings, owner: Actor) -> None:
    assert owner
    done = run("schedules", *words, settings=settings)
    assert done.returncode in (1, 2)
    assert told in done.stderr
    assert "Traceback" not in done.stderr
