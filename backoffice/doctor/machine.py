"""This machine: the program's folder, room on its disk, the ports it serves at, and what starts a broker."""

import shutil
import socket
import stat
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from backoffice.doctor.finding import Finding, error, warning, well
from backoffice.doctor.patient import SECONDS, Patient
from infra.broker.engine import find_engine
from infra.broker.java import java, maven
from infra.broker.model import LegUnavailable
from infra.broker.start import forced_leg

LITTLE = 2 * 1024**3
HARDLY_ANY = 256 * 1024**2
"""Bytes left on the disk. A broker that finds none stops."""


def folder(patient: Patient) -> Iterator[Finding]:
    """Whether the program can write where it keeps its things, and nobody else can read there."""
    mend = "Let the user who runs this write there, or name another folder: BACKOFFICE_HOME."
    there = _nearest(patient.data)
    try:
        with tempfile.NamedTemporaryFile(dir=there):
            pass
    except OSError as problem:
        yield error(f"{patient.data} cannot be written: {problem.strerror or problem}", mend)
        return
    yield well(f"{patient.data} can be {'written' if there == patient.data else 'made'}")
    for kept in (patient.data / "broker", patient.data / "worker"):
        if kept.is_dir() and stat.S_IMODE(kept.stat().st_mode) & 0o077:
            yield warning(
                f"{kept} can be read by others on this machine, and holds what events say of people",
                f"chmod 700 {kept}",
            )


def _nearest(folder: Path) -> Path:
    """It, or what there is of the way to it."""
    return next(there for there in (folder, *folder.absolute().parents) if there.exists())


def disk(patient: Patient) -> Iterator[Finding]:
    """Whether there is room for what the broker and the workers write."""
    there = _nearest(patient.data)
    left = shutil.disk_usage(there).free
    yield room(there, left)


def room(there: Path, left: int) -> Finding:
    """What so many bytes left mean."""
    said = f"{left / 1024**3:,.1f} GiB are left at {there}"
    mend = "Make room, or name a folder on another disk: BACKOFFICE_HOME."
    if left < HARDLY_ANY:
        return error(said, mend)
    return warning(said, mend) if left < LITTLE else well(said)


def ports(patient: Patient) -> Iterator[Finding]:
    """Whether the API's port is free, or the API itself is there."""
    host, port = patient.configuration.api.host, patient.configuration.api.port
    if port == 0:
        yield well("the API takes a free port")
        return
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        if _ours(host, port):
            yield well(f"the API answers at {host}:{port}")
            return
        yield error(
            f"{host}:{port}, where the API is to be served, cannot be opened: {problem.strerror or problem}",
            "End the program that has it (`ss -ltnp` names it), or change api.port or api.host.",
        )
    else:
        yield well(f"{host}:{port} is free for the API")


def _ours(host: str, port: int) -> bool:
    """Whether the API of this program is what answers there: Alertmanager has no such path."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{host}:{port}/readyz", timeout=SECONDS) as answer:
            return bool(answer.read(3) == b"ok\n")
    except urllib.error.HTTPError as said:
        return said.code == 503  # it is there, and not ready yet
    except (OSError, ValueError):
        return False


def starter(patient: Patient) -> Iterator[Finding]:
    """Whether a broker could be started here, where none elsewhere is named."""
    if patient.elsewhere:
        yield well("not needed: the broker is elsewhere")
        return
    closed: list[str] = []
    forced = forced_leg()
    for leg, look in (("embedded", _java), ("container", _engine)):
        if forced in (None, leg):
            try:
                yield well(look(patient))
                return
            except LegUnavailable as why:
                closed.append(str(why))
    yield error(
        f"no broker can be started here: {'; '.join(closed)}",
        "Install Java 17 or newer and Maven, or Docker or Podman, or name a broker: BACKOFFICE_BOOTSTRAP_SERVERS.",
    )


def _java(patient: Patient) -> str:
    found = java()
    if not any(patient.home.jars.glob("kafka-*")):
        maven()
    return f"{found} can start a broker"


def _engine(patient: Patient) -> str:
    return f"{find_engine().name} can start a broker"
