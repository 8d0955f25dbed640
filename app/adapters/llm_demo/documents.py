"""Reads business documents for the demo models: the sums of an invoice, its number and supplier, the parties and terms of a contract."""

import re

from app.adapters.llm_demo import facts
from app.adapters.llm_demo.language import STOP_WORDS, sentences, words

_TOTAL = re.compile(r"\b(?:incl\w*|gross|brutto|due|to pay|payable|grand total|balance|zahlbetrag|gesamt\w*)\b", re.IGNORECASE)
_NET = re.compile(r"\b(?:net|netto|sub-?\s?total|excl\w*|before tax|zwischensumme)\b", re.IGNORECASE)
_TAX = re.compile(r"\b(?:tax|vat|gst|hst|mwst|ust|tva|iva|btw|moms)\b\.?(?!\s*(?:id|no\b|nr|number|reg))", re.IGNORECASE)
_PLAIN_TOTAL = re.compile(r"\b(?:total|sum|amount)\b", re.IGNORECASE)
_SUMS = (("total", _TOTAL), ("net", _NET), ("tax", _TAX), ("total", _PLAIN_TOTAL))
_NOT_A_SUM = re.compile(
    r"\b(?:vat|tax|invoice|order|account|iban|phone|tel)\b[ .]*(?:id|no|nr|number|reg|#)|\bdate\b|\bdue (?:by|on|within)\b"
    r"|\bdays\b|^\W*(?:tax )?invoice\b",
    re.I,
)
_MONEY_SHAPE = re.compile(r"\d[.,]\d{2}(?!\d)|[$€£¥]|\b(?:USD|EUR|GBP|CHF)\b")
_SHARE = re.compile(r"\s*(?:%|percent|per cent)")
_NUMBERED = r"(?:\s*(?:no|nr|number|num|id|ref)\b\.?|\s*#)*\s*[:#]?\s*#?([A-Z0-9][\w/-]*\d[\w/-]*|\d+)"
_HEADING = re.compile(
    r"^\W*(?:tax )?(?:invoice|rechnung|facture|bill|receipt)\b|^\W*(?:to|bill to|billed to|customer|date|page)\b", re.IGNORECASE
)
_SUPPLIER = re.compile(r"^\s*(?:supplier|vendor|seller|from|issued by|sold by|billed by)\s*:\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_BETWEEN = re.compile(
    r"\bbetween\s+(.{2,120}?)\s+and\s+(.{2,120}?)(?=[.;\n(]|,|\s+(?:for|regarding|concerning|on|dated|commencing|effective)\b|$)", re.I
)
_ROLES = re.compile(
    r"^\s*(?:landlord|tenant|lessor|lessee|client|customer|supplier|provider|vendor|licensor|licensee|employer|employee|buyer|seller|"
    r"contractor|party(?: [ab12])?)\s*:\s*(\S[^\n]{0,80}?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_SPELLED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "eighteen": 18, "twenty-four": 24, "thirty": 30, "thirty-six": 36, "sixty": 60, "ninety": 90, "a": 1,
}  # fmt: skip
_DURATION = re.compile(
    rf"\b(\d{{1,4}}|{'|'.join(sorted(_SPELLED, key=len, reverse=True))})"
    r"(?:\s*\((\d{1,4})\))?[ -](?:calendar |full )?(day|week|month|year)(?:s|'s)?\b",
    re.IGNORECASE,
)
_DATE_CUES = {
    "start": r"commenc\w*|start\w*|begin\w*|from|effective|as of|since",
    "end": r"end(?:s|ing|ed)?|expir\w*|until|till|terminat\w*|through|up to|runs? to|\bto",
    "due": r"due|by|before|payable|no later than|deadline",
}
_AFTER_DATE = re.compile(rf"(?P<start>{_DATE_CUES['start']})|(?P<end>{_DATE_CUES['end']})|(?P<due>{_DATE_CUES['due']})", re.IGNORECASE)
_TERM = re.compile(r"\b(?:term|period|duration|fixed|initial|runs?|lasts?|valid|concluded|for)\b", re.IGNORECASE)
_NOTICE = re.compile(r"\bnotice\b|\bnotif|\bcancel|\bterminat", re.IGNORECASE)


