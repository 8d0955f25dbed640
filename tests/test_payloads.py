"""What a browser sends is of the kind the handler's annotations name, and holds no halves of characters."""

from typing import Any

import pytest

from app.payloads import mended, misfit

HINTS: dict[str, Any] = {
    "text": str,
    "isOpen": bool,
    "count": int,
    "form": dict[str, Any],
    "rows": list[str],
    "either": str | None,
    "any": Any,
}


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x", "isOpen": True, "count": 3, "form": {"a": 1}, "rows": ["x"], "either": None, "any": {}},
        {"text": 7, "isOpen": None, "count": 1.5, "unknown": [[]]},
        {},
    ],
)
def test_what_pages_send_fits(payload: dict[str, Any]) -> None:
    assert misfit(HINTS, payload) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", {}),
        ("text", []),
        ("isOpen", []),
        ("count", {"$gt": 1}),
        ("form", "x"),
        ("form", None),
        ("rows", "x"),
        ("rows", {}),
        ("either", []),
    ],
)
def test_another_kind_of_value_is_named(name: str, value: object) -> None:
    assert misfit(HINTS, {"any": 1, name: value}) == name


def test_halves_of_characters_are_replaced_wherever_they_stand() -> None:
    assert mended({"a\ud800": ["x\udc00y", {"b": "\U0001f600"}], "n": 1}) == {"a\ufffd": ["x\ufffdy", {"b": "\U0001f600"}], "n": 1}
