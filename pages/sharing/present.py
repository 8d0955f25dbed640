"""The words of the share dialog."""

from dataclasses import dataclass

from app.views.sharing import SharedPerson, SharingView

EVERYONE = (
    ("private", "No access (private)"),
    ("view", "May view"),
    ("run", "May view and run"),
    ("edit", "May view, run and edit"),
)
ACCESS = (("view", "View"), ("run", "Run"), ("edit", "Edit"))
CHANGES = [{"value": value, "label": label} for value, label in (*ACCESS, ("owner", "Make owner…"), ("none", "Remove"))]
_NOTES = {
    "private": "Only its owner, the people above, and the workspace's owners and admins see it.",
    "view": "Everybody sees it with its runs.",
    "run": "Everybody may also start runs or chat with it.",
    "edit": "Everybody may also change and delete it, as far as their role goes.",
}


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of the dialog; `note` says where the role keeps somebody from using all that was given."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    initials: str = ""
    access: str = ""
    label: str = ""
    note: str = ""
    is_me: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the dialog shows of one thing."""

    kind: str = ""
    thing_id: str = ""
    name: str = ""
    everyone: str = "edit"
    everyone_label: str = ""
    everyone_note: str = ""
    owner: PersonLine = PersonLine()
    can_manage: bool = False
    lacking: str = ""
    can_share_lacking: bool = False


def person_line(person: SharedPerson) -> PersonLine:
    """One line."""
    label = dict(ACCESS).get(person.access, "")
    note = "A viewer can only look" if person.access and person.access != person.can else ""
    return PersonLine(person.user_id, person.name, person.email, person.initials, person.access, label, note, person.is_me)


def sheet(view: SharingView) -> Sheet:
    """The dialog without its list of people."""
    return Sheet(
        kind=view.kind,
        thing_id=view.thing_id,
        name=view.name,
        everyone=view.everyone,
        everyone_label=dict(EVERYONE)[view.everyone],
        everyone_note=_NOTES[view.everyone],
        owner=person_line(view.owner),
        can_manage=view.can_manage,
        lacking=", ".join(f"“{name}”" for name in view.lacking),
        can_share_lacking=view.can_manage and view.can_share_lacking,
    )
