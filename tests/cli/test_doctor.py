"""`agent-factory doctor` and `migrate`: what they say about a healthy, an empty and a broken installation."""

import os
import subprocess
import sys
from pathlib import Path

from app.core.config import Settings
from tests.support.source import ROOT


def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AF_", "DATABASE_URL", "REDIS_URL"))}
    words = [sys.executable, "-m", "app.cli", command]
    return subprocess.run(words, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=False, timeout=60)


def line(output: str, name: str) -> str:
    return next(text for text in output.splitlines() if name in text)


def test_a_healthy_installation_is_described(settings: Settings, tmp_path: Path) -> None:
    done = run("doctor", AF_DATA_DIR=str(tmp_path), DATABASE_URL=settings.database_url, REDIS_URL=settings.redis_url)
    assert "revision" in line(done.stdout, "Database")
    assert line(done.stdout, "Redis").startswith("•")
    assert line(done.stdout, "Data ").startswith("•")


def test_a_broken_installation_names_each_remedy_and_fails(tmp_path: Path) -> None:
    done = run(
        "doctor", AF_DATA_DIR=str(tmp_path), DATABASE_URL="postgresql://nobody:secret@127.0.0.1:9/x", REDIS_URL="redis://127.0.0.1:9"
    )
    assert done.returncode == 1
    assert "Check DATABASE_URL" in done.stdout
    assert "Check REDIS_URL" in done.stdout
    assert "secret" not in done.stdout + done.stderr


def test_a_new_database_is_told_to_migrate_and_migrating_mends_it(tmp_path: Path) -> None:
    assert "agent-factory migrate" in run("doctor", AF_DATA_DIR=str(tmp_path)).stdout
    assert run("migrate", AF_DATA_DIR=str(tmp_path)).returncode == 0
    assert line(run("doctor", AF_DATA_DIR=str(tmp_path)).stdout, "Database").startswith("•")


def test_an_unknown_command_lists_the_known_ones() -> None:
    done = run("fly")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "up" in run("--help").stdout
