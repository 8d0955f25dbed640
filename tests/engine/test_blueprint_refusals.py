"""Files that are no blueprint: each is refused by its cause, with the remedy that mends it, and not by what follows from it."""

import pytest

from engine.blueprint.codec import decode
from engine.errors import SpecError
from tests.engine.test_blueprint import GOOD


@pytest.mark.parametrize(
    ("old", "new", "part", "line"),
    [
        *(
            ("agentfactory/v1", version, "Write 'apiVersion: agentfactory/v1'", 1)
            for version in ("agentfactory/v0", "apps/v1", "2", "[a]", "")
        ),
        ("{name: Test, version: 1.0.0}", "Test", "'metadata' must have fields", 3),
        ("version: 1.0.0", "version: 2", "Put it in quotes", 3),
        ("  w:\n", "  w:\n    schema_version: '3'\n", "from 1 to 3, not the text '3'", 6),
        ("apiVersion: agentfactory/v1\n", "", "Write 'apiVersion: agentfactory/v1'", None),
    ],
)
def test_what_was_never_a_version_or_of_the_wrong_type_is_told_as_such(old: str, new: str, part: str, line: int) -> None:
    with pytest.raises(SpecError) as caught:
        decode(GOOD.replace(old, new))
    [finding] = caught.value.findings
    assert part in str(finding)
    assert finding.line == line


def test_a_wrong_short_name_is_told_where_it_is_given_and_not_wherever_it_is_used() -> None:
    with pytest.raises(SpecError) as caught:
        decode(GOOD.replace("  w:\n", "  W!:\n") + "tests: [{name: x, workflow: W!}]\n")
    assert [finding.field for finding in caught.value.findings] == ["workflows.W!"]
