"""Which workspace a command on the machine means, and how the choices are told where that is not clear."""

import shlex

import pytest

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.operators import find_operator
from models.workspace import Role, Workspace
from tests.support.people import make_member


@pytest.mark.parametrize(
    ("name", "shown"), [("Sales", "-w Sales"), ("Vera's workspace", '''-w "Vera's workspace"'''), ("The $HOME 'team'", None)]
)
def test_the_choices_can_be_read_and_pasted(uow: UnitOfWork, name: str, shown: str | None) -> None:
    for one in (name, "Other"):
        workspace = Workspace(name=one)
        uow.session.add(workspace)
        make_member(uow, Role.OWNER, workspace=workspace)
    with pytest.raises(Invalid) as refusal:
        find_operator(uow)
    told = refusal.value.fields["--workspace"]
    assert shown is None or shown in told
    assert name in shlex.split(told.replace(",", "").rstrip("."))


def test_a_name_that_no_workspace_has_is_answered_with_the_first_ten_there_are(uow: UnitOfWork) -> None:
    with pytest.raises(Invalid, match="no workspace yet"):
        find_operator(uow, workspace="Nora")
    for number in range(12):
        uow.session.add(Workspace(name=f"Team{number}"))
    with pytest.raises(Invalid, match="There is no workspace 'Nora'") as refusal:
        find_operator(uow, workspace="Nora")
    told = refusal.value.fields["--workspace"]
    assert told.startswith("Choose one: -w Team")
    assert (told.count("-w "), told.endswith(", ….")) == (10, True)
