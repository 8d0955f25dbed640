"""Documents that must keep up with the code: settings, commands, decisions, and links between pages."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.source import ROOT, product_files

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
VARIABLE = re.compile(r"(?:AF_[A-Z_]+|DATABASE_URL|REDIS_URL|[A-Z]+_(?:API_KEY|BASE_URL|API_BASE))")


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    readers = [file for file in product_files() if file.name in ("app/core/config.py", "app/core/identity_settings.py")]
    nodes = [node for file in readers for node in ast.walk(file.tree)]
    strings = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    read = {text for text in strings if VARIABLE.fullmatch(text)}
    documented = set(VARIABLE.findall((ROOT / "docs/configuration.md").read_text(encoding="utf-8")))
    assert documented == read


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:|#", target)]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    text = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)*test_\w+)`", text))
    files = {path.relative_to(ROOT / "tests").with_suffix("").as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    missing = [name for name in sorted(named) if name not in files and f"faults/{name}" not in files]
    assert named
    assert not missing


def test_every_fault_test_stands_in_the_table() -> None:
    text = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    assert not [path.stem for path in sorted((ROOT / "tests/faults").glob("test_*.py")) if f"`{path.stem}`" not in text]
