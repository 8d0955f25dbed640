"""A required list without entries is empty, whichever way a run is started."""

import pytest

from engine.errors import Permanent
from engine.nodes.fields import FormField, read_form


def test_a_required_list_without_entries_is_refused() -> None:
    with pytest.raises(Permanent) as refused:
        read_form((FormField.model_validate({"name": "items", "type": "list"}),), {"items": []})
    assert refused.value.details == {"items": "is required"}


def test_an_optional_list_may_have_no_entries_and_a_default_stands_for_them() -> None:
    assert read_form((FormField.model_validate({"name": "items", "type": "list", "required": False}),), {"items": []}) == {"items": []}
    assert read_form((FormField.model_validate({"name": "items", "type": "list", "default": ["a"]}),), {"items": []}) == {"items": ["a"]}
