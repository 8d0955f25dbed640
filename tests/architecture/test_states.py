"""Reflex states stay thin, and every public method of a state is a declared event or var: any browser can call it."""

import ast

import pytest

from tests.support.source import SourceFile, product_files

MAX_LINES = 150
MAX_VARS = 12
ALLOWED = ("rx.event", "rx.var", "property", "staticmethod", "classmethod")


def states() -> list[tuple[SourceFile, ast.ClassDef]]:
    return [(file, node) for file in product_files() for node in file.classes() if is_state(node)]


def is_state(node: ast.ClassDef) -> bool:
    bases = [ast.unparse(base).split("[")[0] for base in node.bases]
    return any(base in ("rx.State", "Bridge", "rx.ComponentState") or base.endswith("State") for base in bases)


def decorators(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [ast.unparse(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list]


@pytest.mark.parametrize(("file", "node"), [pytest.param(f, n, id=f"{f.name}:{n.name}") for f, n in states()])
def test_a_state_is_thin_and_declares_what_a_browser_may_call(file: SourceFile, node: ast.ClassDef) -> None:
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    undeclared = [m.name for m in methods if not m.name.startswith("_") and not any(d.startswith(ALLOWED) for d in decorators(m))]
    assert not undeclared, "decorate with @rx.event or @rx.var, or start the name with an underscore"
    variables = [item for item in node.body if isinstance(item, ast.AnnAssign) and not ast.unparse(item.target).startswith("_")]
    assert len(variables) <= MAX_VARS
    assert (node.end_lineno or 0) - node.lineno < MAX_LINES


def test_what_begins_by_loading_can_say_why_nothing_came() -> None:
    silent = []
    for file, node in states():
        fields = {ast.unparse(item.target): ast.unparse(item.value) for item in node.body if isinstance(item, ast.AnnAssign) and item.value}
        if fields.get("is_loading") == "True" and "problem" not in fields:
            silent.append(f"{file.name}:{node.name}")
    assert not silent, "mix in pages.loading.Loading, or give it a `problem`"
