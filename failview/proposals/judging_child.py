"""A process that judges episodes, one at a time, as they are asked for on its standard input.

Detectors compute for long stretches in which no other thread of their process runs; in one of their own they never
hold up the panel, and one that hangs or crashes takes nothing with it. An id comes in as a line of JSON, with the
fingerprint of the episode that is open; the answer is the length of an archive in 8 bytes, and the archive: what was
found in JSON and the raw arrays, or the problem.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from failview.errors import DetectionError
from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.array_archive import Array, pack
from failview.proposals.detectors_port import CATALOGUE, detectors_of
from failview.proposals.episode_work import in_words
from failview.proposals.findings_json import findings_json
from failview.proposals.findings_store import FindingsStore
from failview.sidecars.location import SidecarLocation

LENGTH_BYTES = 8
FINDINGS, PROBLEM, TIMES, ARRAY = "findings", "problem", "times_ns", "array "
"""Members of an archive; a raw array's name follows on ARRAY."""

Opened = tuple[OpenedDataset, FindingsStore]

LONGEST_S = 120.0
"""Nobody waits so long. A detector that hangs is ended by the system when whoever asked was killed and cannot do it."""

_NICENESS = 5
"""The panel and the viewer go first."""


def main(path: str, profile: str = "") -> None:
    """Judge episodes of a dataset until the input ends."""
    os.nice(_NICENESS)
    answers = _private_output()
    detectors_of(CATALOGUE)
    opened: Opened | None = None
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
        try:
            # The one who asks has listed the dataset by then, which makes it quick.
            opened = opened or _open(path, profile)
            dataset, store = opened
            episode_id, fingerprint = json.loads(line)
            state = store.state_of(episode_id)
            episode = dataset.open_episode(episode_id)
            _require_same(episode, fingerprint)
            members = _members(store.judge_now(episode, state))
        except Exception as error:  # noqa: BLE001 — one broken episode does not end the work
            members = {PROBLEM: _text(in_words(error))}
        archive = pack(members)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        answers.write(len(archive).to_bytes(LENGTH_BYTES, "big") + archive)
        answers.flush()


def _open(path: str, profile: str) -> Opened:
    dataset = open_dataset(path, Path(profile) if profile else None)
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    return dataset, FindingsStore(dataset, SidecarLocation(dataset.path, places))


def _require_same(episode: Episode, fingerprint: str) -> None:
    """Refuse to judge other data than those that are open.

    Raises:
        DetectionError: The files have changed since.
    """
    if episode.source.fingerprint != fingerprint:
        hint = "Start failview again to see it as it is now"
        raise DetectionError("the episode has changed since it was opened", where=episode.episode_id, hint=hint)


def _private_output() -> BinaryIO:
    """The standard output for answers alone: whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _members(findings: EpisodeFindings) -> dict[str, Array]:
    times_ns = {} if findings.array_times_ns is None else {TIMES: findings.array_times_ns}
    arrays = {f"{ARRAY}{name}": values for name, values in findings.arrays.items()}
    return {FINDINGS: _text(findings_json(findings)), **times_ns, **arrays}


def _text(plain: Any) -> Array:
    return np.array(json.dumps(plain).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
