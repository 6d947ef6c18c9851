"""`failview detect`: all detectors over all episodes, in parallel, remembered, and what they propose."""

import json as json_text
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from failview.cli.detect_tables import print_result
from failview.cli.progress_bar import progress_bar
from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.proposals.detection_run import DetectionRequest, DetectionResult, detect
from failview.proposals.detector_settings import settings_json, settings_of
from failview.proposals.findings_json import findings_json
from failview.proposals.spreading import Workers

app = typer.Typer(add_completion=False)

_QUIET_BELOW = 3


@app.command(name="detect")
def detect_(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")],
    jobs: Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Processes; 0 takes one per core.")] = 0,
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler (tcp://HOST:8786) to work on.")
    ] = "",
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    episode: Annotated[
        list[str] | None, typer.Option("--episode", metavar="ID", help="Only this episode; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Judge again what is known already.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")] = False,
) -> None:
    """Run all detectors over all episodes. What is known already is not judged again."""
    opened = open_dataset(dataset, profile, progress=progress_bar)
    model = opened.profile.robot.path
    if model is not None and not model.is_file():
        told = "what needs it is judged without, or not at all. Correct [robot] model in the profile"
        sys.stderr.write(f"failview: {model}: no such robot model: {told}\n")
    try:
        # workers of a cluster have working folders of their own
        profile = profile.absolute() if profile is not None and cluster else profile
        path = str(dataset.absolute()) if cluster and "://" not in str(dataset) else str(dataset)
        request = DetectionRequest(profile, tuple(episode or ()), force, Workers(jobs, cluster))
        result = detect_with_progress(opened, path, request)
        settings = settings_json(settings_of(opened.profile))
    finally:
        opened.close()
    if json:
        episodes = [findings_json(findings) for findings in result.findings.values()]
        typer.echo(json_text.dumps({"episodes": episodes, "settings": settings}, indent=2, ensure_ascii=False))
    else:
        print_result(result, str(dataset), Console(highlight=False, width=None if sys.stdout.isatty() else 160))
    _require_some(result, dataset)


def detect_with_progress(dataset: OpenedDataset, path: str, request: DetectionRequest) -> DetectionResult:
    """Judge a dataset with a progress bar on stderr; stopped by Ctrl+C it says what stays.

    Raises:
        DatasetError: No such episode, or the results cannot be kept.
        ClusterError: The cluster cannot be used.
    """
    done = [0, 0]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )

    def progress(what: str, steps: Iterable[Any], total: int) -> Iterable[Any]:
        shown = bar.add_task(what, total=total, visible=total >= _QUIET_BELOW)
        done[:] = [0, total]
        for step in steps:
            yield step
            done[0] += 1
            bar.advance(shown)

    try:
        with bar:
            return detect(dataset, path, request, progress)
    except KeyboardInterrupt:
        sys.stderr.write(f"{done[0]} of {done[1]} episodes are done and kept: the same command goes on from there\n")
        raise


def _require_some(result: DetectionResult, dataset: Path) -> None:
    """An answer about nothing is no answer.

    Raises:
        DatasetError: No episode could be judged at all.
    """
    if result.findings and len(result.problems) == len(result.findings):
        first = next(iter(result.problems.values()))
        count = len(result.problems)
        what = first if count == 1 else f"none of the {count} episodes can be judged; the first: {first}"
        raise DatasetError(what, where=dataset)
