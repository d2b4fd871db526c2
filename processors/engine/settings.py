"""What the engine may be told: sizes, times and limits of one worker."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

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
    offset_interval: float = 0.5
    """How often a partition's transactions tell the group where it stands. What counts is its row on the changelog,
    which is in each of them; a replay space's tell the group each time."""
    fetch_wait: float = 0.01
    """How long the broker may hold a fetch for more records: it costs latency, and saves requests."""
    fetch_min_bytes: int = 64 * 1024
    """The broker answers a fetch at once when it has so much."""
    idle_fetch_wait: float = 0.1
    """How long the broker may hold a fetch when the last one brought nothing: it then answers at the first record. A
    lane that has just been restored waits as long, if the fetch before it was for somewhere else."""
    poll_timeout: float = 0.25
    batch_records: int = 10_000
    """Records in one transaction, at most."""
    batch_seconds: float = 1.0
    """How long records are applied before what they did is committed, at most: slow rules make small batches."""
    queue_records: int = 20_000
    """Records waiting in a lane before its partition is fetched no further."""
    rule_budget: float = 5.0
    """Processor time that a rule has for one record; 0: no limit."""
    stall_timeout: float = 60.0
    """A worker that has lag and does nothing for so long is ended, and so is one whose event loop stands still."""
    store: Literal["memory", "rocksdb"] = "memory"
    """Where state rests: in memory, read back from the changelog at each start, or on disk (`state_dir`)."""
    state_memory: int = 256 * 1024 * 1024
    """What RocksDB may take for its caches and buffers, all partitions together."""
    recorded: bool = False
    """The inboxes hold the log that a live space has recorded: its records are applied as they stand there, without
    waiting for a tick, and none is sent on, since it stands where it belongs as well."""
    seen_window: timedelta = SEEN_WINDOW
    dead_letter_window: int = 1_000
    dead_letter_share: float = 0.5

    @property
    def state_dir(self) -> Path:
        return Path(self.data_dir) / "state"
