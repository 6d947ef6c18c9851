"""Work over processes and clusters."""

import importlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from distributed import LocalCluster

from failview.errors import ClusterError
from failview.proposals import spreading
from failview.proposals.spreading import Spreader, Workers, spread


def slow(items: Sequence[int]) -> list[tuple[int, int]]:
    time.sleep(0.02 * len(items))
    return [(2 * item, os.getpid()) for item in items]


def deadly(items: Sequence[int]) -> list[int]:
    time.sleep(0.02 * len(items))
    for item in items:
        if item % 1000 == 300 and item:
            os._exit(9)
    return [2 * item for item in items]


def lost(item: int) -> int:
    return -item


def test_one_job_stays_in_this_process_and_in_order() -> None:
    found = list(spread(slow, range(5), Workers(jobs=1), lambda item: (item, 0)))
    assert found == [(item, (2 * item, os.getpid())) for item in range(5)]


def test_little_work_stays_in_this_process() -> None:
    found = list(spread(slow, range(20), Workers(jobs=2), lambda item: (item, 0)))
    assert {pid for _, (_, pid) in found} == {os.getpid()}


def test_much_work_goes_to_several_processes() -> None:
    found = list(spread(slow, range(300), Workers(jobs=2), lambda item: (item, 0)))
    assert sorted((item, twice) for item, (twice, _) in found) == [(item, 2 * item) for item in range(300)]
    assert len({pid for _, (_, pid) in found}) == 3


def test_an_item_that_kills_its_process_stops_no_other() -> None:
    found = dict(spread(deadly, range(400), Workers(jobs=2), lost))
    assert found == {item: 2 * item for item in range(400)} | {300: -300}


def test_processes_that_are_there_do_the_next_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_MANY", 10)
    with Spreader(Workers(jobs=2)) as spreader:
        assert spreader.once(slow, 1) == (2, os.getpid())
        first = {pid for _, (_, pid) in spreader.spread(slow, range(20), lambda item: (item, 0))}
        second = {pid for _, (_, pid) in spreader.spread(slow, range(5), lambda item: (item, 0))}
        twice, pid = spreader.once(slow, 1)
    assert os.getpid() not in first
    assert second <= first
    assert (twice, pid in first) == (2, True)


def test_processes_import_nothing_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').close()"
    (tmp_path / "joblib.py").write_text(trap, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(spreading, "_MANY", 10)
    found = list(spread(slow, range(20), Workers(jobs=2), lambda item: (item, 0)))
    assert os.getpid() not in {pid for _, (_, pid) in found}
    assert not (tmp_path / "sprung").exists()


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as running:
        yield running


def test_a_dask_cluster_does_the_work(cluster: LocalCluster) -> None:
    found = list(spread(slow, range(40), Workers(cluster=cluster.scheduler_address), lambda item: (item, 0)))
    assert sorted((item, twice) for item, (twice, _) in found) == [(item, 2 * item) for item in range(40)]
    assert os.getpid() not in {pid for _, (_, pid) in found}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://host-that-is-not-there.invalid:8786"])
def test_a_cluster_that_does_not_answer_is_one_line(address: str) -> None:
    with pytest.raises(ClusterError, match="no Dask scheduler answers there"):
        list(spread(slow, range(3), Workers(cluster=address), lambda item: (item, 0)))


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    assert spreading.importlib is importlib
    with pytest.raises(ClusterError, match=r"pip install 'failview\[cluster\]'"):
        list(spread(slow, range(3), Workers(cluster="tcp://127.0.0.1:8786"), lambda item: (item, 0)))
