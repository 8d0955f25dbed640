"""`agent-factory up`: one command starts everything, survives crashes, ends cleanly, keeps the data, and refuses clearly."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from app.core.config import embedded_redis_socket
from app.supervisor.valkey import EmbeddedValkey
from tests.support.databases import postgres_server
from tests.support.site import Site
from tests.support.source import ROOT
from tests.support.waiting import until


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    prepared = Site(tmp_path / "data")
    yield prepared
    prepared.stop()


def family(site: Site) -> list[psutil.Process]:
    return psutil.Process(site.pid).children(recursive=True)


def child(site: Site, word: str) -> psutil.Process | None:
    return next((p for p in psutil.Process(site.pid).children() if word in command_line(p)), None)


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie counts as gone
        return []


def valkey(site: Site) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(embedded_redis_socket(site.data_dir)), decode_responses=True)


def kill_and_await_another(site: Site, word: str) -> None:
    first = until(lambda: child(site, word), what=f"a {word} process")
    first.kill()
    until(lambda: (fresh := child(site, word)) and fresh.pid != first.pid and site.is_ready(), timeout_s=90, what=f"a new {word} process")
    assert f"The {word} process was killed by SIGKILL" in site.output


def test_it_starts_survives_a_crash_ends_every_process_and_keeps_the_data(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.start()
    assert site.url in until(lambda: "Open" in site.output and site.output, what="the address on the console")
    for word in ("web", "worker", "scheduler"):
        kill_and_await_another(site, word)
    with valkey(site) as client:
        client.set("kept", "yes")
    everyone = family(site)
    assert site.stop(signal.SIGINT) == 0
    _, alive = psutil.wait_procs(everyone, timeout=5)
    assert not alive
    again = Site(site.data_dir).start()
    try:
        with valkey(again) as client:
            assert client.get("kept") == "yes"
    finally:
        again.stop()
    with capsys.disabled():
        print(f"\n  second start: ready after {again.seconds_to_ready:.1f} s")  # noqa: T201 - the measured figure is for people


def test_after_the_supervisor_is_killed_its_children_end_and_the_next_start_adopts_valkey(site: Site) -> None:
    site.start()
    children = [p for p in family(site) if "valkey-server" not in p.name()]
    with valkey(site) as client:
        server_pid = client.info("server")["process_id"]
    os.kill(site.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    again = Site(site.data_dir).start()
    try:
        assert "adopted" in again.output
        with valkey(again) as client:
            assert client.info("server")["process_id"] == server_pid
    finally:
        again.stop()
    assert not psutil.pid_exists(server_pid)


def test_valkey_is_started_again_with_its_data_when_somebody_kills_it(site: Site) -> None:
    site.start()
    with valkey(site) as client:
        client.config_set("appendfsync", "always")
        client.set("kept", "yes")
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
        until(lambda: "starting it again" in site.output, what="the notice on the console")
        until(site.is_ready, timeout_s=90, what="readiness")
        assert client.get("kept") == "yes"


def test_a_busy_port_is_one_clear_message(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.port)):
        site.start(wait=False)
        assert site.wait_for_exit() == 2
    assert f"Port {site.port}" in site.output
    assert "AF_PORT=" in site.output
    assert "Traceback" not in site.output


def test_a_second_start_on_the_same_data_is_refused(site: Site) -> None:
    site.start()
    second = Site(site.data_dir).start(wait=False)
    assert second.wait_for_exit() == 2
    assert f"process {site.pid}" in site.output
    assert site.is_ready()


def test_wrong_settings_are_named_all_at_once(tmp_path: Path) -> None:
    site = Site(tmp_path / "data", environment={"AF_PORT": "eighty", "AF_ENV": "prod"}).start(wait=False)
    assert site.wait_for_exit() == 2
    assert "AF_PORT" in site.output
    assert "AF_ENV" in site.output


def test_sigterm_ends_it_like_ctrl_c(site: Site) -> None:
    site.start()
    everyone = family(site)
    assert site.stop(signal.SIGTERM) == 0
    assert not psutil.wait_procs(everyone, timeout=5)[1]


def test_the_build_leaves_the_committed_package_lock_alone(site: Site) -> None:
    lock = ROOT / "reflex.lock" / "package-lock.json"
    before = lock.read_bytes()
    site.start()
    assert lock.read_bytes() == before, "commit reflex.lock/ together with the component that brought the package"


def test_postgresql_and_an_outside_redis_replace_the_embedded_parts(tmp_path: Path) -> None:
    outside = EmbeddedValkey(socket_path=tmp_path / "outside.sock", directory=tmp_path / "redis", log_path=tmp_path / "redis.log")
    outside.start()
    with postgres_server() as url:
        urls = {"DATABASE_URL": url.render_as_string(hide_password=False), "REDIS_URL": f"unix://{outside.socket_path}"}
        site = Site(tmp_path / "data", environment=urls).start()
        try:
            assert child(site, "web")
            assert not list(site.data_dir.glob("*.db"))
            assert not (site.data_dir / "valkey").exists()
        finally:
            site.stop()
    assert outside.is_alive()
    outside.stop()


@pytest.mark.parametrize(
    ("variable", "url"), [("DATABASE_URL", "postgresql://someone:canary@127.0.0.1:9/none"), ("REDIS_URL", "redis://:canary@127.0.0.1:9")]
)
def test_an_outside_server_that_does_not_answer_is_one_clear_message(tmp_path: Path, variable: str, url: str) -> None:
    site = Site(tmp_path / "data", environment={variable: url}).start(wait=False)
    assert site.wait_for_exit(timeout_s=120) == 2
    assert f"Check {variable}" in site.output
    assert "127.0.0.1:9" in site.output
    assert "canary" not in site.output
    assert "Traceback" not in site.output
