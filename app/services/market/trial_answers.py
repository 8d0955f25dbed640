"""What a trial would ask a person: the question it stopped at, and the buttons that a further trial presses."""

import hashlib

from pydantic import ValidationError
from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.runs.sealing import asked_outside
from app.views.trials import TrialButton, TrialQuestion
from engine.json import as_list, as_object
from engine.nodes.approval import Approval as Asking
from engine.nodes.approval import ApprovalConfig
from engine.spec.workflow import WorkflowSpec
from engine.words import as_words
from models.run import Approval, Run

MOST_ANSWERS = 50


def question_of(uow: UnitOfWork, run: Run) -> TrialQuestion | None:
    """The first question the run waits with, as it was written for people; None when it waits for something else."""
    is_open = (Approval.workspace_id == run.workspace_id, Approval.run_id == run.id, Approval.status == "pending")
    waiting = select(Approval).where(*is_open, uow.within_reach(Approval, figures=True))
    row = uow.session.exec(waiting.order_by(col(Approval.id)).limit(1)).first()
    if row is None:
        return None
    asked = asked_outside(row, run.title)["request"]
    buttons = [found for one in as_list(asked.get("buttons")) or [] if (found := as_object(one))]
    fields = [found for one in as_list(asked.get("fields")) or [] if (found := as_object(one))]
    return TrialQuestion(
        id=name_of(row.node),
        title=row.title,
        message=str(asked.get("message") or ""),
        buttons=tuple(TrialButton(str(one.get("id")), str(one.get("label")), str(one.get("style") or "neutral")) for one in buttons),
        fields=tuple(str(one.get("title") or as_words(str(one.get("name")))) for one in fields),
    )


def name_of(node: str) -> str:
    """What a question is called outside, where the names of steps are nobody's business."""
    return hashlib.sha256(f"asks:{node}".encode()).hexdigest()[:12]


def pressed(spec: WorkflowSpec, answers: object) -> dict[str, str]:
    """The button to press at each step that asks; Invalid at `answers` names what there is to press."""
    if not isinstance(answers, dict) or len(answers) > MOST_ANSWERS:
        raise _wrong("Give an object with the id of a question and the id of a button for each, such as {}.")
    asking = {name_of(node.id): node for node in spec.nodes if node.kind == Asking.kind}
    presses: dict[str, str] = {}
    for question, button in answers.items():
        node = asking.get(question) if isinstance(question, str) else None
        if node is None:
            raise _wrong("One of the questions is not asked here. Take the id from the question of a trial of this version.")
        try:
            config = ApprovalConfig.model_validate(node.config)
        except ValidationError as error:
            raise _wrong("This question cannot be answered in a trial.") from error
        known = [one.id for one in config.buttons]
        if button not in known:
            raise _wrong(f"There is no such button. Choose one of: {', '.join(known)}.")
        presses[node.id] = str(button)
    return presses


def _wrong(message: str) -> Invalid:
    return Invalid("Check the answers.", fields={"answers": message})
