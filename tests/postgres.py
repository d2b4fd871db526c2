"""A real PostgreSQL server for tests: Debian's binaries, a folder and a port of its own, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

USERS = ("postgres", "nobody")
"""Whose the server is when we are root, whom PostgreSQL refuses."""

START_SECONDS = 60


class Server:
    """A running server. `url` is that of a database of its own for each who asks."""

    def __init__(self, binaries: Path, folder: Path, user: str | None, options: Sequence[str]) -> None:
        self.port = _free_port()
        self._binaries = binaries
        self._folder = folder
        self._user = user
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(folder / "data"), "-U", "backoffice", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        address = ("-k", str(self._folder), "-h", "127.0.0.1", "-p", str(self.port))
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._folder / "data", *address, *self._options],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._folder,
            )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self._folder / "server.log").read_text(errors="replace")[-2_000:]) from None
                time.sleep(0.1)

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def stop(self) -> None:
        """At once, as a crash would: transactions under way are gone."""
        if self._process is not None:
            self._process.send_signal(3)  # SIGQUIT: an immediate shutdown
            self._process.wait(30)
            self._process = None

    def url(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://backoffice@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _dsn(self, database: str) -> str:
        return f"postgresql://backoffice@127.0.0.1:{self.port}/{database}"

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / command, *arguments], capture_output=True, text=True, user=self._user, cwd=self._folder
        )
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr}")


FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
"""For tests that do not crash the machine."""


@contextmanager
def serving(options: Sequence[str] = FAST) -> Iterator[Server]:
    """A server while the block runs. Raises LookupError where this machine has none."""
    binaries, user = _binaries(), _user()
    folder = Path(tempfile.mkdtemp(prefix="backoffice-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    try:
        server = Server(binaries, folder, user, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving_or_left_out() -> Iterator[Server]:
    """The same for a test: skipped with the reason where there is none; in CI that is a failure."""
    try:
        with serving() as server:
            yield server
    except LookupError as why:
        left_out(f"PostgreSQL is not tested here: {why}")


def left_out(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _binaries() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not debian:
        raise LookupError("no initdb on the PATH or in /usr/lib/postgresql (Debian: apt install postgresql)")
    return debian[-1].parent


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    for user in USERS:
        try:
            pwd.getpwnam(user)
        except KeyError:
            continue
        return user
    raise LookupError(f"PostgreSQL refuses to run as root, and there is no user {' or '.join(USERS)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
