"""A program that starts a viewer as failview does, says so, and waits to be ended. For test_process."""

import os
import sys
import time
from pathlib import Path

from failview.viewer.process import ViewerProcess


def main(folder: str, ending: str) -> None:
    viewer = ViewerProcess(headless=True, log_dir=Path(folder))
    print(viewer.pid, viewer._supervisor.pid, flush=True)  # noqa: T201 — the test reads it
    if ending == "crash":
        raise RuntimeError("a bug")
    if ending == "exit":
        os._exit(3)
    while ending == "wait":
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
