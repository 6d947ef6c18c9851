"""Spreads work over items: in this process while that is quickest, then over its cores, or over a Dask cluster."""

import contextlib
import importlib
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from failview.errors import ClusterError

DIED = "the process that judged it died (out of memory?)"
"""Why there is no result of an item whose process died, for `lost`."""

_ALONE_S = 1.0
_NOT_WORTH_S = 3.0
"""Starting the processes and importing everything in them takes about two seconds."""

_TELLING = 2
_MANY = 500
"""With so many items nobody needs to try first."""
_MOST_IN_CHUNK = 100
_CHUNKS_PER_JOB = 4
_ANSWER_S = 10

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Workers:
    """Who does the work.

    Attributes:
        jobs: Processes; 0 takes one per core.
        cluster: Address of a Dask scheduler; "" for this machine.
    """

    jobs: int = 0
    cluster: str = ""


class Spreader:
    """Spreads work. Processes, once started, stay until it is closed.

    Args:
        workers: Who does the work.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._is_warm = False
        self._open = contextlib.ExitStack()
        self._threads = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if self._is_warm:
            get_reusable_executor().shutdown(wait=True, kill_workers=True)

    def spread(
        self,
        work: Callable[[Sequence[_Item]], list[_Result]],
        items: Sequence[_Item],
        lost: Callable[[_Item], _Result],
    ) -> Iterator[tuple[_Item, _Result]]:
        """Items with their results, as they are done.

        Args:
            work: Results of several items, in order; it must not fail for a single one, and must be picklable unless
                there is one job.
            items: What there is to do.
            lost: The result of an item whose process died.

        Raises:
            ClusterError: There is no such cluster, or it has no workers.
        """
        if self._workers.cluster:
            self._threads = self._threads or self._open.enter_context(_cluster(self._workers.cluster))
            yield from _in_pool(work, items, self._threads)
            return
        jobs = self._workers.jobs or joblib.cpu_count()
        done = 0
        if jobs == 1 or (len(items) < _MANY and not self._is_warm):
            for pair in _alone(work, items, until_worth_a_pool=jobs > 1):
                done += 1
                yield pair
        if done < len(items):
            self._is_warm = True
            yield from _in_processes(work, items[done:], jobs, lost)

    def once(self, work: Callable[[Sequence[_Item]], list[_Result]], item: _Item) -> _Result:
        """The result of one item: of a process that is there already, for it has everything imported; else of this."""
        if not self._is_warm:
            return work([item])[0]
        jobs = self._workers.jobs or joblib.cpu_count()
        result: list[list[_Result]] = joblib.Parallel(n_jobs=jobs)([joblib.delayed(work)([item])])
        return result[0][0]


def spread(
    work: Callable[[Sequence[_Item]], list[_Result]],
    items: Sequence[_Item],
    workers: Workers,
    lost: Callable[[_Item], _Result],
) -> Iterator[tuple[_Item, _Result]]:
    """The same for one work alone."""
    with Spreader(workers) as spreader:
        yield from spreader.spread(work, items, lost)


def _alone(
    work: Callable[[Sequence[_Item]], list[_Result]], items: Sequence[_Item], *, until_worth_a_pool: bool
) -> Iterator[tuple[_Item, _Result]]:
    """In this process; until there is so much left that several processes are done earlier."""
    started = time.monotonic()
    seconds: list[float] = []
    for number, item in enumerate(items):
        before = time.monotonic()
        # The first one also imports everything: it tells nothing about the others.
        if until_worth_a_pool and number > _TELLING and before - started > _ALONE_S:
            if statistics.median(seconds[1:]) * (len(items) - number) > _NOT_WORTH_S:
                return
            started = before
        yield item, work([item])[0]
        seconds.append(time.monotonic() - before)


def _in_processes(
    work: Callable[[Sequence[_Item]], list[_Result]],
    items: Sequence[_Item],
    jobs: int,
    lost: Callable[[_Item], _Result],
) -> Iterator[tuple[_Item, _Result]]:
    """Over processes; when one dies, items are tried one by one until the one that kills it is found."""
    # They shall import nothing from the working folder, which may be one with data from anywhere.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    left = dict(enumerate(items))
    while left:
        try:
            for (number, item), result in _in_pool(_Numbered(work), list(left.items()), jobs):
                del left[number]
                yield item, result
        except BrokenProcessPool:
            for number in list(left):
                item = left.pop(number)
                try:
                    yield item, get_reusable_executor(max_workers=1).submit(work, [item]).result()[0]
                except BrokenProcessPool:
                    yield item, lost(item)
                    break


@dataclass(frozen=True)
class _Numbered:
    """The same work over items with numbers."""

    work: Callable[[Sequence[Any]], list[Any]]

    def __call__(self, pairs: Sequence[tuple[int, Any]]) -> list[Any]:
        return self.work([item for _, item in pairs])


def _in_pool(
    work: Callable[[Sequence[_Item]], list[_Result]], items: Sequence[_Item], jobs: int
) -> Iterator[tuple[_Item, _Result]]:
    size = max(1, min(_MOST_IN_CHUNK, len(items) // (jobs * _CHUNKS_PER_JOB)))
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
    results = parallel(joblib.delayed(_with_items)(work, chunk) for chunk in chunks)
    with contextlib.closing(results):
        for pairs in results:
            yield from pairs


def _with_items(
    work: Callable[[Sequence[_Item]], list[_Result]], chunk: Sequence[_Item]
) -> list[tuple[_Item, _Result]]:
    return list(zip(chunk, work(chunk), strict=True))


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[int]:
    """The cluster in place of the processes of this machine; gives the number of its threads.

    Raises:
        ClusterError: Dask is not installed, nothing answers there, or there are no workers.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        hint = "Install it with: pip install 'failview[cluster]'"
        raise ClusterError("a cluster needs Dask", where=address, hint=hint) from error
    try:
        _require_answer(address)
        client = distributed.Client(address, timeout=_ANSWER_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        hint = "Give the address that dask scheduler prints (tcp://HOST:8786)"
        raise ClusterError("no Dask scheduler answers there", where=address, hint=hint) from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError("this Dask cluster has no workers", where=address, hint="Start some: dask worker")
        with client.as_current(), joblib.parallel_config(backend="dask"):
            yield threads


def _require_answer(address: str) -> None:
    """Dask itself would try for long, and complain once more at the end.

    Raises:
        OSError, ValueError: No address, or nothing listens there.
    """
    parts = urlsplit(address)
    socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_ANSWER_S).close()
