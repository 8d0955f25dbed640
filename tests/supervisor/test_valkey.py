"""The embedded Valkey: durable, private, adopted when alive, honest when it cannot start."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from app.supervisor.problems import CannotStartError
from app.supervisor.valkey import EmbeddedValkey
from tests.support.waiting import until


def server_in(folder: Path) -> EmbeddedValkey:
    return EmbeddedValkey(socket_path=folder / "valkey.sock", directory=folder / "data", log_path=folder / "valkey.log")


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = server_in(tmp_path)
    server.start()
    yield server
    server.stop()


def client_of(valkey: EmbeddedValkey) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(valkey.socket_path), decode_responses=True)


def test_it_keeps_every_write_and_never_throws_data_away(valkey: EmbeddedValkey) -> None:
    with client_of(valkey) as client:
        settings = client.config_get("appendonly", "maxmemory-policy", "port")
    assert settings == {"appendonly": "yes", "maxmemory-policy": "noeviction", "port": "0"}


def test_only_its_owner_may_connect(valkey: EmbeddedValkey) -> None:
    assert stat.S_IMODE(valkey.socket_path.stat().st_mode) == 0o700
    assert stat.S_IMODE(valkey.directory.stat().st_mode) == 0o700


def test_data_survives_a_stop(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    with client_of(valkey) as client:
        client.set("kept", "yes")
    valkey.stop()
    again = server_in(tmp_path)
    assert not again.start()
    with client_of(again) as client:
        assert client.get("kept") == "yes"
    again.stop()


def test_a_live_server_is_adopted_and_can_be_stopped(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    adopter = server_in(tmp_path)
    assert adopter.start()
    assert adopter.pid == valkey.pid
    adopter.stop(timeout_s=0.5)  # in life an adopted server is no child of ours, so nobody has to reap it
    until(lambda: not valkey.is_alive(), what="the end of the adopted server")


def test_a_stale_socket_file_is_no_obstacle(tmp_path: Path) -> None:
    first = server_in(tmp_path)
    first.start()
    assert first.pid
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: not first.is_alive(), what="the end of the killed server")
    assert first.socket_path.exists()
    second = server_in(tmp_path)
    assert not second.start()
    second.stop()


def test_a_server_that_hangs_is_not_given_a_rival(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGSTOP)
    try:
        with pytest.raises(CannotStartError, match="does not answer"):
            server_in(tmp_path).start()
    finally:
        os.kill(valkey.pid, signal.SIGCONT)


def test_a_server_that_cannot_start_tells_why(tmp_path: Path) -> None:
    broken = server_in(tmp_path)
    append_only = broken.directory / "appendonlydir"
    append_only.mkdir(parents=True)
    (append_only / "appendonly.aof.manifest").write_text("nonsense", encoding="utf-8")
    with pytest.raises(CannotStartError) as refusal:
        broken.start()
    assert "did not start" in refusal.value.problem
    assert "REDIS_URL" in refusal.value.remedy


def test_stopping_a_stopped_server_is_harmless(tmp_path: Path) -> None:
    server_in(tmp_path).stop()
