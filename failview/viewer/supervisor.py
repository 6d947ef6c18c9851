"""A tiny process between failview and the Rerun viewer, so that no viewer outlives failview.

Run as a script, standard library only: `python -I supervisor.py LOG_FILE COMMAND…`. It starts the command, writes its
process id to stdout, copies its output to a log file of bounded size, and ends it as soon as its own stdin closes. The
kernel closes that pipe even when failview is killed with SIGKILL. Should this process itself be killed, the
parent-death signal ends the viewer; that signal belongs to the thread that forked, and there is only one here.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

MAX_LOG_BYTES = 1_000_000
GRACE_S = 2.0
SCRATCH_VARIABLE = "FAILVIEW_VIEWER_SCRATCH"
"""Names the folder for the viewer's temporary files, which it leaves behind when it is ended."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _die_with_supervisor() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _copy_output(viewer: "subprocess.Popen[bytes]", log_path: Path) -> None:
    """Copy the viewer's output until it ends or until stdin closes."""
    assert viewer.stdout is not None
    output, lifeline = viewer.stdout.fileno(), sys.stdin.fileno()
    written = 0
    with log_path.open("wb", buffering=0) as log:
        while True:
            ready, _, _ = select.select([output, lifeline], [], [])
            if lifeline in ready and not os.read(lifeline, 4096):
                return
            if output in ready:
                data = os.read(output, 65536)
                if not data:
                    return
                log.write(data[: MAX_LOG_BYTES - written])
                written = min(MAX_LOG_BYTES, written + len(data))


def _end(viewer: "subprocess.Popen[bytes]") -> int:
    viewer.terminate()
    try:
        return viewer.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        viewer.kill()
        return viewer.wait()


def main(log_file: str, *command: str) -> int:
    """Run the command until it ends or until stdin closes; returns its exit code."""
    viewer = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=_die_with_supervisor,  # noqa: PLW1509 — this process has one thread
    )
    print(viewer.pid, flush=True)  # noqa: T201 — the other end of the pipe reads it
    _copy_output(viewer, Path(log_file))
    code = _end(viewer) & 0xFF
    if scratch := os.environ.get(SCRATCH_VARIABLE):
        shutil.rmtree(scratch, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
