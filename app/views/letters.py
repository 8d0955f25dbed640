"""What the page of letters shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterChoice:
    """A kind of letter, and whether this person gets it."""

    kind: str
    label: str
    about: str
    is_on: bool
    for_members: bool = False  # for every member, not only for who leads a workspace
    for_buyers: bool = False  # for who leads a workspace that has installed listings


@dataclass(frozen=True, slots=True)
class LetterPage:
    """All kinds; `sends_mail` is false where the installation sends none."""

    choices: tuple[LetterChoice, ...]
    address: str
    sends_mail: bool


@dataclass(frozen=True, slots=True)
class StoppedLetter:
    """What a link in a letter ends."""

    label: str
    is_stopped: bool
