"""A few episodes of a dataset are listed alone, open as before, and leave the whole open."""

from pathlib import Path

import pytest

from failview.errors import DatasetError
from failview.loaders.some_episodes import SomeEpisodes
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_dataset import FakeDataset


def test_only_those_are_listed_in_the_order_of_the_dataset(tmp_path: Path) -> None:
    whole = FakeDataset(tmp_path / "set.hdf5", [make_episode(20, (), 20.0, number) for number in range(4)])
    some = SomeEpisodes(whole, ["synthetic_3", "synthetic_1", "stranger"])
    assert [entry.episode_id for entry in some.entries] == ["synthetic_1", "synthetic_3"]
    assert (some.path, some.format_name, some.warnings) == (whole.path, whole.format_name, whole.warnings)
    assert some.open_episode("synthetic_3").episode_id == "synthetic_3"
    assert some.place("synthetic_1") == whole.place("synthetic_1")
    assert some.report("synthetic_1").entry == some.entries[0]
    with pytest.raises(DatasetError):
        some.open_episode("stranger")
    some.close()
    assert not whole.closed
