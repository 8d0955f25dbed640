"""`agent-factory test`: a file's tests in the process, failures with what was wanted and found, exit codes for scripts."""

import json
from pathlib import Path

from app.services.templates import FOLDER
from tests.cli.test_blueprint import run

TRIAGE = FOLDER / "customer_triage.yaml"


def test_the_tests_of_a_file_pass(tmp_path: Path) -> None:
    done = run("test", str(TRIAGE), data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("passed") == 3
    assert "3 passed, 0 failed" in done.stderr


def test_a_failure_says_what_was_wanted_and_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        TRIAGE.read_text(encoding="utf-8").replace("rule: equals, value: refund", "rule: equals, value: transfer"), encoding="utf-8"
    )
    done = run("test", str(wrong), "--json", data=tmp_path)
    assert done.returncode == 1
    failed = [one for one in json.loads(done.stdout) if not one["has_passed"]]
    assert [one["name"] for one in failed] == ["A double charge waits for a person"]
    assert [(r["what"], r["wanted"], r["found"]) for r in failed[0]["results"] if not r["has_passed"]] == [
        ("category is exactly", "transfer", "refund")
    ]


def test_only_the_named_test_runs_and_a_wrong_name_lists_those_there_are(tmp_path: Path) -> None:
    done = run("test", str(TRIAGE), "--test", "A double charge is asked about", data=tmp_path)
    assert (done.returncode, "1 passed, 0 failed" in done.stderr) == (0, True)
    done = run("test", str(TRIAGE), "-t", "Nope", data=tmp_path)
    assert done.returncode == 2
    assert "A double charge is asked about" in done.stderr


def test_a_file_without_tests_is_nothing_to_test(tmp_path: Path) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text(TRIAGE.read_text(encoding="utf-8").split("\ntests:\n")[0] + "\n", encoding="utf-8")
    done = run("test", str(bare), data=tmp_path)
    assert done.returncode == 2
    assert "has no tests" in done.stderr
