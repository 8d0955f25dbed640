"""What others have written, on its way to a terminal: it must not steer it, forge lines or turn text around."""

import unicodedata

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # Persian and Hindi words and the emoji of families need them
_HINT = "\N{SOFT HYPHEN}"  # where a word may be broken; nothing is seen of it


def clean(text: str) -> str:
    """The text without escape sequences, bidi marks, other zero-width marks, NUL and lone surrogates; lines and tabs stay."""
    text = text.replace("\r\n", "\n").replace(_HINT, "")
    return "".join(one if one.isprintable() or one in "\n\t" or one in JOINERS else _instead(one) for one in text)


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def _instead(one: str) -> str:
    return " " if unicodedata.category(one) == "Zs" else UNKNOWN
