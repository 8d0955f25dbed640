"""Finds facts in a text by their usual shape (labelled lines, e-mails, dates, amounts, names) to fill fields and tool arguments."""

import json
import re
from calendar import monthrange
from datetime import date
from typing import Any

from app.adapters.llm_demo.language import STOP_WORDS, content_stems, sentences, stem, words

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
URL = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
PHONE = re.compile(r"(?<![\w.])\+?\d[\d ()/-]{6,20}\d(?!\w)")
FIGURE = (  # 1,250.50, 1.250,50, 1 250,50, 1'250.50, 340,00, 12.5 and 12
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d{1,2}|\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+[.,]\d{2}"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d+,\d{1,2}|\d+(?:\.\d+)?)(?!\w|[.,]\d)"
)
NUMBER = re.compile(rf"(?<![\w.,])[-+]?{FIGURE}")
MONEY = re.compile(
    rf"(?:[$€£¥]|USD|EUR|GBP|CHF)\s?({FIGURE})|(?<![\w.,])({FIGURE})\s?(?:[$€£¥]|USD|EUR|GBP|CHF|dollars?|euros?|pounds?)",
    re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"[-+]?\d[\d. \u00a0\u202f]*,\d{1,2}")
_ONLY_GROUPS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3}){2,}")
REFERENCE = re.compile(r"(?<![\w-])(?:#\s?\d{3,}|[A-Z]{1,5}[-_]?\d{3,}(?:-\d+)*)(?![\w-])")
TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?\b")
_LINE = re.compile(r"^\s*[-*•]?\s*([A-Za-z][\w ./()-]{0,40}?)\s*[:=]\s*(\S.*?)\s*$", re.MULTILINE)
_NEXT_LABEL = re.compile(r"[.;,][ \t]+(?=[A-Z][A-Za-z]{1,20}(?: [a-z]{1,15}){0,2}:[ \t])")
_HEADS = re.compile(
    r"(?<![\w.,])(\d[\d,]*) (?:\w+ )?(?:seats?|people|persons|users?|licen[cs]es|employees|colleagues|agents|staff|members)\b"
    r"|\bteam of (?:about |around |up to )?(\d[\d,]*)",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([A-Z][a-z]{2,8})\.?,? (\d{4})\b")
_MONTH_FIRST = re.compile(r"\b([A-Z][a-z]{2,8})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b")
_SLASHED = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CAPITALS = r"[A-Z][\w'\u2019-]+(?: (?:[a-z]{2,3} )?[A-Z][\w'\u2019-]+){0,3}"
_NAMED = re.compile(
    rf"(?:my name is|i am|i'm|this is|name:|from:|regards,|best,|sincerely,|cheers,|thanks,|signed,?|dear)\s+({_CAPITALS})", re.IGNORECASE
)
_FULL_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z][a-z]+ [A-Z][a-z]+)\b")
_SIGNED = re.compile(r"[.!?\n]\s*([A-Z][a-z]+(?: [A-Z]\.)? [A-Z][a-z]+)\s*$")
_COMPANY = re.compile(rf"\b(?:at|from|for|with|of|company:?)\s+((?:{_CAPITALS})(?: (?:Inc|Ltd|GmbH|AG|LLC|Corp|SA|plc)\b\.?)?)")
_SUFFIXED = re.compile(
    rf"({_CAPITALS}(?: & {_CAPITALS})?(?: &)? "
    r"(?:Inc|Ltd|Limited|GmbH|AG|KG|SE|LLC|Corp|Corporation|Company|Bank|Group|plc|SARL|BV|SpA|Srl|Oy|AB|ApS)\b)"
)
_OF = re.compile(r"\b(?:at|from|of|company:?)\s$", re.IGNORECASE)
_PLACE = re.compile(rf"\b(?:in|to|from|near|at)\s+({_CAPITALS})")
_FIRST_PERSON = ("am", "i", "i'm", "writing", "a", "the", "not", "very", "so", "still")


def labelled(text: str) -> dict[str, str]:
    """Values of lines such as `Order: 4711`, by label; several may stand in one line: `Order: 4711. Amount: 39.90.`"""
    return {found[1].strip(): found[2] for found in _LINE.finditer(_NEXT_LABEL.sub("\n", text))}


def embedded_json(text: str) -> Any:
    """The first JSON object or array that stands in the text, or None."""
    decoder = json.JSONDecoder()
    for found in re.finditer(r"[{\[]", text):
        try:
            value, _ = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        if value:
            return value
    return None


def by_key(key: str, text: str) -> Any:
    """A value that the text itself gives under this name, in a labelled line or in JSON; None when there is none."""
    wanted = _key_stems(key)
    if not wanted:
        return None
    value = _in_json(embedded_json(text), wanted) if "{" in text else None
    if value is not None:
        return value
    best, top = None, 0.0
    for label, content in labelled(text).items():
        have = _key_stems(label)
        score = len(wanted & have) / max(len(wanted | have), 1)
        if score > top and score >= 0.5:
            best, top = content, score
    return best


def _key_stems(key: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).replace("_", " ").replace("-", " ")
    return {stem(word) for word in words(spaced)} - {"th", "a", "of"}


def _in_json(value: Any, wanted: set[str]) -> Any:
    if isinstance(value, dict):
        for name, item in value.items():
            if _key_stems(str(name)) == wanted:
                return item
        value = list(value.values())
    if isinstance(value, list):
        return next((found for item in value[:50] if (found := _in_json(item, wanted)) is not None), None)
    return None


