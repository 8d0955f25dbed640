"""What the home page, the command palette and the getting-started list show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing the command palette can open."""

    kind: str = ""  # agent | workflow | template
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


@dataclass(frozen=True, slots=True)
class RecentRun:
    """A run on the home page; `when` and `cost` are in words."""

    id: str = ""
    title: str = ""
    status: str = ""
    note: str = ""  # why it waits, or how long it worked and how long it waited
    when: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """A decision that waits for somebody of this workspace."""

    title: str = ""
    run_title: str = ""
    when: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A workflow or agent that was worked on lately."""

    label: str = ""
    note: str = ""
    when: str = ""
    href: str = ""
    has_errors: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should look at: what the product stopped doing by itself, or a newer version of what is installed."""

    title: str = ""
    text: str = ""
    href: str = ""
    is_news: bool = False  # nothing went wrong


@dataclass(frozen=True, slots=True)
class HomeView:
    """Everything the home page shows besides templates."""

    checklist: tuple[ChecklistItem, ...] = ()
    approvals: tuple[WaitingApproval, ...] = ()
    runs: tuple[RecentRun, ...] = ()
    workflows: tuple[Shortcut, ...] = ()
    agents: tuple[Shortcut, ...] = ()
    notices: tuple[Notice, ...] = ()
