"""For child processes: leave when the run that started us is gone."""

from __future__ import annotations

import os
import signal
import threading


def leave_with_parent() -> None:
    """Send ourselves SIGTERM once standard input, which the parent holds open, is at its end."""

    def wait() -> None:
        while os.read(0, 4096):  # not sys.stdin, whose lock would hang the interpreter's shutdown
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
