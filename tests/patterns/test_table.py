"""docs/patterns.md names all 43 patterns, and no test that is not there."""

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE.parents[1] / "docs" / "patterns.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| ([^|]+) \| (.) \| ([^|]+) \|([^|]*)\|$", TABLE, re.MULTILINE)
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
TESTS = set(re.findall(r"async def (test_\w+)", SOURCES))


def test_every_pattern_has_its_line() -> None:
    assert sorted(int(row[0]) for row in ROWS) == list(range(1, 44))


def test_every_line_says_how_and_names_tests_that_exist() -> None:
    for number, _, mark, how, named in ROWS:
        found = re.findall(r"`(\w+)`", named)
        assert how.strip()
        assert bool(found) == (mark == "✓") or mark == "◐", number
        assert set(found) <= TESTS, number


def test_every_test_of_a_pattern_stands_in_the_table() -> None:
    named = {test for row in ROWS for test in re.findall(r"`(\w+)`", row[4])}
    assert {test for test in TESTS if test.startswith("test_wcp")} <= named
