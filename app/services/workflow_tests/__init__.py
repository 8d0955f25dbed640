"""Tests of workflows: keep them, make one of a past run, run them on the workers, and say what did not come out as expected."""

from app.services.workflow_tests.keeping import add_test_from_run, copy_test, delete_test, list_tests, save_test
from app.services.workflow_tests.running import run_tests

__all__ = ["add_test_from_run", "copy_test", "delete_test", "list_tests", "run_tests", "save_test"]
