"""`failview export rlds`."""

import re
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
    labelled_set,
    open_labelled,
    print_report,
)
from failview.cli.progress_bar import step_bar
from failview.errors import ExportError
from failview.exporters.rlds.export import RldsRequest, export_rlds
from failview.exporters.rlds.pictures import PictureStyle
from failview.exporters.splits.plan import SplitRequest, plan_splits
from failview.exporters.splits.shares import labelled_items
from failview.proposals.labelled_dataset import LabelledDataset
from failview.proposals.spreading import Workers

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARTS = {"train": "train", "valid": "val", "test": "test"}
"""Parts of failview's splits and what TFDS calls them."""


def rlds(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="TFDS data folder; the dataset is OUT/NAME/1.0.0.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name for TFDS; that of DATASET without.")] = "",
    pictures: Annotated[
        str, typer.Option("--pictures", metavar="PIXELS", help="Shorter side of the pictures; or full, or none.")
    ] = "full",
    png: Annotated[bool, typer.Option("--png", help="Pictures bit for bit, in larger files.")] = False,
    split: Annotated[
        str, typer.Option("--split", metavar="a|b|c", help="Split into train, val and test; all is train without.")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", help="Of the split.")] = 0,
    only_labelled: OnlyLabelled = False,
    force: Force = False,
    profile: ProfilePath = None,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Write RLDS episodes as TFRecord files that TFDS loads; TensorFlow is not needed for it."""
    style = PictureStyle("png" if png else "jpeg", _shorter_side(pictures))
    with open_labelled(dataset, profile) as labelled:
        splits = _split(labelled, split, seed) if split else {"train": _all(labelled, only_labelled=only_labelled)}
        request = RldsRequest(_name(name, labelled), splits, style, force, Workers(jobs, cluster))
        place = out.absolute() if cluster else out
        report = export_rlds(labelled, labelled_set(dataset, profile, cluster), place, request, step_bar)
    print_report(report, as_json=as_json)


def _all(labelled: LabelledDataset, *, only_labelled: bool) -> list[str]:
    entries = labelled.labelled_entries if only_labelled else labelled.entries
    return [entry.episode_id for entry in entries]


def _split(labelled: LabelledDataset, name: str, seed: int) -> dict[str, list[str]]:
    """The parts of one of failview's splits.

    Raises:
        ExportError: It cannot be made; says why.
    """
    plan = plan_splits(labelled_items(labelled), SplitRequest(wanted=(name,), seed=seed))
    named = {called: plan.episodes.get(f"{name}_{part}", []) for part, called in _PARTS.items()}
    return {called: ids for called, ids in named.items() if ids}


def _name(given: str, labelled: LabelledDataset) -> str:
    """A name that TFDS takes.

    Raises:
        ExportError: The given one is none.
    """
    if given:
        if not _NAME.fullmatch(given):
            hint = "Lower case letters, digits and underscores, a letter first"
            raise ExportError(f"{given!r} is no name for a TFDS dataset", hint=hint)
        return given
    name = re.sub(r"[^a-z0-9]+", "_", labelled.dataset.path.stem.lower()).strip("_")
    return name if _NAME.fullmatch(name) else f"episodes_{name}".rstrip("_")


def _shorter_side(text: str) -> int | None:
    if text in {"full", "none"}:
        return None if text == "full" else 0
    if not text.isdigit() or not 8 <= int(text) <= 4096:
        raise ExportError(f"--pictures cannot be {text!r}", hint="Give pixels (84), full, or none")
    return int(text)
