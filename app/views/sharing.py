"""What pages, the API and the command line may see of whom an agent or a workflow is shared with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SharedPerson:
    """A member. `access` is what was given by name (view, run, edit; "" for nothing), `can` what the role leaves of it."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    initials: str = ""
    role: str = ""
    access: str = ""
    can: str = ""
    is_me: bool = False


@dataclass(frozen=True, slots=True)
class SharingView:
    """`everyone` is private, view, run or edit; `narrower` names what the thing uses that is not for everyone to run.

    `lacking`: those of them that somebody lacks who may run the thing; `can_share_lacking`: whether the actor may share any of these.
    """

    kind: str = ""
    thing_id: str = ""
    name: str = ""
    everyone: str = "edit"
    owner: SharedPerson = SharedPerson()
    people: tuple[SharedPerson, ...] = ()
    can_manage: bool = False
    narrower: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    can_share_lacking: bool = False
