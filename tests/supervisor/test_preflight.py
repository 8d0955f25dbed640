"""Checks before the start: each refusal names the problem and a remedy that works."""

import os
import re
import socket
from pathlib import Path

import pytest

from app.supervisor import preflight
from app.supervisor.logfile import LogFile
from app.supervisor.problems import CannotStartError

HERE = "http://127.0.0.1:20400"


def test_a_data_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    preflight.check_data_dir(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_a_data_directory_that_cannot_be_written_is_refused_with_a_remedy(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("", encoding="utf-8")
    with pytest.raises(CannotStartError) as refusal:
        preflight.check_data_dir(blocker / "data")
    assert str(blocker / "data") in refusal.value.problem
    assert "AF_DATA_DIR=" in refusal.value.remedy


def test_a_disk_without_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="MB are free"):
        preflight.check_disk(tmp_path, needed=1 << 60)
    preflight.check_disk(tmp_path, needed=1)


def test_a_busy_port_is_refused_and_a_free_one_is_left_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStartError, match=f"Port {port}"):
            preflight.check_port("127.0.0.1", port)
    preflight.check_port("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_second_instance_is_told_who_holds_the_data_and_a_port_that_is_free(tmp_path: Path) -> None:
    port = 20_400
    with preflight.only_instance(tmp_path, port=port, address=HERE):
        refusal = refusal_of_a_second(tmp_path, port)
        free = int(re.search(r"AF_PORT=(\d+)", refusal.remedy)[1])  # type: ignore[index]
        assert free > port
        assert f"Open {HERE}, stop it" in refusal.remedy
        with socket.create_server(("127.0.0.1", free)):
            assert f"AF_PORT={free} " not in refusal_of_a_second(tmp_path, port).remedy


def refusal_of_a_second(folder: Path, port: int) -> CannotStartError:
    second = preflight.only_instance(folder, port=port, address=HERE)
    with pytest.raises(CannotStartError, match=f"process {os.getpid()}") as refusal:
        second.__enter__()
    return refusal.value


def test_the_data_is_free_again_after_the_end(tmp_path: Path) -> None:
    for _ in range(2):
        with preflight.only_instance(tmp_path, port=20_400, address=HERE):
            pass


def test_a_log_file_turns_over_when_it_is_full(tmp_path: Path) -> None:
    troubles: list[str] = []
    log = LogFile(tmp_path / "web.log", tell=troubles.append)
    line = b"x" * 1_000_000 + b"\n"
    for _ in range(22):
        log.write(line)
    log.close()
    assert (tmp_path / "web.1.log").exists()
    assert (tmp_path / "web.log").stat().st_size < 3_000_000
    assert troubles == []


def test_an_outside_redis_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(CannotStartError) as refusal:
        preflight.check_redis("redis://:canary@127.0.0.1:9/0")
    assert "127.0.0.1:9" in refusal.value.problem
    assert "canary" not in refusal.value.problem + refusal.value.remedy


def test_an_outside_redis_that_answers_is_fine(redis_url: str) -> None:
    preflight.check_redis(redis_url)
