"""Mailers against a real SMTP server, and the worker's part: letters are sent once, tried again, and given up at last."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import select

from app.adapters.mail import LocalOutbox, NoMailer, SmtpMailer, make_mailer
from app.core.config import SettingsError, read_settings
from app.core.ports import Letter, MailNotSent
from app.jobs.mail import MailPost
from app.services.mail import LEASE, RETRY, claim_mail, queue_mail
from app.wiring import Wiring
from models.account import Mail
from models.ids import new_id
from tests.support.clock import FrozenClock
from tests.support.site import free_port

CANARY = "reset-ticket-canary"


@dataclass
class Sink:
    """Takes letters, or answers as it is told."""

    answer: str = "250 OK"
    refuse_recipient: str = ""
    taken: list[Any] = field(default_factory=list[Any])

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.taken.append(message_from_bytes(envelope.content, policy=default))
        return self.answer


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def a_letter(text: str = "Hello Ümlaut\n\nhttps://x.example/?token=abc\n") -> Letter:
    return Letter(new_id(), "mia@example.com", "Grüße ✓", text)


def test_a_letter_arrives_as_it_was_written(sink: tuple[Sink, str]) -> None:
    handler, url = sink
    SmtpMailer(url, sender="Agent Factory <no-reply@example.com>").send(a_letter())
    (got,) = handler.taken
    assert (got["To"], got["Subject"], got["From"]) == ("mia@example.com", "Grüße ✓", "Agent Factory <no-reply@example.com>")
    assert "Ümlaut" in got.get_content()
    assert "?token=abc" in got.get_content()
    assert got["Message-ID"].endswith("@example.com>")


@pytest.mark.parametrize(("answer", "is_final"), [("550 no such box", True), ("452 full", False)])
def test_what_the_server_says_decides_whether_to_try_again(sink: tuple[Sink, str], answer: str, is_final: bool) -> None:
    handler, url = sink
    handler.refuse_recipient = answer
    with pytest.raises(MailNotSent) as refused:
        SmtpMailer(url, sender="a@example.com").send(a_letter())
    assert refused.value.is_final is is_final
    handler.refuse_recipient, handler.answer = "", answer
    with pytest.raises(MailNotSent) as refused:
        SmtpMailer(url, sender="a@example.com").send(a_letter(CANARY))
    assert refused.value.is_final is is_final
    assert CANARY not in str(refused.value)


def test_a_server_that_is_away_is_tried_again(sink: tuple[Sink, str]) -> None:
    with pytest.raises(MailNotSent) as refused:
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}", sender="a@example.com").send(a_letter())
    assert not refused.value.is_final


def test_no_password_goes_to_a_server_without_tls(sink: tuple[Sink, str]) -> None:
    handler, url = sink
    with pytest.raises(MailNotSent, match="no TLS"):
        SmtpMailer(url.replace("//", "//user:secret@"), sender="a@example.com").send(a_letter())
    assert handler.taken == []


def test_a_header_with_a_line_break_is_never_sent(sink: tuple[Sink, str]) -> None:
    handler, url = sink
    with pytest.raises(MailNotSent) as refused:
        SmtpMailer(url, sender="a@example.com").send(replace(a_letter(), subject="Hi\r\nBcc: all@example.com"))
    assert refused.value.is_final
    assert handler.taken == []


def mailing(wiring: Wiring, url: str) -> Wiring:
    return replace(wiring, ports=replace(wiring.ports, mailer=SmtpMailer(url, sender="a@example.com")))


def write(wiring: Wiring, text: str = CANARY) -> None:
    wiring.call(queue_mail, None, to="mia@example.com", subject="Hello", text=text)


def row(wiring: Wiring) -> Mail:
    with wiring.unit(write=False) as uow:
        found = uow.session.exec(select(Mail)).one()
        uow.session.expunge(found)
        return found


def test_a_queued_letter_is_sealed_then_sent_once_then_gone(wiring: Wiring, sink: tuple[Sink, str]) -> None:
    handler, url = sink
    there = mailing(wiring, url)
    write(there)
    assert CANARY not in row(there).sealed
    assert MailPost(there).look() == 1
    assert MailPost(there).look() == 0
    assert [got.get_content().strip() for got in handler.taken] == [CANARY]
    assert (row(there).sealed, row(there).sent_at is not None) == ("", True)


def test_a_letter_waits_out_a_server_that_is_away_and_is_given_up_at_last(wiring: Wiring, clock: FrozenClock) -> None:
    there = mailing(wiring, f"smtp://127.0.0.1:{free_port()}")
    write(there)
    for wait in RETRY:
        assert MailPost(there).look() == 0
        assert row(there).due_at == clock.now() + wait
        assert MailPost(there).look() == 0  # not due
        clock.advance(seconds=wait.total_seconds() + 1)
    MailPost(there).look()
    given_up = row(there)
    assert (given_up.attempts, given_up.sealed, given_up.given_up_at is not None) == (len(RETRY) + 1, "", True)


def test_a_letter_of_a_worker_that_died_is_sent_by_another(wiring: Wiring, sink: tuple[Sink, str], clock: FrozenClock) -> None:

    handler, url = sink
    there = mailing(wiring, url)
    write(there)
    assert len(there.call(claim_mail, None)) == 1
    assert MailPost(there).look() == 0
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert MailPost(there).look() == 1
    assert len(handler.taken) == 1


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        ({}, LocalOutbox),
        ({"AF_SMTP_URL": "smtp://mail.example.com"}, SmtpMailer),
        ({"AF_OUTBOX": "0"}, NoMailer),
        ({"AF_HOST": "0.0.0.0"}, NoMailer),
        ({"AF_ENV": "production", "AF_SECRET_KEY": "x" * 40}, NoMailer),
    ],
)
def test_the_outbox_is_for_development_on_this_machine_only(env: dict[str, str], kind: type) -> None:
    assert type(make_mailer(read_settings(env))) is kind


@pytest.mark.parametrize(
    "env",
    [
        {"AF_ENV": "production", "AF_SECRET_KEY": "x" * 40, "AF_OUTBOX": "1"},
        {"AF_SMTP_URL": "http://mail.example.com"},
        {"AF_MAIL_FROM": "nobody"},
        {"AF_MAIL_FROM": "a@b.example\nBcc: x@y.example"},
    ],
)
def test_settings_that_would_leak_or_send_nothing_are_refused(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"AF_(OUTBOX|SMTP_URL|MAIL_FROM)"):
        read_settings(env)
