"""A workspace's own keys of model providers, as its runs find them."""

import uuid

from sqlalchemy import event

from app.jobs.credentials import Keyless, RunCredentials
from app.services.credentials import delete_credential
from app.wiring import Wiring
from models.workspace import Role
from tests.support.credentials import SECRET, make_credential
from tests.support.people import make_member
from tests.support.waiting import until_async


async def test_no_key_is_asked_for_once_a_moment_and_a_key_counts_as_long_as_it_is_there(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        admin = make_member(uow, Role.ADMIN)
    asked: list[str] = []
    event.listen(wiring.database, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
    keyless = Keyless()
    first, second = (RunCredentials(wiring, workspace_id=admin.workspace_id, run_id=uuid.uuid4(), keyless=keyless) for _ in range(2))
    assert await first.model_key("openai") == ""
    count = len(asked)
    assert await second.model_key("openai") == ""
    assert len(asked) == count, "the process knows it"
    with wiring.unit(admin) as uow:
        made = make_credential(uow, name="OpenAI", kind="model", provider="openai", hosts=[])
    await until_async(lambda: not keyless.knows(admin.workspace_id, "openai"), timeout_s=30, what="the end of what was known")
    assert await second.model_key("openai") == SECRET
    with wiring.unit(admin) as uow:
        delete_credential(uow, credential_id=made.id)
    assert await second.model_key("openai") == ""
