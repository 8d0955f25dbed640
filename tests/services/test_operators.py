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
