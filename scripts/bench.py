"""Measure failview against plain baselines in the same run; what counts are the ratios.

    python scripts/bench.py detection [--episodes 1000] [--runs 3] [--like FILE] [--json]
    python scripts/bench.py playback [--seconds 15] [--json]

detection: all detectors over low-dimensional episodes, against merely reading their signals with h5py. The file is made
by repeating the episodes of the demo dataset, or those of another robomimic HDF5 file (--like); pictures are left out.
playback: an episode of the demo dataset in the real headless viewer, against the wall clock.
"""

import json
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import h5py
import typer
from application_bench import measure
from bench_playback import playback
from rich.console import Console

from failview.loaders.opening import open_dataset
from failview.proposals.detection_run import DetectionRequest, detect
from failview.proposals.spreading import Workers
from failview.resources import demo_dataset_dir

HIGHEST_RANK = 2
"""Datasets of more dimensions are pictures."""

app = typer.Typer(add_completion=False)
app.command()(playback)


def write_demo_episodes(path: Path, episodes: int) -> None:
    """The episodes of the demo dataset, again and again, as robomimic stores them (gzip, shuffled, float32)."""
    dataset = open_dataset(demo_dataset_dir())
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["control_freq_hz"] = 30.0
        for number, entry in enumerate(dataset.entries[:episodes]):
            demo = data.create_group(f"demo_{number}")
            for stream in dataset.assembled(entry.episode_id).raw.streams:
                name = "actions" if stream.name == "action" else f"obs/{stream.name.removeprefix('observation.')}"
                values = stream.values.astype("float32")
                demo.create_dataset(name, data=values, compression="gzip", compression_opts=1, shuffle=True)
        _repeat(data, len(dataset.entries), episodes)
    dataset.close()


def write_like(path: Path, example: Path, episodes: int) -> None:
    """The episodes of a robomimic HDF5 file, again and again, without pictures; its profile and model come along."""
    with h5py.File(example, "r") as source, h5py.File(path, "w") as file:
        data = file.create_group("data")
        for name, value in source["data"].attrs.items():
            data.attrs[name] = value
        for number, name in enumerate(list(source["data"])[:episodes]):
            source.copy(f"data/{name}", data, name=f"demo_{number}")
            pictures = [item.name for item in _datasets(data[f"demo_{number}"]) if item.ndim > HIGHEST_RANK]
            for picture in pictures:
                del file[picture]
        _repeat(data, min(len(source["data"]), episodes), episodes)
    profile = example.with_name(example.name + ".failview.toml")
    if profile.exists():
        shutil.copyfile(profile, path.with_name(path.name + ".failview.toml"))
    if (example.parent / "model").is_dir():
        shutil.copytree(example.parent / "model", path.parent / "model")


def _repeat(data: h5py.Group, written: int, episodes: int) -> None:
    for number in range(written, episodes):
        data.copy(f"demo_{number % written}", data, name=f"demo_{number}")


def _datasets(group: h5py.Group) -> list[h5py.Dataset]:
    found: list[h5py.Dataset] = []
    group.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return found


def read_signals(path: Path) -> None:
    """The baseline: every signal of every episode into memory, and nothing else."""
    with h5py.File(path, "r") as file:
        for demo in file["data"].values():
            for item in _datasets(demo):
                item[()]


def judge(path: Path, jobs: int) -> None:
    """All detectors over all episodes, nothing known from before; results are written."""

    def unseen(what: str, steps: Iterable[Any], total: int) -> Iterable[Any]:  # noqa: ARG001
        return steps

    dataset = open_dataset(path)
    result = detect(dataset, str(path), DetectionRequest(force=True, workers=Workers(jobs)), unseen)
    dataset.close()
    if result.problems:
        raise SystemExit(f"{len(result.problems)} episodes could not be judged: {next(iter(result.problems.values()))}")


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds that it takes, seconds of processor time in this process and those that it started)."""
    started, used = time.perf_counter(), _processor_s()
    work()
    return time.perf_counter() - started, _processor_s() - used


def _processor_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@app.command()
def detection(
    episodes: Annotated[int, typer.Option(min=1, help="Episodes in the file.")] = 1000,
    runs: Annotated[int, typer.Option(min=1, help="Runs; their median counts.")] = 3,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")] = 0,
    like: Annotated[Path | None, typer.Option(metavar="FILE", help="A robomimic HDF5 file to repeat.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """All detectors, against merely reading the signals with h5py."""
    with tempfile.TemporaryDirectory(prefix="failview-bench-") as folder:
        path = Path(folder) / "episodes.hdf5"
        write_demo_episodes(path, episodes) if like is None else write_like(path, like, episodes)
        read_signals(path)
        reading, judging = [], []
        for _ in range(runs):
            reading.append(measured(lambda: read_signals(path)))
            judging.append(measured(lambda: judge(path, jobs)))
    ratios = [judge_s / read_s for (judge_s, _), (read_s, _) in zip(judging, reading, strict=True)]
    found = {
        "episodes": episodes,
        "read_ms_per_episode": _median_ms(reading, 0, episodes),
        "read_cpu_ms_per_episode": _median_ms(reading, 1, episodes),
        "detect_ms_per_episode": _median_ms(judging, 0, episodes),
        "detect_cpu_ms_per_episode": _median_ms(judging, 1, episodes),
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(ratio, 2) for ratio in ratios],
    }
    if as_json:
        typer.echo(json.dumps(found))
        return
    console = Console(highlight=False)
    console.print(f"detection of {episodes} episodes, median of {runs} runs")
    for title, name in (("reading the signals with h5py", "read"), ("all detectors", "detect")):
        wall_ms, cpu_ms = found[f"{name}_ms_per_episode"], found[f"{name}_cpu_ms_per_episode"]
        console.print(f"  {title:<30} {wall_ms:7.2f} ms per episode, {cpu_ms:7.2f} ms of processor time")
    console.print(f"  ratio {found['ratio']:.2f} (runs: {found['ratios']})")


@app.command()
def application(
    switches: Annotated[int, typer.Option(min=6, help="Episodes to go through.")] = 30,
    frames: Annotated[int, typer.Option(min=10, help="Frames of an episode.")] = 500,
    width: Annotated[int, typer.Option(min=64, help="Width of its pictures; they are 4:3.")] = 640,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The application at the keys: time to the next episode, stalls, marks, memory."""
    found = measure(switches, frames, (width, width * 3 // 4))
    if as_json:
        typer.echo(json.dumps(found))
        return
    console = Console(highlight=False)
    console.print(f"{switches} switches between episodes of {frames} frames, two cameras {width} wide")
    for name, times in found.items():
        if name.endswith("_ms"):
            title = name.removesuffix("_ms").replace("_", " ").replace("viewers", "viewer's")
            console.print(
                f"  {title:<34} median {times['median']:6.1f} ms, p95 {times['p95']:6.1f}, most {times['most']:6.1f}"
            )
    for number, memory in found["memory_after_switches"].items():
        console.print(
            f"  memory after {number:>4} switches: panel {memory['panel_mb']} MB, viewer {memory['viewer_mb']} MB"
        )


def _median_ms(runs: list[tuple[float, float]], which: int, episodes: int) -> float:
    return round(statistics.median(run[which] for run in runs) / episodes * 1000, 3)


if __name__ == "__main__":
    app()
