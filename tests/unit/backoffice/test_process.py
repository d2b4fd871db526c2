"""What every process does at its start."""

import signal
import subprocess
import sys

WAITS = """
import threading
from backoffice import process
process.end_on_sigterm()
threading.Thread(target=threading.Event().wait).start()
print("listens", flush=True)
threading.Event().wait()
"""


def test_one_that_is_told_to_end_while_it_begins_ends_in_good_order() -> None:
    """Whatever its threads wait for."""
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True) as beginning:
        assert beginning.stdout is not None
        assert beginning.stdout.readline() == "listens\n"
        beginning.send_signal(signal.SIGTERM)
        assert beginning.wait(30) == 0
