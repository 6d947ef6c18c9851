"""Make the bundled demo dataset: simulated Panda pick and place with physical failures, in LeRobot v3.0 format.

Development only; failview itself needs none of this. Needs Python 3.11 and
    pip install mujoco numpy pandas pyarrow av pillow matplotlib typer
    pip install --no-deps robosuite==1.5.2     (only its Panda meshes and textures are used; it is never imported)
and EGL for drawing (Debian: libegl1 libegl-mesa0 libgl1-mesa-dri). Nothing is downloaded at run time.

    python scripts/make_demo_dataset.py --out failview/resources/demo/pick_place --preview /tmp/preview
    python scripts/make_demo_dataset.py --out /data/eval --per-kind 30 --high-rate --seed 5
"""

import json
import shutil
import time
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from pick_place_sim import constants as c
from pick_place_sim.kinds import KINDS, make_episode
from pick_place_sim.lerobot_writer import DatasetWriter
from pick_place_sim.objects import THINGS
from pick_place_sim.panda_model import dynamics_mjcf
from pick_place_sim.preview import contact_sheet, signal_plot
from pick_place_sim.recorder import Episode, record
from pick_place_sim.render import render_frames
from pick_place_sim.simulation import Log, Simulation
from pick_place_sim.truth import RULES, episode_truth

DEMO: Final = (
    ("success", "cube"), ("success", "bottle"), ("success_hesitant", "can"), ("missed_grasp", "cube"),
    ("slip_during_lift", "can"), ("slip_recovered", "cube"), ("dropped_in_transport", "can"),
    ("missed_target", "cube"), ("tipped_after_release", "bottle"), ("gripper_obstacle", "can"),
    ("object_knocked_over", "bottle"), ("unstable_grasp", "block"),
)  # fmt: skip
MORE: Final = (
    ("success", "can"), ("success", "block"), ("success", "bottle"), ("success_hesitant", "cube"),
    ("success", "cube"), ("missed_grasp", "can"), ("missed_target", "can"), ("slip_during_lift", "cube"),
)  # fmt: skip
QUALITY: Final = {"front": 33, "wrist": 38}  # AV1 crf; the moving background of the wrist camera costs most
DURATION: Final = (6.0, 14.0)  # s
ATTEMPTS: Final = 25  # seeds tried until physics does what the kind says
OUTCOMES: Final = {"success": {"success"}, "success_hesitant": {"success"}, "slip_recovered": {"partial_success"}}


def fits(name: str, truth: dict[str, Any]) -> bool:
    """Whether physics brought about what the kind promises, in a time that a viewer wants to watch."""
    seconds = truth["num_frames"] / c.FRAME_HZ
    return (
        truth["failure_subcategory"] == KINDS[name].subcategory
        and truth["outcome"] in OUTCOMES.get(name, {"failure", "partial_success"})
        and DURATION[0] <= seconds <= DURATION[1]
    )


def simulate(name: str, thing: str | None, seed: int, *, high_rate: bool) -> tuple[Log, Episode, dict[str, Any]]:
    """One episode of kind `name`: the first of a row of seeds whose physics fits."""
    for attempt in range(ATTEMPTS):
        layout, program, rng = make_episode(name, thing, seed + 1000 * attempt)
        log = Simulation(layout, rng).run(program)
        truth = {**episode_truth(log, KINDS[name]), "seed": seed + 1000 * attempt}
        if fits(name, truth):
            return log, record(log, THINGS[layout.thing].task, rng, high_rate=high_rate), truth
    raise SystemExit(f"{name} ({thing}): no seed of {ATTEMPTS} from {seed} gives this failure")


def plan(seed: int, episodes: str | None, per_kind: int) -> list[tuple[str, str | None, int]]:
    """Kind, object and seed of every episode, in shuffled order."""
    rows = list(DEMO) if per_kind == 0 else [(name, None) for name in KINDS] * per_kind
    wanted = set(episodes.split(",")) if episodes else set(KINDS)
    order = [*np.random.default_rng(seed).permutation(len(rows))]
    if per_kind == 0:  # the first twelve stay as they are
        order += [len(rows) + k for k in np.random.default_rng(seed).permutation(len(MORE))]
        rows += MORE
    # A selection keeps the seeds that its episodes have in the whole set.
    return [(*rows[k], seed * 100_000 + int(k)) for k in order if rows[k][0] in wanted]


def write_high_rate(root: Path, number: int, episode: Episode) -> None:
    """The 100 Hz record of one episode, beside the LeRobot files."""
    columns = {name: pa.array(list(values)) for name, values in episode.high_rate.items()}
    times = np.arange(len(next(iter(episode.high_rate.values())))) / c.HIGH_RATE_HZ
    path = root / "high_rate" / f"episode_{number:06d}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"timestamp": times, **columns}), path, compression="zstd")


def write_truth(path: Path, records: dict[str, Any]) -> None:
    """The truth beside the dataset's folder, never inside it."""
    content = {"frame_rate_hz": c.FRAME_HZ, "rules": RULES, "episodes": records}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main(  # noqa: PLR0913, PLR0917 - the options of the command line
    out: Annotated[Path, typer.Option(help="Folder of the dataset; an older dataset there is replaced.")],
    seed: Annotated[int, typer.Option(help="Determines everything.")] = 7,
    episodes: Annotated[str | None, typer.Option(help="Only these kinds, separated by commas.")] = None,
    per_kind: Annotated[int, typer.Option(help="This many of every kind instead of the twenty of the demo.")] = 0,
    preview: Annotated[Path | None, typer.Option(help="Folder for contact sheets and signal plots (PNG).")] = None,
    high_rate: Annotated[bool, typer.Option(help="Also keep a 100 Hz record per episode.")] = False,
) -> None:
    """Simulate, draw and write the dataset."""
    begin = time.monotonic()
    if out.exists():
        if not (out / "meta" / "info.json").is_file():
            raise SystemExit(f"{out} exists and is no LeRobot dataset: it is not replaced")
        shutil.rmtree(out)
    writer = DatasetWriter(out, QUALITY)
    records: dict[str, Any] = {}
    for number, (name, thing, episode_seed) in enumerate(plan(seed, episodes, per_kind)):
        log, episode, truth = simulate(name, thing, episode_seed, high_rate=high_rate)
        pictures = render_frames(log.layout, episode.qpos)
        writer.add(episode, pictures)
        records[str(number)] = truth
        if high_rate:
            write_high_rate(out, number, episode)
        if preview is not None:
            contact_sheet(preview / f"{number:03d}_{name}.png", pictures, truth)
            signal_plot(preview / f"{number:03d}_{name}_signals.png", episode.features, truth)
        marks = f"onset {truth['failure_onset_frame']} obvious {truth['failure_obvious_frame']}"
        print(f"{number:3d} {name:22s}{truth['object']:8s}{episode.num_frames:5d} frames {truth['outcome']:16s}{marks}")
    writer.finish()
    (out / "robot").mkdir()
    (out / "robot" / "panda.xml").write_text(dynamics_mjcf(), encoding="utf-8")
    shutil.copy(Path(__file__).parent / "pick_place_sim" / "dataset_readme.md", out / "README.md")
    write_truth(out.with_name(out.name + "_truth.json"), records)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{size / 1e6:.2f} MB in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    typer.run(main)