def named_sum(name: str, text: str) -> float | int | None:
    """The net amount, the tax or the total (what `name` says) of an invoice in whatever layout; None when no line says it."""
    found: list[float | int] = []
    for line in text.split("\n"):
        if not _NOT_A_SUM.search(line) or _MONEY_SHAPE.search(line):
            found += [value for kind, value in _sums_in(line) if kind == name]
    return None if not found else found[-1] if name == "total" else found[0]


def _sums_in(line: str) -> list[tuple[str, float | int]]:
    """What a line calls its sums: each by the words before it, or the last one by the words of the whole line."""
    told: list[tuple[str, float | int]] = []
    figures, begin, last = list(facts.NUMBER.finditer(line)), 0, None
    for found in figures:
        if _SHARE.match(line, found.end()):
            continue
        last = facts.to_number(found[0])
        if kind := _kind_of_sum(line[begin : found.start()]):
            told.append((kind, last))
        begin = found.end()
    if last is None:
        return []
    return told if len({kind for kind, _ in told}) > 1 else [(kind, last)] if (kind := _kind_of_sum(line)) else []


def _kind_of_sum(label: str) -> str:
    return next((kind for kind, pattern in _SUMS if pattern.search(label)), "")


def number_called(names: set[str], text: str) -> str:
    """`2026/117` of `INVOICE No. 2026/117`, where the names hold invoice; empty when nothing is numbered so."""
    kinds = sorted(names & {"invoice", "order", "ticket", "case", "contract", "customer", "booking"}) or ["invoice", "order"]
    kinds += ["rechnung", "facture", "bill"] if "invoice" in kinds else []
    found = re.search(rf"\b(?:{'|'.join(kinds)}){_NUMBERED}", text, re.IGNORECASE)
    return found[1] if found else ""


def supplier(text: str) -> str:
    """Who sent an invoice: as labelled, else a name with a legal form, else the first line that is no heading."""
    if found := _SUPPLIER.search(text):
        return found[1]
    lines = [line.strip() for line in text.split("\n") if line.strip() and not _HEADING.search(line)]
    named = next((name for line in lines if (name := facts.firm(line))), None)
    first = lines[0] if lines else ""
    return named or (
        first
        if first and not set(words(first)) & STOP_WORDS and not facts.NUMBER.search(first) and ":" not in first and len(words(first)) <= 6
        else ""
    )


def parties(text: str) -> list[str]:
    """Who makes a contract with whom, one name each."""
    if found := _BETWEEN.search(" ".join(text.split())):
        return [_bare(part) for part in found.groups()]
    if listed := [_bare(found[1]) for found in _ROLES.finditer(text)]:
        return listed
    return facts.firms(text)


def _bare(name: str) -> str:
    return re.split(r"\s*[,(]", name.strip())[0].strip(" \"'\u201c\u201d.")


def date_called(kind: str, text: str) -> str:
    """The date that a text gives for a `start`, `end` or `due` day, by the word that stands last before it; empty when there is none."""
    for at, day in sorted(facts.placed_dates(text)):
        before = re.split(r"[.;\n](?=\s)", text[max(0, at - 80) : at])[-1]
        cues = [found.lastgroup for found in _AFTER_DATE.finditer(before)]
        if cues and cues[-1] == kind:
            return day.isoformat()
    return ""


def duration(kind: str, unit: str, text: str) -> int | None:
    """A `term` or a `notice` period in days or months as far as the text's own unit allows; None when it is not said."""
    for item in sentences(text):
        for found in _DURATION.finditer(item):
            around = item[max(0, found.start() - 60) : found.end() + 30]
            is_notice = bool(_NOTICE.search(around))
            if is_notice != (kind == "notice") or (kind == "term" and not _TERM.search(item)):
                continue
            count = int(found[2]) if found[2] else int(found[1]) if found[1].isdigit() else _SPELLED[found[1].lower()]
            in_units = {"days": {"day": 1, "week": 7}, "months": {"month": 1, "year": 12}}[unit]
            if factor := in_units.get(found[3].lower()):
                return count * factor
    return None
