"""The console of `up`: only what needs eyes, readable, and quiet otherwise."""

import io
import json

from app.supervisor.console import Console


def shown(*lines: str, verbose: bool = False) -> str:
    stream = io.StringIO()
    console = Console(stream, verbose=verbose)
    for line in lines:
        console.child_line("worker-1", line)
    return stream.getvalue()


def test_routine_records_stay_in_the_log_file() -> None:
    assert shown(json.dumps({"level": "info", "event": "run finished"}), "") == ""


def test_warnings_and_errors_are_shown_with_their_last_word() -> None:
    text = shown(json.dumps({"level": "error", "event": "run failed", "exception": "Traceback\n  x\nValueError: no"}))
    assert text == "worker-1  │ error run failed ValueError: no\n"


def test_a_bare_traceback_line_is_shown() -> None:
    assert "ZeroDivisionError" in shown("ZeroDivisionError: division by zero", "{not json")


def test_verbose_shows_everything() -> None:
    assert "run finished" in shown(json.dumps({"level": "info", "event": "run finished"}), verbose=True)


def test_a_box_frames_its_lines_evenly() -> None:
    stream = io.StringIO()
    Console(stream).box(["short", "a longer line"])
    lines = [line for line in stream.getvalue().splitlines() if line]
    assert len({len(line) for line in lines}) == 1


def test_a_line_that_repeats_is_shown_once() -> None:
    line = json.dumps({"level": "warning", "event": "the queue does not answer"})
    assert shown(line, line, line).count("queue") == 1
