"""Ours, of alerting: one worker of the engine with alerting alone, under the settings on its inbox."""

import logging
import sys
from pathlib import Path

from benchmarks.job import told
from processors.alerting import alerting
from processors.engine import worker
from processors.engine.settings import EngineSettings
from schemas.topics import Space


def main() -> int:
    job = told()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    settings = EngineSettings(bootstrap_servers=job.bootstrap, data_dir=Path(job.work_dir))
    sys.argv[1:] = []  # Faust reads the command line, too
    return worker.run(Space(job.space), [alerting], settings)


if __name__ == "__main__":
    sys.exit(main())
