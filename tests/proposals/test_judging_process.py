"""Another process judges for the application; whatever becomes of it, there is an answer."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from failview.errors import DetectionError
from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.model.detection import ProposedField
from failview.proposals.findings_json import findings_json
from failview.proposals.findings_store import FindingsStore
from failview.proposals.judging_process import JudgingProcess
from failview.resources import demo_dataset_dir
from failview.sidecars.location import SidecarLocation

FIRST, SECOND = "episode_000000", "episode_000001"


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[OpenedDataset]:
    """The demo dataset in a folder of the test's own, not judged yet."""
    found = open_dataset(shutil.copytree(demo_dataset_dir(), tmp_path / "pick_place"))
    yield found
    found.close()


def location_of(dataset: OpenedDataset) -> SidecarLocation:
    return SidecarLocation(
        dataset.path, {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    )


def process_for(dataset: OpenedDataset, kind: type[JudgingProcess] = JudgingProcess) -> JudgingProcess:
    judging = kind(str(dataset.path))
    judging.use(FindingsStore(dataset, location_of(dataset)))
    return judging


def test_it_finds_what_this_process_finds_and_survives_a_kill(dataset: OpenedDataset, tmp_path: Path) -> None:
    judging = process_for(dataset)
    try:
        episode = dataset.open_episode(FIRST)
        found = judging.judge_now(episode)
        assert found.proposal[ProposedField.SUBCATEGORY].value == "slip_during_lift"
        child = judging._child
        assert child is not None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert judging.judge_now(dataset.open_episode(SECOND)).proposal, "another one was started"
    finally:
        judging.close()
    twin = open_dataset(shutil.copytree(demo_dataset_dir(), tmp_path / "twin"))
    here = FindingsStore(twin, location_of(twin)).judge_now(episode)
    assert findings_json(here) == findings_json(found)
    assert here.arrays.keys() == found.arrays.keys()
    for name, values in here.arrays.items():
        np.testing.assert_allclose(found.arrays[name], values, rtol=1e-6, atol=1e-6)
    twin.close()


def test_what_has_changed_since_it_was_opened_is_not_judged(dataset: OpenedDataset) -> None:
    judging = process_for(dataset)
    try:
        episode = dataset.open_episode(FIRST)
        before = replace(episode, source=replace(episode.source, fingerprint="sha256:before"))
        with pytest.raises(DetectionError, match="has changed since it was opened"):
            judging.judge_now(before)
        assert judging.judge_now(episode).proposal, "the process goes on"
    finally:
        judging.close()


def test_what_is_known_needs_no_other_process(dataset: OpenedDataset) -> None:
    episode = dataset.open_episode(FIRST)
    FindingsStore(dataset, location_of(dataset)).judge_now(episode)

    class Unwanted(JudgingProcess):
        command = ("/there/is/no/such/program",)

    judging = process_for(dataset, Unwanted)
    assert judging.judge_now(episode).proposal
    judging.close()


def test_it_imports_nothing_from_the_working_folder(
    dataset: OpenedDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w').close()", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    judging = process_for(dataset)
    try:
        assert judging.judge_now(dataset.open_episode(FIRST)).proposal
    finally:
        judging.close()
    assert not (tmp_path / "sprung").exists()


def stand_in(code: str, patience_s: float = 20.0) -> type[JudgingProcess]:
    """A process that does something else than judging."""

    class StandIn(JudgingProcess):
        command = (sys.executable, "-c", code)
        give_up_s = patience_s

    return StandIn


@pytest.mark.parametrize(
    ("code", "patience_s", "reason"),
    [
        ("raise SystemExit(3)", 20.0, "the process that judged it died (out of memory?)"),
        ("input(); import time; time.sleep(600)", 0.2, "the detectors took longer than 0.2 s"),
        ("import sys; sys.stdout.buffer.write(bytes(7) + b'\\x05abcde'); input()", 20.0, "no usable answer"),
        ("import sys; sys.stdout.buffer.write(b'\\xff' * 8); input()", 20.0, "died"),
    ],
)
def test_a_process_that_fails_is_told_and_ended(
    dataset: OpenedDataset, code: str, patience_s: float, reason: str
) -> None:
    judging = process_for(dataset, stand_in(code, patience_s))
    with pytest.raises(DetectionError, match=reason.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        judging.judge_now(dataset.open_episode(FIRST))
    child = judging._child
    judging.close()
    assert child is not None
    assert child.poll() is not None


_HANGS = """
from failview.proposals import judging_child

class Hanging:
    def state_of(self, episode_id):
        while True:
            pass

judging_child.LONGEST_S = 0.5
judging_child._open = lambda path, profile: (None, Hanging())
judging_child.main("nowhere")
"""


def test_a_detector_that_hangs_ends_though_nobody_is_left_to_end_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", _HANGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.communicate(b'["demo_0", "sha256:"]\n', timeout=30)
        assert process.returncode == -signal.SIGALRM
    finally:
        process.kill()


def test_closing_ends_a_process_that_hangs(dataset: OpenedDataset) -> None:
    judging = process_for(dataset, stand_in("input(); import time; time.sleep(600)"))
    judging.start()
    child = judging._child
    assert child is not None
    began_s = time.monotonic()
    judging.close()
    assert child.poll() is not None
    assert time.monotonic() - began_s < 5
    with pytest.raises(DetectionError):
        judging.judge_now(dataset.open_episode(FIRST))
