"""Make sets of simulated episodes with known truth, to measure failview's detectors on: HDF5 without pictures.

Development only. Needs what make_demo_dataset.py needs, and h5py, but no EGL: nothing is drawn.

    python scripts/make_evaluation_set.py --out /data/clean.hdf5 --per-kind 8 --seed 11 --noisy --without-poses

writes clean.hdf5 in robomimic's layout, noisy.hdf5 and noposes.hdf5 with the same episodes, and beside them truth.json,
model/panda.xml and one profile per file. Nothing inside the HDF5 files says what happens in an episode, except that
`rewards` is 1 while the object stands at its goal (noposes.hdf5 has none). evaluation_set/variants.py lists the kinds
with their variants, evaluation_set/truth.py the rules of the truth. An episode whose physics does not do what its
variant says, or on which the rules disagree, is thrown away and another layout is tried. Tune on one seed, judge on
another. --preview writes a plot of every episode. 15 per kind (225 episodes) take about 10 minutes on two cores.
"""

import json
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from evaluation_set.copies import noisy as noisy_copy
from evaluation_set.copies import without_poses as posesless
from evaluation_set.episodes import Made, make, plan
from evaluation_set.hdf5_file import write_file
from evaluation_set.plots import signal_plot
from evaluation_set.truth import RULES
from pick_place_sim import constants as c


def write_truth(path: Path, made: list[Made], noise: list[dict[str, Any]]) -> None:
    """The truth of every episode; what the noisy copy did to it is told too, where there is one."""
    records = {f"demo_{k}": episode.truth | ({"noise": noise[k]} if noise else {}) for k, episode in enumerate(made)}
    content = {"frame_rate_hz": c.FRAME_HZ, "rules": RULES, "episodes": records}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def report(number: int, episode: Made, preview: Path | None) -> None:
    """One line, and a plot if wanted."""
    told = episode.truth
    name = f"{told['kind']}/{told['variant']}"
    marks = f"onset {told['failure_onset_frame']} rejected {told['rejected_attempts']}"
    print(f"{number:4d} {name:45s}{told['object']:8s}{told['num_frames']:4d} {told['outcome']:16s}{marks}", flush=True)
    if preview is not None:
        signal_plot(preview / f"{name.replace('/', '_')}_{number:03d}.png", episode.recording, told)


def main(  # noqa: PLR0913, PLR0917 - the options of the command line
    out: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    per_kind: Annotated[int, typer.Option(help="Episodes of every kind, over its variants; successes twice.")] = 8,
    seed: Annotated[int, typer.Option(help="Determines everything.")] = 11,
    kinds: Annotated[str | None, typer.Option(help="Only these kinds, separated by commas.")] = None,
    high_rate: Annotated[bool, typer.Option(help="Also a 100 Hz record in every episode.")] = False,
    noisy: Annotated[bool, typer.Option(help="Also noisy.hdf5: the same with the faults of real sensors.")] = False,
    without_poses: Annotated[bool, typer.Option(help="Also noposes.hdf5: no object and goal poses.")] = False,
    preview: Annotated[Path | None, typer.Option(help="Folder for a plot of the signals of every episode.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes.")] = 2,
) -> None:
    """Simulate and write."""
    begin = time.monotonic()
    rows = plan(seed, per_kind, set(kinds.split(",")) if kinds else None)
    made: list[Made] = []
    with ProcessPoolExecutor(jobs) as pool:
        for row, episode in zip(rows, pool.map(make, rows, [high_rate] * len(rows), chunksize=1), strict=True):
            if episode is None:
                print(f"     {row.variant.kind}/{row.variant.name}: no layout gave this, left out")
                continue
            made.append(episode)
            report(len(made) - 1, episode, preview)
    recordings = [episode.recording for episode in made]
    write_file(out, recordings)
    noise: list[dict[str, Any]] = []
    if noisy:
        pairs = [noisy_copy(recording, [seed, k]) for k, recording in enumerate(recordings)]
        noise = [done for _, done in pairs]
        write_file(out.with_name("noisy.hdf5"), [recording for recording, _ in pairs])
    if without_poses:
        write_file(out.with_name("noposes.hdf5"), [posesless(recording) for recording in recordings])
    write_truth(out.with_name("truth.json"), made, noise)
    frames = np.sum([recording.num_frames for recording in recordings])
    print(f"{len(made)} episodes, {frames} frames in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    typer.run(main)
