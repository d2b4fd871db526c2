"""The configuration: that it can be read, that its secrets are within reach, that somebody is always on call."""

from collections.abc import Iterator

from backoffice.config import oncall
from backoffice.config.secrets import missing_secrets
from backoffice.doctor.finding import Finding, error, warning, well
from backoffice.doctor.patient import Patient


def configuration(patient: Patient) -> Iterator[Finding]:
    """Everything that `backoffice config check` says."""
    if (wrong := patient.misconfigured) is not None:
        for problem in str(wrong).splitlines():
            yield error(problem, "Correct it; `backoffice config check` says whether all is well then.")
        return
    found = patient.configuration
    yield well(f"{found.path} is right" if found.path else "there is no configuration file: all is as built in")
    for note in missing_secrets(found, patient.environ):
        yield warning(note, "The notifier needs it where it runs; elsewhere it does not matter.")
    for gap in oncall.gaps(found, patient.now()):
        yield warning(gap.what, "`backoffice oncall gaps` shows when; add a layer, or somebody to one.")