def to_number(text: str) -> float | int:
    """`1,250.50` and `1.250,50` as a number."""
    cleaned = re.sub(r"[ \u00a0\u202f'\u2019]", "", text).lstrip("+")
    if _DECIMAL_COMMA.fullmatch(cleaned):
        cleaned = cleaned.replace(".", "").replace(",", ".")
    elif _ONLY_GROUPS.fullmatch(cleaned):
        cleaned = cleaned.replace(".", "")
    cleaned = cleaned.replace(",", "")
    return float(cleaned) if "." in cleaned else int(cleaned)


def amounts(text: str) -> list[float | int]:
    """Sums of money in order."""
    return [_sum(found[1] or found[2]) for found in MONEY.finditer(text)]


def _sum(text: str) -> float | int:
    """Money has no thousandths: 45.000 EUR are forty-five thousand."""
    return to_number(text.replace(".", "") if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text) else text)


def numbers(text: str) -> list[float | int]:
    """All numbers in order, dates left out."""
    return [to_number(found) for found in NUMBER.findall(_ISO_DATE.sub(" ", text)) if len(found) < 16]


def number_near(key: str, text: str) -> float | int | None:
    """The number in the sentence that shares a word with the key, or None."""
    wanted = _key_stems(key)
    for item in sentences(text):
        parts = words(item)
        near = [index for index, word in enumerate(parts) if stem(word) in wanted]
        found = [(abs(parts.index(raw.split(".")[0].split(",")[0]) - near[0]), raw) for raw in NUMBER.findall(item)
                 if near and raw.split(".")[0].split(",")[0] in parts]  # fmt: skip
        if found:
            return to_number(min(found)[1])
    return None


def headcount(text: str) -> float | int | None:
    """How many people or seats a text speaks of, as in `45 people` and `a team of 12`; None when it does not."""
    found = _HEADS.search(text)
    return to_number(found[1] or found[2]) if found else None


def dates(text: str) -> list[date]:
    """Dates in the usual ways of writing them, in order of kind."""
    return [day for _, day in placed_dates(text)]


def placed_dates(text: str) -> list[tuple[int, date]]:
    """The same, each with the place where it begins."""
    found = [(hit.start(), int(hit[1]), int(hit[2]), int(hit[3])) for hit in _ISO_DATE.finditer(text)]
    found += [(hit.start(), int(hit[3]), _month(hit[2]), int(hit[1])) for hit in _DAY_FIRST.finditer(text)]
    found += [(hit.start(), int(hit[3]), _month(hit[1]), int(hit[2])) for hit in _MONTH_FIRST.finditer(text)]
    found += [(hit.start(), int(hit[3]), int(hit[2]), int(hit[1])) for hit in _SLASHED.finditer(text)]
    return [(at, date(y, m, d)) for at, y, m, d in found if 1 <= m <= 12 and y > 0 and 1 <= d <= monthrange(y, m)[1]]


def _month(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def person(text: str) -> str | None:
    """Whoever introduces or signs themselves, else the first full name."""
    for found in _NAMED.finditer(text):
        name = found[1].strip()
        first = name.split()[0]
        if first[0].isupper() and first.lower() not in STOP_WORDS and first.lower() not in _FIRST_PERSON:
            return " ".join(part for part in name.split() if part[0].isupper())
    if (signed := _SIGNED.search(text)) and not set(words(signed[1])) & STOP_WORDS:
        return signed[1]
    firms = {found[1] for found in _SUFFIXED.finditer(text)}
    for found in _FULL_NAME.finditer(text):
        is_firm = any(found[1] in firm for firm in firms) or _OF.search(text[: found.start()])
        if not set(words(found[1])) & STOP_WORDS and not is_firm:
            return found[1]
    return None


def firms(text: str) -> list[str]:
    """Names with a legal form, such as `Alba Books Ltd`."""
    return list(dict.fromkeys(found[1] for found in _SUFFIXED.finditer(text)))


def firm(text: str) -> str | None:
    """The first of them."""
    return next(iter(firms(text)), None)


def company(text: str) -> str | None:
    """A name with a legal form, else the name after `at`, `from` or `for`."""
    if named := firm(text):
        return named
    who = person(text) or ""
    found = [re.split(r" (?:at|from) ", hit[1])[-1] for hit in _COMPANY.finditer(text)]
    named = [name for name in found if name.split()[0].lower() not in (*_MONTHS, *STOP_WORDS)]
    return next((name for name in named if not who or name not in who), None)


def place(text: str) -> str | None:
    """The name after `in`, `to` or `from`."""
    return next((found[1] for found in _PLACE.finditer(text) if not _month(found[1]) and found[1].lower() not in STOP_WORDS), None)


def speaks_of(key: str, text: str) -> bool:
    """Whether a text mentions what a yes-or-no field is named after, and does not deny it."""
    wanted = set(content_stems(key.replace("_", " "))) - {"ha", "need", "requir", "should", "want"}
    roots = "|".join(sorted(wanted))
    denied = re.compile(rf"\b(?:not?|without|never|isn't|don't|doesn't)\b[^.]{{0,25}}\b\w*(?:{roots})")
    for item in sentences(text):
        if wanted & set(content_stems(item)):
            return not denied.search(item.lower())
    return False
