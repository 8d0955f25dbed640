"""What the command itself says: its version, its switches, and that nothing is installed where it looks."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*words: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("AF_") and name != "DATABASE_URL"}
    command = [sys.executable, "-m", "app.cli", *words]
    there = {**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": "120", **environment}
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
