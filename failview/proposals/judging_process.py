"""Findings for the application: known ones, else another process runs the detectors."""

import contextlib
import io
import json
import select
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

from failview.errors import DetectionError
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.array_archive import DAMAGED, names, unpack
from failview.proposals.findings_json import findings_from_json
from failview.proposals.findings_store import FindingsStore
from failview.proposals.judging_child import ARRAY, FINDINGS, LENGTH_BYTES, PROBLEM, TIMES

GIVE_UP_S = 30.0
"""The first episode takes some seconds on a busy machine, because everything is imported; the others a tenth of one."""

_MOST_BYTES = 2**30
_READ_BYTES = 1 << 20


class JudgingProcess:
    """Judges episodes of one dataset, one at a time. `close` may be called from any thread.

    Args:
        path: The dataset as the user named it; the other process opens it by this.
        profile: Profile in place of the one beside the data.

    Attributes:
        command: Starts the other process; path and profile follow. Nothing is imported from the working folder, which
            may be one with data from anywhere.
        give_up_s: Patience with one episode.
    """

    command: tuple[str, ...] = (sys.executable, "-P", "-m", "failview.proposals.judging_child")
    give_up_s = GIVE_UP_S

    def __init__(self, path: str, profile: Path | None = None) -> None:
        self._store: FindingsStore | None = None
        self._command = [*self.command, path, *([] if profile is None else [str(profile)])]
        self._turn = threading.Lock()
        self._closed = False
        self._child: subprocess.Popen[bytes] | None = None

    def use(self, store: FindingsStore) -> None:
        """What is known already, and need not be judged again."""
        self._store = store

    def known(self, episode: Episode) -> EpisodeFindings | None:
        """What was found in an episode as it is now; None when nobody judged it yet."""
        return None if self._store is None else self._store.known(episode)

    def start(self) -> None:
        """Start the process ahead of the first episode, so that it has imported everything by then."""
        with self._turn:
            if self._child is not None and self._child.poll() is not None:
                _end(self._child)
                self._child = None
            if self._child is None and not self._closed:
                self._child = subprocess.Popen(
                    self._command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )

    def judge_now(self, episode: Episode) -> EpisodeFindings:
        """Findings of an episode, with raw arrays.

        Raises:
            DetectionError: The detectors failed, died, or took too long. The next episode has a fresh process.
        """
        known = self.known(episode)
        if known is not None:
            return known
        self.start()
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise DetectionError("the work is over", where=episode.episode_id)
        try:
            child.stdin.write(json.dumps([episode.episode_id, episode.source.fingerprint]).encode() + b"\n")
            findings = self._answer(child)
        except TimeoutError as error:
            _end(child)
            raise DetectionError(f"the detectors took longer than {self.give_up_s:g} s") from error
        except (OSError, EOFError, ValueError) as error:  # a pipe that `close` shut is a ValueError
            _end(child)
            raise DetectionError("the process that judged it died (out of memory?)") from error
        return replace(findings, episode_id=episode.episode_id)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        with self._turn:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            _end(child)

    def _answer(self, child: subprocess.Popen[bytes]) -> EpisodeFindings:
        deadline_s = time.monotonic() + self.give_up_s
        length = int.from_bytes(_read(child, LENGTH_BYTES, deadline_s), "big")
        if length > _MOST_BYTES:
            raise EOFError
        try:
            with zipfile.ZipFile(io.BytesIO(_read(child, length, deadline_s))) as archive:
                found = names(archive)
                if PROBLEM in found:
                    raise DetectionError(str(json.loads(unpack(archive, PROBLEM).item())))
                times_ns = unpack(archive, TIMES) if TIMES in found else None
                arrays = {name.removeprefix(ARRAY): unpack(archive, name) for name in found if name.startswith(ARRAY)}
                findings = findings_from_json(json.loads(unpack(archive, FINDINGS).item()))
        except (TimeoutError, EOFError):
            raise
        except DAMAGED as error:
            raise DetectionError("the detectors gave no usable answer") from error
        return replace(findings, arrays=arrays, array_times_ns=times_ns)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a process, whatever it is doing. Safe to repeat."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _read(child: subprocess.Popen[bytes], count: int, deadline_s: float) -> bytes:
    """So many bytes of the answer.

    Raises:
        TimeoutError: They do not come in time.
        EOFError: The process ended.
    """
    assert child.stdout is not None
    content = bytearray()
    while len(content) < count:
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline_s - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = child.stdout.read(min(_READ_BYTES, count - len(content)))
        if not piece:
            raise EOFError
        content += piece
    return bytes(content)
