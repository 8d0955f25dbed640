"""What is sealed is opened in a few named places; everybody else reads the face. Runs are read through the unit of work (test_sharing)."""

import ast

from tests.support.source import product_files

OPENERS = {
    "app/services/market/queue.py:get_case": "operators decide about all of it",
    "app/services/market/reading.py:get_listing": "whole for its seller's workspace only",
    "app/services/market/trying.py:start_trial": "pinned under the same mark; what comes back is the result",
    "app/services/sealed.py:open_installed": "pinned under a mark that keeps its runs from everybody's sight",
    "app/services/sealed.py:read_package": "what it opens goes out as the face",
}
TEXT_READERS = {
    "app/services/sealed.py:open_package": "the one place that decodes a version",
    "app/services/market/packages.py:is_intact": "compares the digest",
}


def test_only_named_places_open_what_is_sealed() -> None:
    found = {f"{file.name}:{name}" for file in product_files() for name, function in file.functions() if calls(function, "open_package")}
    assert found == set(OPENERS)


def test_only_named_places_read_the_text_of_a_version() -> None:
    readers = {f"{file.name}:{name}" for file in product_files() for name, function in file.functions() if reads_text(function)}
    assert readers == set(TEXT_READERS)


def calls(function: ast.AST, wanted: str) -> bool:
    return any(isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == wanted for node in ast.walk(function))


def reads_text(function: ast.AST) -> bool:
    """Whether it reads `.bundle` of something called version, before or after."""
    read = (node for node in ast.walk(function) if isinstance(node, ast.Attribute) and node.attr == "bundle")
    return any(isinstance(node.value, ast.Name) and node.value.id in ("version", "before", "after", "row") for node in read)
