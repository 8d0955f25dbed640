"""A sealed listing with words in it that must never come out, and the buyer's runs of it."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.uow import Actor, UnitOfWork
from app.services.market.publishing import add_version, free_slug
from app.services.runs import start_run
from app.services.runs.tables import run_table
from app.wiring import Wiring
from engine.blueprint.codec import decode
from engine.json import JsonObject
from engine.ports import ModelReply, ModelRequest, Usage
from models.listing import Listing
from models.workspace import Role
from tests.support.driving import work
from tests.support.people import make_member

CANARY = "xyzzyplugh"
BLUEPRINT = f"""
apiVersion: agentfactory/v1
kind: Bundle
metadata: {{name: Oracle, version: 1.0.0, description: Answers a question.}}
agents:
  {CANARY}_agent: {{name: {CANARY} agent, role: {CANARY} role, model: demo/assistant, instructions: You are the {CANARY} oracle.}}
workflows:
  main:
    name: {CANARY} main
    nodes:
      start: {{kind: start, config: {{fields: [{{name: question, type: long_text, title: Question}}, {{name: number, type: integer}}]}}}}
      {CANARY}_draft: {{kind: template, label: {CANARY} label, config: {{text: '{CANARY} text of {{{{ inputs.question }}}}'}}}}
      {CANARY}_ask: {{kind: agent, config: {{agent: {CANARY}_agent, message: '{{{{ {CANARY}_draft }}}}'}}}}
      {CANARY}_sub: {{kind: workflow, config: {{workflow: helper, inputs: {{said: '{{{{ {CANARY}_ask.text }}}}'}}}}}}
      {CANARY}_check: {{kind: condition, config: {{cases: [{{id: much, condition: inputs.number > 100}}]}}}}
      {CANARY}_fail: {{kind: fail, config: {{message: '{CANARY} fails with {{{{ {CANARY}_ask.text }}}}'}}}}
      end: {{kind: end, config: {{output: '{{{{ {CANARY}_sub }}}}'}}}}
      {CANARY}_note: {{kind: note, config: {{text: '{CANARY} remark'}}}}
    edges:
    - start -> {CANARY}_draft
    - {CANARY}_draft -> {CANARY}_ask
    - {CANARY}_ask -> {CANARY}_sub
    - {CANARY}_sub -> {CANARY}_check
    - {CANARY}_check.much -> {CANARY}_fail
    - {CANARY}_check.otherwise -> end
  helper:
    name: {CANARY} helper
    nodes:
      start: {{kind: start, config: {{fields: [{{name: said, type: long_text}}]}}}}
      {CANARY}_join: {{kind: template, config: {{text: 'The oracle says {{{{ inputs.said }}}}'}}}}
      end: {{kind: end, config: {{output: '{{{{ {CANARY}_join }}}}'}}}}
    edges: [start -> {CANARY}_join, '{CANARY}_join -> end']
"""


class Oracle:
    """Answers without repeating what it was told; remembers that."""

    def __init__(self) -> None:
        self.asked: list[ModelRequest] = []

    async def complete(self, request: ModelRequest, *, on_text: object = None) -> ModelReply:
        """The same for everybody."""
        self.asked.append(request)
        return ModelReply("Perhaps.", usage=Usage(10, 5, 100, 1), model=request.model)


def make_sealed(
    uow: UnitOfWork,
    *,
    version: str = "1.0.0",
    listing: Listing | None = None,
    look: str = "sealed",
    model: str = "demo/assistant",
    samples: Sequence[JsonObject] = (),
) -> Listing:
    """A sealed listing of the actor's workspace, or its next version."""
    row = listing or Listing(
        workspace_id=uow.workspace_id, slug=free_slug(uow, "Oracle"), creator="Delphi", currency="usd", fee_bps=2000, icon="workflow",
        name="", tagline="", category="",
    )  # fmt: skip
    wish: dict[str, Any] = {
        "name": "Oracle", "tagline": "Answers a question", "description": "Ask it anything, and it answers in one word. " * 3,
        "category": "research", "price_cents": 0, "licence": "standard", "version": version, "changelog": "First.", "look": look,
    }  # fmt: skip
    add_version(uow, row, decode(BLUEPRINT.replace("demo/assistant", model)), wish=wish, samples=list(samples))
    return row


def make_seller(uow: UnitOfWork) -> Actor:
    """Whose listing it is."""
    return make_member(uow, Role.OWNER)


def run_all(wiring: Wiring, actor: Actor, workflow_id: str, inputs: JsonObject) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """Run the copy and all that runs below it to the end; returns its id and theirs, which no service tells."""
    run_id, model = wiring.call(start_run, actor, workflow_id=workflow_id, inputs=inputs).id, Oracle()
    work(wiring, run_id, models=model)
    while queued := below(wiring, status="queued"):
        for one in queued:
            work(wiring, one, models=model)
    return run_id, below(wiring)


def below(wiring: Wiring, *, status: str | None = None) -> list[uuid.UUID]:
    """The ids of runs that other runs have started; of those in one status all."""
    columns = run_table.c
    query = sa.select(columns.id).where(columns.parent_run_id.is_not(None) if status is None else columns.status == status)
    with wiring.database.connect() as connection:
        return list(connection.execute(query).scalars())
