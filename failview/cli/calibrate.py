"""`failview calibrate`: thresholds and confidences of the detectors from labelled episodes."""

import json as json_text
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from failview.cli.calibrate_tables import print_calibration, result_json
from failview.cli.sidecar_check import location_of
from failview.cli.taxonomy import TaxonomyFile
from failview.detectors.calibration.labels import meanings_of
from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.loaders.profiles.profile import profile_path_for
from failview.proposals.calibrated_profile import Calibrated, write_calibrated
from failview.proposals.calibration import CalibrationRequest, CalibrationResult, calibrate
from failview.proposals.calibration_labels import labels_of_file, labels_of_sidecars
from failview.proposals.reliability_picture import require_picture_name, write_reliability
from failview.proposals.spreading import Workers
from failview.sidecars.taxonomy_file import load_default_taxonomy, load_taxonomy

app = typer.Typer(add_completion=False)


@app.command(name="calibrate")
def calibrate_(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with labelled episodes.")],
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="FILE", help="JSON with the truth by episode, in place of the annotations."),
    ] = None,
    write_profile: Annotated[
        bool, typer.Option("--write-profile", help="Write what was found into the profile of the dataset.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Draw the reliability curve (PNG or SVG).")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    taxonomy: TaxonomyFile = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Processes; 0 takes one per core.")] = 0,
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler (tcp://HOST:8786) to work on.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")] = False,
) -> None:
    """Tune the detectors on labelled episodes, and show by cross-validation what that is worth.

    Labels are the finished annotations beside the data, or the file given by --truth. Nothing is changed without
    --write-profile.
    """
    if picture is not None:
        require_picture_name(picture)
    meanings = meanings_of(load_default_taxonomy() if taxonomy is None else load_taxonomy(taxonomy))
    opened = open_dataset(dataset, profile)
    try:
        ids = [entry.episode_id for entry in opened.entries]
        found = labels_of_sidecars(location_of(opened), ids) if truth is None else labels_of_file(truth, ids, meanings)
        request = CalibrationRequest(found.labels, meanings, profile, Workers(jobs, cluster))
        result = calibrate(opened, str(dataset), request, _with_bar)
        written = _write(opened, result) if write_profile else None
    finally:
        opened.close()
    if picture is not None:
        write_reliability(picture, result.before, result.after)
    if json:
        content = {**result_json(result, found.notes), "written": None if written is None else str(written)}
        typer.echo(json_text.dumps(content, indent=2, ensure_ascii=False))
    else:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
        print_calibration(result, found.notes, str(dataset), written, console)


def _with_bar(what: str, steps: Iterable[Any], total: int) -> Iterator[Any]:
    """The steps, with a bar on stderr while somebody looks."""
    quiet = total == 0 or not sys.stderr.isatty()
    yield from track(steps, what, total, console=Console(stderr=True), transient=True, disable=quiet)


def _write(dataset: OpenedDataset, result: CalibrationResult) -> Path | None:
    """Where it was written; None when there is nothing to write."""
    thresholds = {name: value for name, (_, value) in result.thresholds.items()}
    calibrated = Calibrated(thresholds, result.confidence, result.joint_residual_nm)
    if not (thresholds or calibrated.confidence or calibrated.joint_residual_nm):
        return None
    path = dataset.profile.path or profile_path_for(dataset.path)
    write_calibrated(path, calibrated)
    return path
