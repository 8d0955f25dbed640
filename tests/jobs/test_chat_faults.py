"""What a person in the test chat sees when the provider fails: the shipped worker, the real litellm, a provider that breaks over HTTP."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.uow import Actor
from app.services import conversations
from app.views.conversations import MessageView, TurnView
from app.wiring import Wiring
from tests.support.fake_openai import FakeProvider, fake_openai
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workers import WorkerProcess

KEY = "sk-canary-fedcba9876543210"
DRAFT = {"name": "Helper", "instructions": "Help.", "model": "openai/gpt-4.1-mini"}
LONGEST_S = 90.0


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """The provider."""
    with fake_openai() as fake:
        yield fake


@pytest.fixture
def settings(settings: Settings, provider: FakeProvider) -> Settings:
    """An installation with a key."""
    return replace(settings, provider_keys={"openai": KEY}, provider_urls={"openai": f"{provider.url}/v1"})


@pytest.fixture
def wiring(wiring: Wiring) -> Wiring:
    """With the clock that the worker goes by, so that moments of the two can be compared."""
    return replace(wiring, ports=replace(wiring.ports, clock=SystemClock()))


@pytest.fixture
def process(wiring: Wiring, provider: FakeProvider) -> Iterator[WorkerProcess]:
    """Its worker."""
    variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1"}
    running = WorkerProcess(wiring.settings, module="tests.support.shipped_worker", **variables)
    try:
        yield running.ready()
    finally:
        running.kill()


def say(wiring: Wiring, actor: Actor) -> TurnView:
    """Send a message."""
    with wiring.unit(actor) as uow:
        return conversations.send_message(uow, conversation_id="", draft_spec=DRAFT, text="Hello?")


def look(wiring: Wiring, actor: Actor, turn: TurnView) -> MessageView:
    """The answer as the chat shows it."""
    with wiring.unit(actor, write=False) as uow:
        return conversations.get_message(uow, conversation_id=turn.conversation_id, message_id=turn.message_id)


def follow(wiring: Wiring, actor: Actor, turn: TurnView) -> tuple[MessageView, set[str]]:
    """The answer at its end, and the reasons that were given for further attempts meanwhile."""
    reasons = set[str]()

    def ended() -> MessageView | None:
        message = look(wiring, actor, turn)
        if message.retry.attempt:
            reasons.add(message.retry.reason)
        return None if message.status == "streaming" else message

    message = until(ended, timeout_s=LONGEST_S, what="the end of the answer")
    assert message is not None
    return message, reasons


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("error_500", "It was tried 3 times."),
        ("garbage", "It was tried 3 times."),
        ("cut", "It was tried 3 times."),
    ],
)
def test_a_fault_that_stays_is_told_after_three_attempts_and_the_question_can_be_asked_again(
    wiring: Wiring, process: WorkerProcess, provider: FakeProvider, behaviour: str, words: str
) -> None:
    provider.behaviour = behaviour
    with wiring.unit() as uow:
        actor = make_member(uow)
    turn = say(wiring, actor)
    message, _ = follow(wiring, actor, turn)
    assert message.status == "failed", process.log
    assert words in message.error_message
    assert KEY not in f"{message}"
    assert len(provider.requests) >= 3
    provider.behaviour = "ok"
    with wiring.unit(actor) as uow:
        again = conversations.regenerate(uow, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    message, _ = follow(wiring, actor, again)
    assert (message.status, message.content, message.answers) == ("done", provider.text, 2)


def test_too_many_requests_are_waited_for_as_long_as_the_provider_says_and_the_chat_says_why(
    wiring: Wiring, process: WorkerProcess, provider: FakeProvider
) -> None:
    provider.behaviour = "rate_limited"
    with wiring.unit() as uow:
        actor = make_member(uow)
    turn = say(wiring, actor)
    until(lambda: look(wiring, actor, turn).retry.attempt, timeout_s=LONGEST_S, what="the notice of the next attempt")
    retry = look(wiring, actor, turn).retry
    assert (retry.attempt, retry.attempts, retry.reason) == (2, 3, "OpenAI is getting too many requests from this key.")
    assert 0 < retry.wait_s <= 7
    provider.behaviour = "ok"
    message, _ = follow(wiring, actor, turn)
    assert (message.status, message.content) == ("done", provider.text)
    assert message.retry.attempt == 0


def test_a_refused_key_is_told_at_once_and_never_shown(wiring: Wiring, process: WorkerProcess, provider: FakeProvider) -> None:
    provider.behaviour = "bad_key"
    with wiring.unit() as uow:
        actor = make_member(uow)
    message, reasons = follow(wiring, actor, say(wiring, actor))
    assert (message.status, reasons) == ("failed", set())
    assert "refused the API key" in message.error_message
    assert KEY not in f"{message}"
    assert len(provider.requests) == 1
