"""Java and Maven on this machine."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from infra.broker.model import LegUnavailable

OLDEST_JAVA = 17
"""What Kafka 4 needs."""


def java() -> Path:
    """The `java` of JAVA_HOME or of the path, if it is new enough."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        where = f"in JAVA_HOME ({home})" if home else "on the path"
        raise LegUnavailable(f"Java: no `java` {where}")
    version = _major_version(found)
    if version < OLDEST_JAVA:
        raise LegUnavailable(f"Java: {found} is version {version}, Kafka needs {OLDEST_JAVA} or newer")
    return Path(found)


def maven() -> Path:
    found = shutil.which("mvn")
    if found is None:
        raise LegUnavailable("Java: Kafka's jars are not here yet, and there is no Maven (`mvn`) to fetch them")
    return Path(found)


def _major_version(executable: str) -> int:
    """From a line such as `openjdk version "17.0.15" 2025-04-15`; before 9 it was "1.8.0"."""
    said = subprocess.run(
        [executable, "-version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    match = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    if match is None:
        raise LegUnavailable(f"Java: `{executable} -version` does not say a version: {said.stderr.strip()}")
    return int(match[1])
