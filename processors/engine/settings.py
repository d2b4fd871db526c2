"""What the engine may be told: sizes, times and limits of one worker."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from processors.fold import SEEN_WINDOW


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """One worker's settings. Times in seconds, sizes in bytes or records."""

    bootstrap_servers: str
    data_dir: Path
    session_timeout: float = 6.0
    heartbeat_interval: float = 1.5
    transaction_timeout: float = 30.0
    """A transaction left open longer is aborted by the broker; the lane that opened it is fenced."""
    fetch_wait: float = 0.02
    """How long the broker may hold a fetch for more records: it costs latency, and saves requests."""
    poll_timeout: float = 0.25
    batch_records: int = 2_000
    """Records in one transaction, at most."""
    queue_records: int = 10_000
    """Records waiting in a lane before its partition is fetched no further."""
    seen_window: timedelta = SEEN_WINDOW
    dead_letter_window: int = 1_000
    dead_letter_share: float = 0.5
