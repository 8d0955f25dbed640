"""Logs: structured, with context, and never a secret, whatever way it came."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog

from app.core.config import Settings, read_settings
from app.core.logs import configure_logs, log_context
from app.core.redaction import HIDDEN, Redactor

CANARY = "canary-9f8e7d6c5b4a"


@pytest.fixture
def settings() -> Settings:
    return read_settings({"AF_ENV": "test", "AF_LOG_JSON": "1", "AF_SECRET_KEY": CANARY, "OPENAI_API_KEY": "plain-provider-key-1"})


@pytest.fixture
def stream(settings: Settings) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    stream = io.StringIO()
    configure_logs(settings, stream=stream)
    yield stream
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.captureWarnings(False)


def records(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_standard_and_structured_loggers_give_the_same_records(stream: io.StringIO) -> None:
    logging.getLogger("app.test").warning("run %s failed", "r1")
    structlog.get_logger("app.test").warning("run failed", run="r1")
    first, second = records(stream)
    assert (first["event"], first["level"], first["logger"]) == ("run r1 failed", "warning", "app.test")
    assert (second["event"], second["run"]) == ("run failed", "r1")
    assert first["timestamp"].endswith("Z")


def test_context_reaches_every_record_inside_and_none_after(stream: io.StringIO) -> None:
    with log_context(run_id="r1", request_id="q1"):
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("after")
    inside, after = records(stream)
    assert (inside["run_id"], inside["request_id"]) == ("r1", "q1")
    assert "run_id" not in after


def test_known_secrets_are_hidden_wherever_they_appear(stream: io.StringIO) -> None:
    log = logging.getLogger("x")
    log.info("key is %s", CANARY)
    log.info("nested", extra={"ignored": 1})
    structlog.get_logger().info("call", url=f"https://host/?k={CANARY}", deep={"list": [{"inner": "plain-provider-key-1"}]})
    try:
        raise RuntimeError(f"refused: {CANARY}")
    except RuntimeError:
        log.exception("failed")
    assert CANARY not in stream.getvalue()
    assert "plain-provider-key-1" not in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678",
        "postgresql+psycopg://user:abcdefgh12345678@host/db",
        "redis://:abcdefgh12345678@host:6379",
        "cookie af_session=abcdefgh12345678; other=1",
        '{"api_key": "abcdefgh12345678"}',
        "GET /callback?code=abcdefgh12345678&state=1",
        "sk-abcdefgh12345678",
        "ghp_abcdefgh12345678",
        "eyJhbGciOiJub25lIn0.eyJhIjoiYWJjZGVmZ2gxMjM0NTY3OCJ9.abcdefgh12345678",
        "-----BEGIN RSA PRIVATE KEY-----\nabcdefgh12345678\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_hidden_in_any_text(text: str) -> None:
    shown = Redactor().text(text)
    assert HIDDEN in shown
    assert "abcdefgh12345678" not in shown


@pytest.mark.parametrize("key", ["password", "api_key", "Authorization", "session_token", "client_secret", "set-cookie"])
def test_values_under_secret_names_are_hidden_at_any_depth(key: str) -> None:
    record = Redactor()(None, "info", {"event": "e", key: "abc", "deep": {"list": [{key: "abc"}]}})
    assert record[key] == HIDDEN
    assert record["deep"]["list"][0][key] == HIDDEN


def test_harmless_fields_stay_readable() -> None:
    record = {"event": "model call finished", "input_tokens": 512, "idempotency_key": "order-1", "path": "/api/v1/runs", "token_count": 3}
    assert Redactor()(None, "info", dict(record)) == record


def test_a_forged_line_break_stays_inside_its_record(stream: io.StringIO) -> None:
    logging.getLogger("x").info('name is %s\n{"event": "forged"}\x1b[31m', "eve")
    assert len(records(stream)) == 1
    assert "\\n" in records(stream)[0]["event"]


def test_endless_and_odd_values_do_not_break_logging(stream: io.StringIO) -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    structlog.get_logger().info("odd", loop=loop, raw=b"\x00\x01", thing=object(), long="x" * 100_000)
    assert len(stream.getvalue()) < 50_000


def test_the_level_of_the_settings_holds(settings: Settings) -> None:
    stream = io.StringIO()
    configure_logs(replace(settings, log_level="ERROR"), stream=stream)
    logging.getLogger("x").warning("quiet")
    assert stream.getvalue() == ""


def test_settings_show_no_secret_when_printed(settings: Settings) -> None:
    assert CANARY not in repr(settings)
    assert "plain-provider-key-1" not in repr(settings)


def test_a_library_with_a_handler_of_its_own_prints_each_line_once(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    chatty = logging.getLogger("chatty.library")
    chatty.addHandler(logging.StreamHandler())
    stream = io.StringIO()
    configure_logs(settings, stream=stream)
    chatty.error("once")
    assert len(records(stream)) == 1
    assert capsys.readouterr().err == ""
