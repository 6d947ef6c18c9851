"""What every export promises. Its test class inherits this and reads an export back with foreign libraries."""

import json
import os
import signal
import subprocess
import sys
import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from failview.cli.main import run
from failview.model.annotation import Annotation
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, LABELS, ONSETS, PHASES, write_demos

Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class ReadBack:
    """One episode as an export holds it.

    Attributes:
        annotation: Its label; None without one.
        phases: One word per frame; None where the format has no phases.
        onsets: Frames that are marked as onset; None where the format marks none.
        numbers: The number in the picture (or the state) of each frame, 100 * episode + frame; None without pictures.
    """

    annotation: Annotation | None
    phases: Sequence[str] | None = None
    onsets: Sequence[int] | None = None
    numbers: Sequence[int] | None = None


class ExporterContract:
    """Inherit, name the command and the ending of what it writes, and implement `read`.

    Attributes:
        command: Words after `failview export`.
        target: Name of the file or folder that is written.
        options: Further words of the command line.
        has_unlabelled: Whether episodes without a finished label are in the export.
        takes_only_labelled: Whether it has the option to leave them out.
    """

    command: ClassVar[str]
    target: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()
    has_unlabelled: ClassVar[bool] = True
    takes_only_labelled: ClassVar[bool] = True

    @abstractmethod
    def read(self, path: Path) -> Sequence[ReadBack]:
        """The episodes of an export, in their order, read without failview's own readers."""

    def write_source(self, folder: Path, **how: Any) -> Path:
        """A labelled dataset to export from; override for other formats."""
        return write_demos(folder, **how)

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return self.write_source(tmp_path / "data")

    def export(self, source: Path, out: Path, *more: str) -> int:
        return run(["export", self.command, str(source), str(out), *self.options, *more])

    def test_what_is_read_back_equals_the_sidecars(self, source: Path, tmp_path: Path) -> None:
        out = tmp_path / "out" / self.target
        assert self.export(source, out) == 0
        expected = LABELS if self.has_unlabelled else [label for label in LABELS if label is not None]
        assert [episode.annotation for episode in self.read(out)] == list(expected)

    def test_phases_and_onset_are_on_the_right_frames(self, source: Path, tmp_path: Path) -> None:
        out = tmp_path / self.target
        assert self.export(source, out) == 0
        count = len(LABELS) if self.has_unlabelled else sum(label is not None for label in LABELS)
        episodes = self.read(out)
        assert len(episodes) == count
        for number, episode in enumerate(episodes):
            if episode.phases is not None:
                assert list(episode.phases) == PHASES[number]
            if episode.onsets is not None:
                assert list(episode.onsets) == [frame for frame in (ONSETS[number],) if frame is not None]
            if episode.numbers is not None:
                assert list(episode.numbers) == [100 * number + frame for frame in range(FRAMES)]

    def test_exporting_twice_gives_the_same_bytes_and_leaves_the_source(self, source: Path, tmp_path: Path) -> None:
        before = content_hash(source.parent)
        one, other = tmp_path / "a" / self.target, tmp_path / "b" / self.target
        assert self.export(source, one) == 0
        assert self.export(source, other) == 0
        assert content_hash(one.parent) == content_hash(other.parent)
        assert content_hash(source.parent) == before

    def test_what_is_there_is_replaced_only_when_told(self, source: Path, tmp_path: Path, capsys: Capture) -> None:
        out = tmp_path / self.target
        assert self.export(source, out) == 0
        before = content_hash(tmp_path)
        capsys.readouterr()
        assert self.export(source, out) == 2
        told = capsys.readouterr().err
        assert "is there already" in told
        assert told.count("\n") == 1
        assert self.export(source, out, "--force") == 0
        assert content_hash(tmp_path) == before

    def test_nothing_finished_yet_is_one_line(self, tmp_path: Path, capsys: Capture) -> None:
        source = self.write_source(tmp_path / "bare", labelled=False, judged=False)
        out = tmp_path / "out" / self.target
        assert self.export(source, out) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert "no episode is labelled yet" in told
        assert "failview open" in told
        assert not out.parent.exists()

    def test_into_the_source_is_refused(self, source: Path, tmp_path: Path, capsys: Capture) -> None:
        before = content_hash(source.parent)
        inside = source / "x" if source.is_dir() else source
        assert self.export(source, inside, "--force") == 2
        assert "lies in the dataset itself" in capsys.readouterr().err
        assert content_hash(source.parent) == before

    def test_only_labelled_leaves_the_others_out(self, source: Path, tmp_path: Path) -> None:
        if not self.takes_only_labelled:
            return
        out = tmp_path / self.target
        assert self.export(source, out, "--only-labelled") == 0
        assert [episode.annotation for episode in self.read(out)] == [label for label in LABELS if label is not None]

    def test_json_says_what_was_exported(self, source: Path, tmp_path: Path, capsys: Capture) -> None:
        out = tmp_path / self.target
        capsys.readouterr()
        assert self.export(source, out, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["path"] == str(out)
        assert told["labelled"] == 3
        assert told["episodes"] == (5 if self.has_unlabelled else 3)
        assert "2 of 5 episodes have no finished label" in told["notes"]

    def test_a_killed_export_leaves_no_half_of_it(self, source: Path, tmp_path: Path) -> None:
        out = tmp_path / "killed" / self.target
        words = ["export", self.command, str(source), str(out), *self.options]
        code = f"from failview.cli.main import run; run({words!r})"
        with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as process:
            while process.poll() is None and not _begun(out.parent):
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGKILL)
            assert process.stderr is not None
            process.stderr.read()
        if out.exists():
            assert len(self.read(out)) in {3, 5}
        assert self.export(source, out, "--force") == 0
        assert len(self.read(out)) in {3, 5}
        assert [item.name for item in out.parent.iterdir()] == [self.target]

    def test_labels_that_do_not_fit_are_refused(self, source: Path, tmp_path: Path, capsys: Capture) -> None:
        sidecars = sorted(source.with_name(f"{source.name}.failview").glob("*.failview.json"))
        text = sidecars[1].read_text(encoding="utf-8")
        assert '"failure_onset_frame": 4' in text
        sidecars[1].write_text(text.replace('"failure_onset_frame": 4', '"failure_onset_frame": 40'), encoding="utf-8")
        assert self.export(source, tmp_path / "out" / self.target) == 2
        told = capsys.readouterr().err
        assert "does not fit: frame 40 in an episode of 12 frames" in told
        assert told.count("\n") == 1
        assert not (tmp_path / "out").exists()


def _begun(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
