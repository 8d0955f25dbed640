"""`agent-factory run`: a file in the process, a saved workflow on a real worker; results on one stream, steps on the other."""

import json
from pathlib import Path

import pytest

from app.core.config import Settings
from app.services.templates import FOLDER, create_from_template
from app.wiring import Wiring
from models.workspace import Role
from tests.cli.test_blueprint import run
from tests.support.people import make_member
from tests.support.workers import WorkerProcess

TRIAGE = str(FOLDER / "customer_triage.yaml")
SUMMARY = str(FOLDER / "document_summary.yaml")


def test_the_result_is_on_one_stream_and_the_steps_on_the_other(tmp_path: Path) -> None:
    done = run("run", TRIAGE, "--input", "question=How do I locate my card?", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["category"] == "card_delivery"
    assert "Classify the question" in done.stderr
    assert "skipped" in done.stderr


def test_json_holds_everything(tmp_path: Path) -> None:
    done = run("run", TRIAGE, "--test", "A plain question is answered at once", "--json", "--quiet", data=tmp_path)
    whole = json.loads(done.stdout)
    assert whole["status"] == "succeeded"
    assert whole["usage"]["calls"] == 2
    assert whole["usage"]["input_tokens"] > 100
    assert done.stderr == ""


def test_an_approval_waits_or_is_answered(tmp_path: Path) -> None:
    question = "question=I was charged twice. I want my money back."
    waits = run("run", TRIAGE, "-i", question, data=tmp_path)
    assert waits.returncode == 3
    assert "--answer approve=hand_over (" in waits.stderr
    assert waits.stdout == ""
    done = run("run", TRIAGE, "-i", question, "--answer", "approve=hand_over", data=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["handled_by"] == "taken over by a person"


def test_inputs_come_from_files_and_single_values(tmp_path: Path) -> None:
    inputs, document = tmp_path / "inputs.json", tmp_path / "document.txt"
    inputs.write_text('{"points": 1, "document": "old"}', encoding="utf-8")
    document.write_text("The council met on Monday. It decided to plant 400 trees.\n\nWork begins in May.", encoding="utf-8")
    done = run("run", SUMMARY, "--input-file", str(inputs), "-i", f"document=@{document}", "-q", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "400 trees" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ((TRIAGE,), 2, "question is required"),
        ((TRIAGE, "-i", "question"), 2, "not name=value"),
        ((TRIAGE, "-i", "question=x", "-i", "colour=red"), 2, "colour is not a field"),
        ((SUMMARY, "-i", "document=x", "-i", "points=many"), 2, "points must be a whole number"),
        ((TRIAGE, "--test", "Nothing"), 2, "has these tests"),
        ((TRIAGE, "--workflow", "other"), 2, "customer_triage"),
        (("none.yaml",), 2, "--queue"),
        ((TRIAGE, "--input-file", "none.json"), 2, "cannot read"),
    ],
)
def test_a_wrong_command_line_is_explained(tmp_path: Path, words: tuple[str, ...], code: int, part: str) -> None:
    done = run("run", *words, data=tmp_path)
    assert done.returncode == code
    assert part in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_a_workflow_with_errors_is_not_started(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(Path(TRIAGE).read_text(encoding="utf-8").replace("{{ draft.text }}", "{{ drafft.text }}"), encoding="utf-8")
    done = run("run", str(bad), "-i", "question=x", data=tmp_path)
    assert done.returncode == 1
    assert "Did you mean 'draft'?" in done.stderr


def test_a_failed_run_says_where_and_why(tmp_path: Path) -> None:
    text = Path(TRIAGE).read_text(encoding="utf-8").replace("model: demo/classifier", "model: demo/flaky")
    bad = tmp_path / "flaky.yaml"
    bad.write_text(text.replace("retry: {attempts: 3, delay_s: 2}", "retry: {attempts: 1}"), encoding="utf-8")
    done = run("run", str(bad), "-i", "question=x", data=tmp_path)
    assert done.returncode == 1
    assert "The run failed. classify:" in done.stderr


def test_a_saved_workflow_runs_on_the_workers(wiring: Wiring, settings: Settings) -> None:
    with wiring.unit() as unit:
        unit.actor = make_member(unit, Role.OWNER)
        create_from_template(unit, key="customer_triage")
    worker = WorkerProcess(settings, module="tests.support.shipped_worker").ready()
    try:
        name = "Customer question triage"
        done = run("run", name, "--queue", "-i", "question=How do I locate my card?", "--json", settings=settings)
        assert done.returncode == 0, done.stderr
        whole = json.loads(done.stdout)
        assert whole["output"]["category"] == "card_delivery"
        assert whole["run_id"] in done.stderr
        assert "Classify the question" in done.stderr
        waits = run("run", name, "--queue", "-i", "question=I want my money back", settings=settings)
        assert waits.returncode == 3
    finally:
        worker.kill()
