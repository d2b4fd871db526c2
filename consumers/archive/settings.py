"""What the configuration's `archive:` may say."""

from typing import Annotated

from pydantic import Field, model_validator

from consumers.archive.tables import ALERT_STATES, AUDIT, DEAD_LETTERS, EVENTS, FACTS, INBOX, NOTICES
from consumers.notify.secrets import SECRET_IN_SETTINGS
from schemas.settings import Settings

Address = Annotated[str, Field(min_length=1, json_schema_extra={SECRET_IN_SETTINGS: True})]
"""It may hold a password, and is shown to nobody."""


class RetentionSettings(Settings):
    """For how many days each kind of record is kept; `null`: for ever. PostgreSQL drops whole months only."""

    events: int | None = Field(default=1_096, ge=1)
    """What happened: three years."""
    facts: int | None = Field(default=92, ge=1)
    """What departments tell one another, all of which follows from events."""
    inbox: int | None = Field(default=366, ge=1)
    """Signals, commands and outcomes of deliveries, as alerting read them."""
    alerts: int | None = Field(default=3_653, ge=1)
    """Alerts that are over, and each state that an alert was in: ten years."""
    notices: int | None = Field(default=1_096, ge=1)
    """Who was told what, and what became of it."""
    dead_letters: int | None = Field(default=366, ge=1)
    """Records that could not be read or applied."""
    audit: int | None = Field(default=3_653, ge=1)
    """What people did and looked at: ten years."""

    def days(self) -> dict[str, int | None]:
        """By log table."""
        return {
            EVENTS: self.events,
            FACTS: self.facts,
            INBOX: self.inbox,
            ALERT_STATES: self.alerts,
            NOTICES: self.notices,
            DEAD_LETTERS: self.dead_letters,
            AUDIT: self.audit,
        }


class ArchiveSettings(Settings):
    """The archive in SQL."""

    url: Address | None = Field(
        default=None, examples=["postgresql://backoffice:${ARCHIVE_PASSWORD}@db.example/archive"]
    )
    """The database, SQLite or PostgreSQL; `${NAME}` stands for an environment variable, so that no password need be
    here. Without it, SQLite in the program's data folder."""
    url_file: str | None = Field(default=None, min_length=1, examples=["archive.url"])
    """A file, beside the configuration, that holds it."""
    retention_days: RetentionSettings = RetentionSettings()
    """How long each kind of record is kept."""
    batch_records: int = Field(default=5_000, ge=1, le=100_000)
    """Records written in one transaction, at most."""

    @model_validator(mode="after")
    def _one(self) -> "ArchiveSettings":
        if self.url is not None and self.url_file is not None:
            raise ValueError("give one of url and url_file")
        return self
