"""Behaviour cloning on successes alone against all data: the programs of docs/train.md.

Development only. Needs failview, what make_demo_dataset.py needs (no EGL: nothing is drawn), and torch.

    python scripts/train_bc.py episodes can.hdf5
    python scripts/train_bc.py compare can.hdf5
"""

import json
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)

Thing = Annotated[str, typer.Option(help="What is carried: can or cube.")]


@app.command()
def episodes(
    out: Annotated[Path, typer.Argument(help="HDF5 file to write.")],
    successes: Annotated[int, typer.Option(help="Good demonstrations.")] = 80,
    failures: Annotated[int, typer.Option(help="Bad ones, of four kinds.")] = 80,
    thing: Thing = "can",
    seed: Annotated[int, typer.Option(help="Determines everything.")] = 1,
) -> None:
    """Simulate demonstrations and label them."""
    from bc_tutorial.demonstrations import make  # noqa: PLC0415 - each command imports what it needs

    begin = time.monotonic()
    count = make(out, successes=successes, failures=failures, thing=thing, seed=seed)
    print(f"{count} episodes in {time.monotonic() - begin:.0f} s")


@app.command()
def compare(
    dataset: Annotated[Path, typer.Argument(help="What `episodes` wrote, or failview exported of it.")],
    attempts: Annotated[int, typer.Option(help="From the same new places for every policy.")] = 30,
    steps: Annotated[int, typer.Option(help="Of training.")] = 4000,
    seed: Annotated[int, typer.Option(help="Of weights and batches.")] = 1,
    thing: Thing = "can",
) -> None:
    """Train on success_only, on all, and on as many episodes of all as there are successes; let each act, and count."""
    import torch  # noqa: PLC0415
    from bc_tutorial.rollouts import attempt  # noqa: PLC0415
    from bc_tutorial.training import train  # noqa: PLC0415

    from failview.trajectory_dataset import TrajectoryDataset  # noqa: PLC0415

    good = TrajectoryDataset(dataset, "success_only").episode_ids
    every = TrajectoryDataset(dataset, "all").episode_ids
    # Episodes lie in an arbitrary order: the first ones are a fair sample.
    for name, wanted, only in (
        ("success_only", "success_only", None),
        ("all", "all", None),
        (f"all, {len(good)} episodes", "all", every[: len(good)]),
    ):
        begin = time.monotonic()
        policy = train(dataset, wanted, only, steps=steps, seed=seed)
        trained_s = time.monotonic() - begin
        torch.set_num_threads(1)
        results = list(map(partial(attempt, policy, thing=thing), range(attempts)))
        told = {"data": name, "episodes": len(only or TrajectoryDataset(dataset, wanted).episode_ids)}
        told |= {"successes": sum(results), "attempts": attempts, "training_s": round(trained_s)}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    app()
