"""`failview splits`: which episodes to train, validate and test on."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from failview.cli.export_options import AsJson, DatasetPath, Force, ProfilePath, open_labelled
from failview.exporters.splits.files import write_splits
from failview.exporters.splits.plan import SPLITS, SplitPlan, SplitRequest, counts, plan_splits
from failview.exporters.splits.shares import labelled_items, shares_of
from failview.exporters.whole_output import whole_folder

app = typer.Typer(add_completion=False)


@app.command()
def splits(
    dataset: DatasetPath,
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="Folder for splits.json and the lists; without, only told.")
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option("--split", metavar="NAME", help=f"One of {', '.join(SPLITS)}; may be repeated; all without."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives other splits.")] = 0,
    shares: Annotated[str, typer.Option("--shares", metavar="T,V,T", help="Percent for each part of A.")] = "80,10,10",
    hold_out: Annotated[
        list[str] | None,
        typer.Option("--hold-out", metavar="SUBCATEGORY", help="Only in the test of split C; may be repeated."),
    ] = None,
    force: Force = False,
    profile: ProfilePath = None,
    as_json: AsJson = False,
) -> None:
    """Divide the labelled episodes: the same seed always gives the same splits.

    a: standard, every outcome and task in its share. b: robustness, trained on successes alone, tested as a.
    c: failure detection, as many failures as successes, tested on subcategories that were held out.
    mix_10, mix_15, mix_30: training sets of one size with that share of failures.
    """
    with open_labelled(dataset, profile) as labelled:
        request = SplitRequest(tuple(split or ()), seed, shares_of(shares), tuple(hold_out or ()))
        plan = plan_splits(labelled_items(labelled), request)
        if out is not None:
            with whole_folder(out, labelled.dataset.path, kind="splits", force=force) as folder:
                write_splits(folder, plan)
    if as_json:
        typer.echo(json_text.dumps(plan.as_json(), indent=2, ensure_ascii=False))
    else:
        _print(plan, out)


def _print(plan: SplitPlan, out: Path | None) -> None:
    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD)
    for title in ("part", "episodes", "success", "partial", "failure", "not a success"):
        table.add_column(title, justify="left" if title == "part" else "right")
    for name, items in plan.parts.items():
        found = counts(items)
        numbers = [str(found[key]) for key in ("count", "success", "partial_success", "failure")]
        table.add_row(name, *numbers, f"{found['failure_share']:.1%}")
    console.print(table)
    if plan.held_out:
        console.print(f"held out for c_test: {', '.join(plan.held_out)}", markup=False)
    for name, reason in plan.refused.items():
        console.print(f"no {name}: {reason}", markup=False, soft_wrap=True)
    if out is not None:
        console.print(f"written to {out}", markup=False, soft_wrap=True)
