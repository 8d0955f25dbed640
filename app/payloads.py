"""What a browser may send to a handler: values of the kind its annotations name, and text that can be written down again."""

import re
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

_HALF = re.compile("[\ud800-\udfff]")


def misfit(hints: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """The first argument that is no text, list or object where its handler takes one; "" when all fit.

    Only containers are told apart: what a number or null means for a text is the handler's business.
    """
    return next((name for name, value in payload.items() if name in hints and not _fits(value, hints[name])), "")


def _fits(value: object, hint: Any) -> bool:
    kind = get_origin(hint) or hint
    if kind in (Union, types.UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    if kind is types.NoneType:
        return value is None
    if kind in (str, bool, int, float):
        return not isinstance(value, list | dict)
    if kind in (list, tuple, set):
        return isinstance(value, list)
    return not (isinstance(kind, type) and issubclass(kind, Mapping)) or isinstance(value, Mapping)


def mended(value: Any) -> Any:
    """The same with every half of a character, which no other end could encode, replaced; raises RecursionError for bottomless values."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [mended(item) for item in value]
    if isinstance(value, dict):
        return {mended(name): mended(item) for name, item in value.items()}
    return value
