"""The progress bar of all commands: on stderr, on a terminal only, and only for what takes long."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from failview.loaders.progress import Item

_PATIENCE_S = 0.5
"""Nobody needs a bar that flashes up."""
_STEP_S = 0.1
"""Drawing every item of ten thousand would take longer than the work."""


def progress_bar(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Go through the items with a bar, which a line with their number and the time replaces when all are done.

    Args:
        items: What is worked on, in order.
        what: The work in words ("listing episodes").
    """
    yield from step_bar(what, items, len(items))


def step_bar(what: str, steps: Iterable[Item], total: int) -> Iterator[Item]:
    """The same for steps that come one by one.

    Args:
        what: The work in words.
        steps: What is done, as it is done.
        total: How many there are.
    """
    if not sys.stderr.isatty():
        yield from steps
        return
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(what, total=total)
    started = drawn = time.monotonic()
    is_shown = False
    try:
        for done, item in enumerate(steps, start=1):
            yield item
            now = time.monotonic()
            if not is_shown and now - started > _PATIENCE_S:
                bar.start()
                is_shown = True
            if is_shown and now - drawn > _STEP_S:
                bar.update(task, completed=done)
                drawn = now
    finally:
        if is_shown:
            bar.stop()
    if is_shown:
        console.print(f"{what}: all {total} in {time.monotonic() - started:.0f} s", markup=False)
