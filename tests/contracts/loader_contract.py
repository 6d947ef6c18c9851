"""What every loader promises. A loader's test class inherits this and gives a dataset written with raw libraries."""

import hashlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.natural_order import natural_key
from tests.loaders.number_pictures import number_in


def content_hash(path: Path) -> str:
    """Hash over the names and bytes of a file, or of everything in a folder."""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.is_file()):
        digest.update(str(file.relative_to(path)).encode() + file.read_bytes())
    return digest.hexdigest()


class LoaderContract:
    """Inherit, and give the fixture `path`: a dataset of three episodes or more, the pictures of which are numbered.

    Picture i of episode k (in natural order) of every camera carries the number 100 * k + i.
    """

    @pytest.fixture
    def dataset(self, path: Path) -> Iterator[AssembledDataset]:
        opened = open_dataset(path)
        yield opened
        opened.close()

    def test_episodes_are_in_natural_order_with_safe_ids(self, dataset: AssembledDataset) -> None:
        ids = [entry.episode_id for entry in dataset.entries]
        assert len(ids) >= 3
        assert ids == sorted(ids, key=natural_key)
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) for name in ids)

    def test_nothing_is_written(self, path: Path) -> None:
        before = content_hash(path.parent)
        opened = open_dataset(path)
        for entry in opened.entries:
            episode = opened.open_episode(entry.episode_id)
            opened.report(entry.episode_id)
            for camera in episode.cameras.values():
                reader = camera.open_reader()
                reader.read(0)
                reader.close()
        opened.close()
        assert content_hash(path.parent) == before

    def test_frames_are_exact_forwards_backwards_and_at_random(self, dataset: AssembledDataset) -> None:
        for k, entry in enumerate(dataset.entries):
            episode = dataset.open_episode(entry.episode_id)
            assert episode.num_frames == entry.num_frames
            coloured = [camera for name, camera in episode.cameras.items() if not name.endswith("_depth")]
            assert coloured
            forwards = list(range(episode.num_frames))
            at_random = np.random.default_rng(k).permutation(forwards).tolist()
            for camera in coloured:
                reader = camera.open_reader()
                for order in (forwards, forwards[::-1], at_random):
                    assert [number_in(reader.read(frame)) for frame in order] == [100 * k + frame for frame in order]
                shown = [number_in(picture) for picture in reader.read_range(2, episode.num_frames)]
                assert shown == [100 * k + frame for frame in forwards[2:]]
                assert reader.read(0).shape == (camera.height, camera.width, 3)
                assert reader.read(0).dtype == np.uint8
                reader.close()

    def test_frames_that_are_not_there(self, dataset: AssembledDataset) -> None:
        episode = dataset.open_episode(dataset.entries[0].episode_id)
        for camera in episode.cameras.values():
            reader = camera.open_reader()
            for frame in (-1, camera.num_frames, 10**9):
                with pytest.raises(IndexError):
                    reader.read(frame)
            reader.close()
            reader.close()

    def test_unknown_episode(self, dataset: AssembledDataset) -> None:
        for ask in (dataset.open_episode, dataset.report, dataset.place):
            with pytest.raises(DatasetError, match="no episode nobody"):
                ask("nobody")

    def test_signals_fit_the_clock_and_warnings_are_lines(self, dataset: AssembledDataset) -> None:
        for entry in dataset.entries:
            episode = dataset.open_episode(entry.episode_id)
            assert set(episode.signals) == set(episode.assignments)
            for signal in [*episode.signals.values(), *episode.other_signals.values()]:
                assert signal.times_ns is not None or signal.num_samples == episode.num_frames
            assert all(line and "\n" not in line for line in [*episode.warnings, *dataset.warnings])

    def test_report_agrees_with_the_episode(self, dataset: AssembledDataset) -> None:
        entry = dataset.entries[-1]
        report, episode = dataset.report(entry.episode_id), dataset.open_episode(entry.episode_id)
        assert report.warnings == episode.warnings
        assert report.assignments == episode.assignments
        assert report.entry.num_frames == episode.num_frames
        assert set(report.cameras) == set(episode.cameras)

    def test_fingerprint_tells_episodes_apart_and_is_stable(self, path: Path, dataset: AssembledDataset) -> None:
        prints = [dataset.open_episode(entry.episode_id).source.fingerprint for entry in dataset.entries]
        assert len(set(prints)) == len(prints)
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in prints)
        again = open_dataset(path)
        assert [again.open_episode(entry.episode_id).source.fingerprint for entry in again.entries] == prints
        again.close()

    def test_threads_may_read_at_the_same_time(self, dataset: AssembledDataset) -> None:
        wrong: list[str] = []

        def read(k: int) -> None:
            try:
                episode = dataset.open_episode(dataset.entries[k].episode_id)
                reader = next(iter(episode.cameras.values())).open_reader()
                for frame in reversed(range(episode.num_frames)):
                    number = number_in(reader.read(frame))
                    if number != 100 * k + frame:
                        wrong.append(f"episode {k} frame {frame} shows {number}")
                reader.close()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test must say it
                wrong.append(repr(error))

        threads = [threading.Thread(target=read, args=(k,)) for k in (0, 1, 2, 0)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong

    def test_closing_twice_is_fine(self, path: Path) -> None:
        opened = open_dataset(path)
        opened.open_episode(opened.entries[0].episode_id)
        opened.close()
        opened.close()
