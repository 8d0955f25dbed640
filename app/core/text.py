"""Untrusted text: refuses what databases, terminals and readers cannot bear; services call it on every text a client sends."""

import re
import unicodedata

from app.core.errors import Invalid

_LINE_BREAKING = re.compile(r"[\s\u2028\u2029]+")
# Bidirectional overrides and isolates let a text show another order than it has.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text_problem(text: object, *, max_length: int, label: str) -> str:
    """Return what is wrong with a text in plain words, or ""."""
    if not isinstance(text, str):
        return f"{label} must be text."
    if len(text) > max_length:
        return f"{label} is too long: {len(text):,} characters, at most {max_length:,} are allowed."
    for character in text:
        if character == "\x00":
            return f"{label} contains a NUL character. Remove it, for example by typing the text again."
        if "\ud800" <= character <= "\udfff":
            return f"{label} contains half of a character (a lone surrogate). Delete the broken symbol and type it again."
    return ""


def search_words(text: object, *, max_length: int = 200) -> str:
    """Return what to look for, with single blanks; a search for what cannot be stored finds everything rather than failing."""
    words = " ".join(text[:max_length].split()) if isinstance(text, str) else ""
    return "" if text_problem(words, max_length=max_length, label="Search") else words


def clean_text(text: object, *, max_length: int, label: str, field: str) -> str:
    """Return a text of many lines with unified line ends, or raise Invalid for the field."""
    problem = text_problem(text, max_length=max_length, label=label)
    if problem:
        raise Invalid(problem, fields={field: problem})
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def clean_line(text: object, *, max_length: int, label: str, field: str, is_required: bool = True) -> str:
    """Return one line without control characters and doubled blanks, or raise Invalid for the field."""
    # Blanks around the text do not count against the limit, but a huge text is not worth normalizing.
    candidate = text.strip() if isinstance(text, str) and len(text) <= 20 * max_length else text
    problem = text_problem(candidate, max_length=max_length, label=label)
    if problem:
        raise Invalid(problem, fields={field: problem})
    line = _LINE_BREAKING.sub(" ", str(candidate))
    line = "".join(c for c in line if c not in _BIDI and unicodedata.category(c) != "Cc").strip()
    if is_required and not line:
        message = f"{label} must not be empty."
        raise Invalid(message, fields={field: message})
    return line
