"""`failview export robomimic`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import (
    AsJson,
    Cluster,
    DatasetPath,
    Force,
    Jobs,
    OnlyLabelled,
    ProfilePath,
    TaxonomyPath,
    labelled_set,
    open_labelled,
    print_report,
    taxonomy_of,
)
from failview.cli.progress_bar import step_bar
from failview.errors import ExportError
from failview.exporters.robomimic.export import RobomimicRequest, export_robomimic
from failview.exporters.robomimic.in_place import annotate_in_place
from failview.exporters.robomimic.observations import Pictures
from failview.exporters.splits.files import read_splits
from failview.exporters.splits.plan import SplitRequest, plan_splits
from failview.exporters.splits.shares import labelled_items
from failview.proposals.labelled_dataset import LabelledDataset
from failview.proposals.spreading import Workers


def robomimic(
    dataset: DatasetPath,
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="The HDF5 file to write.")] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Put the labels into DATASET itself; it is kept as a backup.")
    ] = False,
    pictures: Annotated[
        str,
        typer.Option("--pictures", metavar="PIXELS", help="Shorter side of converted pictures; or full, or none."),
    ] = "84",
    splits: Annotated[
        Path | None, typer.Option("--splits", metavar="FILE", help="A splits.json; without, all that can be made.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the splits and mixes that are made.")] = 0,
    only_labelled: OnlyLabelled = False,
    force: Force = False,
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Write a robomimic HDF5 file: a copy with labels, or a conversion from any other format.

    Filter keys: all, labelled, success_only, failure_only, partial_success_only, with_recovery, recovered,
    category_…, subcategory_…, split_a_train and the other splits, split_mix_10 and the other mixes.
    """
    if in_place == (out is not None):
        raise ExportError("say where to write", hint="Give OUT, or --in-place without OUT")
    size = _pictures(pictures)
    with open_labelled(dataset, profile) as labelled:
        parts, missing = _splits(labelled, splits, seed)
        request = RobomimicRequest(taxonomy_of(taxonomy), parts, only_labelled, size, force, Workers(jobs, cluster))
        if out is None:
            report = annotate_in_place(labelled, request, step_bar)
        else:
            report = export_robomimic(labelled, labelled_set(dataset, profile, cluster), out, request, step_bar)
    print_report(replace(report, notes=(*report.notes, *missing)), as_json=as_json)


def _splits(labelled: LabelledDataset, file: Path | None, seed: int) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """(episodes by split, what cannot be made): those of a file, else all that can be made.

    Raises:
        ExportError: The file holds none, or names episodes that are not here.
    """
    if file is not None:
        found = read_splits(file)
        known = {entry.episode_id for entry in labelled.entries}
        strangers = sorted({key for keys in found.values() for key in keys} - known)
        if strangers:
            raise ExportError(f"names {strangers[0]}, which is not in the dataset", where=file, hint="Make it anew")
        return found, ()
    try:
        plan = plan_splits(labelled_items(labelled), SplitRequest(seed=seed))
    except ExportError as error:
        return {}, (error.what,)
    missing = ", ".join(plan.refused)
    return plan.episodes, (f"no split {missing}: failview splits says why",) if missing else ()


def _pictures(text: str) -> Pictures:
    if text in {"full", "none"}:
        return Pictures(None if text == "full" else 0)
    if not text.isdigit() or not 8 <= int(text) <= 4096:
        raise ExportError(f"--pictures cannot be {text!r}", hint="Give pixels (84), full, or none")
    return Pictures(int(text))
