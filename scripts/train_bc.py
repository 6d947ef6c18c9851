"""Behaviour cloning on successes alone against all data: the programs of docs/train.md.

Development only. Needs failview, what make_demo_dataset.py needs (no EGL: nothing is drawn), torch and robomimic 0.3.0.

    python scripts/train_bc.py episodes can.hdf5
    failview export robomimic can.hdf5 labelled.hdf5
    python scripts/train_bc.py train labelled.hdf5 --key success_only --out runs
    python scripts/train_bc.py evaluate runs/success_only_1/*/models/*.pth
"""

import json
import time
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
def train(
    dataset: Annotated[Path, typer.Argument(help="What failview export robomimic wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for runs.")],
    key: Annotated[str, typer.Option(help="Filter key.")] = "success_only",
    epochs: Annotated[int, typer.Option(help="Of 100 steps.")] = 100,
    seed: Annotated[int, typer.Option(help="Of weights and batches.")] = 1,
) -> None:
    """Train on the episodes of a filter key."""
    from bc_tutorial.training import train as run  # noqa: PLC0415

    begin = time.monotonic()
    checkpoint = run(dataset, key, out, epochs=epochs, seed=seed)
    print(f"{checkpoint} in {time.monotonic() - begin:.0f} s")


@app.command()
def evaluate(
    checkpoints: Annotated[list[Path], typer.Argument(help="What training wrote.")],
    count: Annotated[int, typer.Option(help="Attempts, from the same new places for every policy.")] = 50,
    thing: Thing = "can",
) -> None:
    """Let policies act in the simulation, and count."""
    from bc_tutorial.rollouts import roll_out  # noqa: PLC0415

    for checkpoint in checkpoints:
        begin = time.monotonic()
        results = roll_out(checkpoint, count, thing)
        told = {"checkpoint": str(checkpoint), "successes": sum(results), "attempts": count}
        print(json.dumps(told | {"seconds": round(time.monotonic() - begin)}), flush=True)


if __name__ == "__main__":
    app()
