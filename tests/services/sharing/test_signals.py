"""Which runs a signal reaches: those that its sender may run, and of a step those that whoever started its run may."""

import uuid
from dataclasses import replace

import pytest

from app.core.uow import Actor, UnitOfWork
from app.services import sharing, workflows
from app.services.runs import send_signal, start_run
from app.services.runs.dispatch import deliver_signals
from engine.spec.workflow import WorkflowSpec
from models.workspace import Role, Workspace
from tests.support.people import make_member
from tests.support.signals import answers, drive, parks, sends, waits
from tests.support.workflows import node, spec_of

WAITING = spec_of(node("start", "start"), node("paid", "wait", key="order-7"), node("end", "end"), edges="start>paid paid>end")
TELLING = spec_of(node("start", "start"), node("tell", "signal", key="order-7"), node("end", "end"), edges="start>tell tell>end")


class Office:
    """Somebody whose runs wait, and others of the workspace who send."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.maker = make_member(uow, name="Mara Maker")
        space = uow.session.get(Workspace, self.maker.workspace_id)
        self.colleague = make_member(uow, workspace=space, name="Carl Colleague")
        self.admin = make_member(uow, Role.ADMIN, workspace=space, name="Ada Admin")

    def by(self, actor: Actor) -> UnitOfWork:
        self.uow.actor = replace(actor)  # as another call
        return self.uow

    def begin(self, actor: Actor, spec: WorkflowSpec, everyone: str) -> tuple[str, uuid.UUID]:
        """A workflow that is shared so far with everybody, and a run of it."""
        made = str(workflows.create_workflow(self.by(actor), name="Payroll", spec=spec).id)
        sharing.change_sharing(self.uow, kind="workflow", thing_id=made, everyone=everyone)
        return made, start_run(self.uow, workflow_id=made, inputs={}).id

    def wait(self, everyone: str = "private") -> tuple[str, uuid.UUID]:
        """A workflow of the maker and a run of it that waits."""
        workflow, run_id = self.begin(self.maker, WAITING, everyone)
        drive(self.uow, run_id, waits(), parks())
        return workflow, run_id

    def tell(self, actor: Actor) -> None:
        """A step of a private workflow of somebody sends, and the dispatcher delivers."""
        _, run_id = self.begin(actor, TELLING, "private")
        drive(self.uow, run_id, sends())
        deliver_signals(self.uow.session.connection(), hooks=self.uow.ports.end_hooks)
        self.uow.session.expire_all()

    def told(self, run_id: uuid.UUID) -> list[object]:
        return answers(self.by(self.maker), run_id)


@pytest.fixture
def office(uow: UnitOfWork) -> Office:
    return Office(uow)


@pytest.mark.parametrize(("everyone", "is_reached"), [("private", False), ("view", False), ("run", True), ("edit", True)])
def test_a_colleague_reaches_runs_of_what_everybody_may_run(office: Office, everyone: str, is_reached: bool) -> None:
    _, run_id = office.wait(everyone)
    sent = send_signal(office.by(office.colleague), key="order-7", value=1)
    assert (sent.run_id, office.told(run_id)) == ((run_id, [1]) if is_reached else (None, []))


@pytest.mark.parametrize("sender", ["maker", "admin"])
def test_the_owner_and_admins_reach_what_is_private(office: Office, sender: str) -> None:
    _, run_id = office.wait()
    assert send_signal(office.by(getattr(office, sender)), key="order-7", value=1).run_id == run_id


def test_a_share_that_was_given_reaches_and_one_for_looking_does_not(office: Office) -> None:
    workflow, run_id = office.wait()
    named = {"kind": "workflow", "thing_id": workflow, "user_id": str(office.colleague.user_id)}
    sharing.share_with(office.by(office.maker), **named, access="view")
    assert send_signal(office.by(office.colleague), key="order-7", value=1).run_id is None
    sharing.share_with(office.by(office.maker), **named, access="run")
    send_signal(office.by(office.colleague), key="order-7", value=2)
    assert office.told(run_id) == [1], "the one that was kept comes first, as soon as it may"


def test_a_signal_passes_over_runs_out_of_reach(office: Office) -> None:
    _, hidden = office.wait()
    _, open_to_all = office.wait("run")
    assert send_signal(office.by(office.colleague), key="order-7", value=1).run_id == open_to_all
    assert (office.told(hidden), office.told(open_to_all)) == ([], [1])


def test_a_kept_signal_is_not_taken_by_a_later_wait_out_of_reach(office: Office) -> None:
    assert send_signal(office.by(office.colleague), key="order-7", value=1).run_id is None
    _, hidden = office.wait()
    _, open_to_all = office.wait("run")
    assert (office.told(hidden), office.told(open_to_all)) == ([], [1])


@pytest.mark.parametrize(("sender", "heard"), [("maker", [5]), ("colleague", []), ("admin", [5])])
def test_a_step_sends_with_the_rights_of_whoever_started_its_run(office: Office, sender: str, heard: list[object]) -> None:
    _, run_id = office.wait()
    office.tell(getattr(office, sender))
    assert office.told(run_id) == heard


def test_runs_of_one_workflow_reach_each_other_whoever_started_them(office: Office) -> None:
    workflow, waiting = office.wait("run")
    office.uow.actor = replace(office.colleague)
    sending = start_run(office.uow, workflow_id=workflow, inputs={}).id
    sharing.change_sharing(office.by(office.maker), kind="workflow", thing_id=workflow, everyone="private")
    drive(office.uow, sending, sends())
    deliver_signals(office.uow.session.connection(), hooks=office.uow.ports.end_hooks)
    office.uow.session.expire_all()
    assert office.told(waiting) == [5]
