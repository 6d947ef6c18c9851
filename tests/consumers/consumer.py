"""Runs a small program in the environment of a consumer."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_PROGRAMS = Path(__file__).parent / "programs"
_LONGEST_S = 900


def ask(consumer: str, program: str, *arguments: str | Path) -> Any:
    """What a program of tests/consumers/programs prints as JSON in its last line.

    Args:
        consumer: Whose environment.
        program: Name of the program.
        arguments: Its arguments.
    """
    python = _ROOT / "build" / "consumers" / consumer / "bin" / "python"
    assert python.exists(), f"{python} is not there: run scripts/test-consumers {consumer}"
    command = [python, _PROGRAMS / program, *map(str, arguments)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return json.loads(ran.stdout.splitlines()[-1])
