"""The web process on a port, and the command line against it, as on another machine: nothing but the address and a sign-in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import command_line
from app.supervisor.valkey import EmbeddedValkey
from tests.support.backend import backend

PASSWORD = "engine of analysis 9"


@dataclass(frozen=True)
class Shell:
    """A person's shell: `home` is where their sign-in is kept."""

    url: str
    home: Path

    def run(self, *words: str, text: str = "", key: str = "") -> Result:
        """Run a command and return what it printed."""
        environment = {"XDG_CONFIG_HOME": str(self.home), "HOME": str(self.home), "AF_URL": self.url, "AF_API_KEY": key}
        return CliRunner().invoke(command_line(list(words)), list(words), input=text, env=environment)

    def login(self, email: str) -> Result:
        """Sign in."""
        return self.run("login", "--email", email, "--password-stdin", text=PASSWORD + "\n")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, valkey_server: EmbeddedValkey) -> Iterator[str]:
    """Where the installation is."""
    with backend(tmp_path_factory.mktemp("remote"), redis_url=f"unix://{valkey_server.socket_path}?db=7", api_only=True) as (url, _):
        yield url
