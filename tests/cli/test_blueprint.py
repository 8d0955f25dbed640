"""`agent-factory blueprint`: files checked, brought in and written out, with exit codes scripts can rely on."""

import os
import subprocess
from pathlib import Path

import pytest

from app.cli.main import COMMANDS
from app.core.config import Settings
from app.core.uow import Actor
from app.services.templates import FOLDER
from app.services.workflows import list_workflows
from app.wiring import Wiring
from engine.blueprint.codec import decode
from models.workspace import Role
from tests.support import starting
from tests.support.people import make_member

TRIAGE = str(FOLDER / "customer_triage.yaml")


def run(*words: str, settings: Settings | None = None, data: Path | None = None, text: str = "") -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AF_", "DATABASE_URL", "REDIS_URL"))}
    own: dict[str, str] = {"AF_DATA_DIR": str(data)} if data else {}
    if settings is not None:
        own = {"AF_DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    own["COLUMNS"] = "300"  # no path breaks the line of a message
    return starting.run("app.cli", *words, environment=inherited | own, before=("app.cli.main", *COMMANDS.values()), text=text)


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    with wiring.unit() as unit:
        return make_member(unit, Role.OWNER, name="Olga Owner")


def test_a_sound_blueprint_is_fine(tmp_path: Path) -> None:
    done = run("blueprint", "check", TRIAGE, data=tmp_path)
    assert done.returncode == 0
    assert "fine" in done.stderr


def test_a_wrong_blueprint_names_file_line_and_remedy(tmp_path: Path) -> None:
    text = Path(TRIAGE).read_text(encoding="utf-8")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace("- start -> classify", "- start classify"), encoding="utf-8")
    done = run("blueprint", "check", str(bad), data=tmp_path)
    assert done.returncode == 1
    assert f"{bad}:" in done.stdout
    assert "Write it as 'a -> b'" in done.stdout
    done = run("blueprint", "check", "-", data=tmp_path, text=text.replace("{{ draft.text }}", "{{ drafft.text }}"))
    assert done.returncode == 1
    assert "Did you mean 'draft'?" in done.stdout


def test_a_file_that_is_not_there_is_a_wrong_command_line(tmp_path: Path) -> None:
    done = run("blueprint", "check", str(tmp_path / "none.yaml"), data=tmp_path)
    assert done.returncode == 2
    assert "cannot read" in done.stderr


def test_a_blueprint_goes_in_and_comes_out_again(wiring: Wiring, owner: Actor, settings: Settings, tmp_path: Path) -> None:
    came_in = run("blueprint", "import", TRIAGE, settings=settings)
    assert came_in.returncode == 0, came_in.stderr
    assert "it will  Ask language models" in came_in.stderr
    with wiring.unit(owner) as unit:
        assert [card.name for card in list_workflows(unit).items] == ["Customer question triage"]
    out = tmp_path / "out.yaml"
    went_out = run("blueprint", "export", "Customer question triage", "-o", str(out), settings=settings)
    assert went_out.returncode == 0, went_out.stderr
    original, again = decode(Path(TRIAGE).read_bytes()), decode(out.read_bytes())
    assert again.workflows["customer_question_triage"] == original.workflows["customer_triage"]
    assert again.agents == original.agents
    assert run("blueprint", "export", "Customer question triage", settings=settings).stdout == out.read_text(encoding="utf-8")


def test_nothing_comes_in_from_a_wrong_file(wiring: Wiring, owner: Actor, settings: Settings) -> None:
    done = run("blueprint", "import", "-", settings=settings, text="apiVersion: agentfactory/v1\nkind: Bundle\nx: !!python/name:os.system")
    assert done.returncode == 1
    assert "Tags are not allowed" in done.stderr
    assert "Traceback" not in done.stderr
    with wiring.unit(owner) as unit:
        assert list_workflows(unit).total == 0


def test_with_several_workspaces_one_must_be_named(wiring: Wiring, owner: Actor, settings: Settings) -> None:
    with wiring.unit() as unit:
        make_member(unit, Role.OWNER)
    done = run("blueprint", "import", TRIAGE, settings=settings)
    assert done.returncode == 1
    assert str(owner.workspace_id) in done.stderr
    done = run("blueprint", "import", TRIAGE, "--workspace", str(owner.workspace_id), settings=settings)
    assert done.returncode == 0, done.stderr


def test_a_workflow_that_is_not_there_is_said_so(owner: Actor, settings: Settings) -> None:
    done = run("blueprint", "export", "Nothing", settings=settings)
    assert done.returncode == 1
    assert "does not exist" in done.stderr


def test_the_workspace_that_holds_the_workflow_is_meant(wiring: Wiring, owner: Actor, settings: Settings) -> None:
    with wiring.unit() as unit:
        other = make_member(unit, Role.OWNER, name="Otto Owner")
    run("blueprint", "import", TRIAGE, "-w", str(owner.workspace_id), settings=settings)
    done = run("blueprint", "export", "Customer question triage", settings=settings)
    assert done.returncode == 0, done.stderr
    assert "name: Customer question triage" in done.stdout
    run("blueprint", "import", TRIAGE, "-w", str(other.workspace_id), settings=settings)
    done = run("blueprint", "export", "Customer question triage", settings=settings)
    assert done.returncode == 1
    assert f"-w {owner.workspace_id}" in done.stderr
