"""Letters, notes and updates that the demo models compose of the facts they are handed: all of them, in their order and their words."""

import re

from app.adapters.llm_demo.facts import person
from app.adapters.llm_demo.language import plain, sentence
from app.adapters.llm_demo.prose import SIGN
from app.adapters.llm_demo.reading import Situation

_LETTER = re.compile(r"\b(?:letter|e-?mail|reply|answer|message|feedback|proposal)\b", re.IGNORECASE)
_TO = re.compile(r"\b[Tt]o ((?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[A-Z][\w'\u2019.-]*(?: (?:(?:van|von|de|der|da|di) )*[A-Z][\w'\u2019-]+)*)")
_A_PARAGRAPH = 3


def compose(situation: Situation) -> str:
    """A letter has a greeting and a signature; a note or an update is the facts alone. Blank lines between facts part the paragraphs."""
    body = "\n\n".join(_paragraphs(situation.section("facts")))
    if not _LETTER.search(situation.ask):
        return body
    named = _TO.search(situation.ask)
    who = named[1] if named else (person(situation.section("message")) or "").split(" ")[0]
    signed = SIGN.search(situation.orders)
    return f"Hello{' ' + who.rstrip('.') if who else ''},\n\n{body}\n\nKind regards,\n{signed[1].strip() if signed else '[your name]'}"


def _paragraphs(facts: str) -> list[str]:
    groups = [[sentence(plain(line)) for line in part.split("\n") if plain(line)] for part in re.split(r"\n\s*\n", facts)]
    if len(groups) == 1:
        groups = [groups[0][at : at + _A_PARAGRAPH] for at in range(0, len(groups[0]), _A_PARAGRAPH)]
    return [" ".join(group) for group in groups if group]
