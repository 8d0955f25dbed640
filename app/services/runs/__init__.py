"""Runs: starting, journaling, claiming, cancelling, deciding and reading. Edges call what is listed here; workers also the modules."""

from app.services.runs.approvals import decide_approval, resolve_unknown_effect
from app.services.runs.cancel import cancel_run, request_cancel
from app.services.runs.comparing import compare_runs
from app.services.runs.forks import describe_fork, fork_run, get_blank_result
from app.services.runs.inputs import get_run_form
from app.services.runs.queries import get_approval, get_run, get_run_row, get_step, list_approvals, list_runs, read_events
from app.services.runs.signals import list_signal_waits, send_signal
from app.services.runs.start import retry_run, start_chat_run, start_run
from app.services.runs.tracing import get_attempt, read_moments
from app.services.runs.trials import run_from, run_step, run_until, start_test_run

__all__ = [
    "cancel_run",
    "compare_runs",
    "decide_approval",
    "describe_fork",
    "fork_run",
    "get_approval",
    "get_attempt",
    "get_blank_result",
    "get_run",
    "get_run_form",
    "get_run_row",
    "get_step",
    "list_approvals",
    "list_runs",
    "list_signal_waits",
    "read_events",
    "read_moments",
    "request_cancel",
    "resolve_unknown_effect",
    "retry_run",
    "run_from",
    "run_step",
    "run_until",
    "send_signal",
    "start_chat_run",
    "start_run",
    "start_test_run",
]
