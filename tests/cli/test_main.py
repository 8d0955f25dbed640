"""What the command itself says: its version, its switches, and that nothing is installed where it looks."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from app.cli.main import COMMANDS, command_line, outline

ROOT = Path(__file__).parents[2]


def run(*words: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("AF_") and name != "DATABASE_URL"}
    command = [sys.executable, "-m", "app.cli", *words]
    there = {**inherited, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'sdk'}", "COLUMNS": "120", **environment}
    return subprocess.run(command, cwd=cwd, env=there, capture_output=True, text=True, check=False, timeout=60)


def test_the_version_is_told() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert run("--version").stdout == f"Agent Factory {version}\n"


def test_the_help_shows_no_type_behind_a_switch() -> None:
    shown = run("agents", "list", "--help").stdout
    assert "--json" in shown
    assert "<str>" in shown
    assert "<bool>" not in shown


def test_a_folder_without_an_installation_is_told_from_a_database_that_is_away(tmp_path: Path) -> None:
    data = tmp_path / ".data"
    for _ in range(2):
        refused = run("blueprint", "export", "Answers", cwd=tmp_path)
        assert refused.returncode == 2
        told = " ".join(refused.stderr.split())  # long folders break the line
        assert f"No installation was found in {data}" in told
        assert "AF_DATA_DIR=" in told
        data.mkdir(exist_ok=True)


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    whole, listed = (typer.main.get_command(one) for one in (command_line([]), outline()))
    told = [{name: (command.help or "").partition("\n\n")[0] for name, command in one.commands.items()} for one in (whole, listed)]  # type: ignore[attr-defined]
    assert told[0] == told[1]


@pytest.mark.parametrize("words", [["runs", "list", "--help"], ["--version"], ["--help"]])
def test_what_speaks_to_an_api_brings_no_server_along(words: list[str]) -> None:
    heavy = ("sqlalchemy", "reflex", "litellm", "fastapi", "app.services")
    script = f"import sys; sys.argv[1:] = {words}\nfrom app.cli.main import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
    found = subprocess.run(
        [sys.executable, "-c", f"{script}print([one for one in {heavy} if one in sys.modules])"], capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines()[-1] == "[]"


AS_INSTALLED = "import sys; sys.argv[0] = 'agent-factory'\nfrom app.cli.main import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
MODULES = "print(sorted(one for one in sys.modules if one in set(__import__('app.cli.main').cli.main.COMMANDS.values())))"


@pytest.mark.parametrize(
    ("typed", "offered", "imported"),
    [
        ("agent-factory age", {"agents"}, []),
        ("agent-factory run", {"run", "runs"}, []),
        ("agent-factory ", set(COMMANDS), []),
        ("agent-factory agents li", {"list"}, ["app.cli.agents", "app.cli.members"]),
        ("agent-factory coupons ", {"list", "create", "pause", "resume"}, ["app.cli.coupons"]),
        ("agent-factory agents list --js", {"--json"}, ["app.cli.agents", "app.cli.members"]),
    ],
)
def test_a_shell_that_asks_what_could_follow_is_answered_from_the_modules_that_the_command_needs(
    typed: str, offered: set[str], imported: list[str]
) -> None:
    asked = {"_AGENT_FACTORY_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": typed}
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("AF_")}
    told = subprocess.run(
        [sys.executable, "-c", AS_INSTALLED + MODULES], env={**inherited, **asked}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    *lines, modules = told.stdout.splitlines()
    assert {line.partition("\t")[0] for line in lines if line} == offered
    assert modules == str(imported)
