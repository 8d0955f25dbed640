"""What every file of the product keeps to: size, a docstring, plain names. Exemptions may shrink, never grow."""

import ast
import re

import pytest

from tests.support.source import ROOT, SourceFile, product_files, suite_files

FILE_LINES = 400
FUNCTION_LINES = 40
POSITIONAL = 5  # beyond `self`; callers of longer lists must name the arguments
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "data", "info", "misc", "common", "new", "old"}

LONGER_FILES: dict[str, int] = {}
"""File -> its present length. Lower a number when the file shrinks; never raise one."""

LONGER_FUNCTIONS: dict[str, int] = {}
"""`file:function` -> its present length. Lower a number when the function shrinks; never raise one."""


def files(*, with_tests: bool = False) -> list[SourceFile]:
    return [*product_files(), *(suite_files() if with_tests else ())]


def test_no_file_is_longer_than_its_limit() -> None:
    lengths = {file.name: file.lines for file in files(with_tests=True) if file.lines > LONGER_FILES.get(file.name, FILE_LINES)}
    assert not lengths, f"split these files by use case: {lengths}"


def test_no_function_is_longer_than_its_limit() -> None:
    too_long = {}
    for file in files(with_tests=True):
        for name, node in file.functions():
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGER_FUNCTIONS.get(f"{file.name}:{name}", FUNCTION_LINES):
                too_long[f"{file.name}:{name}"] = length
    assert not too_long, f"split these functions: {too_long}"


def test_exemptions_are_not_looser_than_they_must_be() -> None:
    lengths = {file.name: file.lines for file in files(with_tests=True)}
    loose = {name: limit for name, limit in LONGER_FILES.items() if lengths.get(name, 0) < limit}
    assert not loose, f"lower or remove these exemptions: {loose}"


def test_every_file_says_why_it_exists() -> None:
    silent = [file.name for file in files(with_tests=True) if not docstring_fits(file)]
    assert not silent, f"these files need a docstring of one to three sentences: {silent}"


def docstring_fits(file: SourceFile) -> bool:
    text = ast.get_docstring(file.tree) or ""
    paragraph = text.split("\n\n")[0]
    return bool(paragraph) and len(re.findall(r"[.!?](?:\s|$)", paragraph)) <= 4


def test_no_module_has_an_empty_name() -> None:
    banned = [file.name for file in files() if set(file.name.removesuffix(".py").split("/")) & BANNED_NAMES]
    assert not banned, f"name these modules after what they hold: {banned}"


def test_long_parameter_lists_are_keyword_only() -> None:
    crowded = {}
    for file in files():
        for name, node in file.functions():
            positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args) if argument.arg not in ("self", "cls")]
            if len(positional) > POSITIONAL:
                crowded[f"{file.name}:{name}"] = len(positional)
    assert not crowded, f"make the later parameters keyword-only: {crowded}"


@pytest.mark.parametrize("folder", [".", "alembic"])
def test_no_package_file_stands_where_it_would_shadow_a_library_or_stop_reflex(folder: str) -> None:
    assert not (ROOT / folder / "__init__.py").exists()


def test_nothing_is_left_unfinished() -> None:
    pattern = re.compile(r"(?i)(?<!['\"])\b(todo|fixme|xxx)\b|coming soon|not implemented yet")  # a word in quotes is data
    found = [f"{file.name}: {line.strip()}" for file in files() for line in file.text.splitlines() if pattern.search(line)]
    assert not found


def test_every_block_of_a_style_sheet_is_closed() -> None:
    open_blocks = {}
    for sheet in sorted([*(ROOT / "assets").rglob("*.css"), *(ROOT / "components").rglob("*.css")]):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        if text.count("{") != text.count("}"):
            open_blocks[str(sheet.relative_to(ROOT))] = text.count("{") - text.count("}")
    assert not open_blocks, f"the interface cannot be built: {open_blocks}"
