"""What the home page, the command palette and the getting-started list show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing the command palette can open."""

    kind: str = ""  # agent | workflow
    label: str = ""
    hint: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One step of getting to know the product; `is_done` follows what really happened in the workspace."""

    key: str = ""
    title: str = ""
    description: str = ""
    href: str = ""
    is_done: bool = False
