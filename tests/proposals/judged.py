"""Small datasets to judge, and runs over them with the simple detectors."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py

from failview.loaders import open_dataset
from failview.proposals.detection_run import DetectionRequest, DetectionResult, detect
from failview.proposals.spreading import Workers
from tests.fakes import fake_detectors
from tests.loaders.write_robomimic import add_demo

FAKE = "tests.fakes.fake_detectors"


def write_demos(path: Path, tasks: tuple[str, ...] = ("", "", ""), frames: int = 12) -> Path:
    """Demos 0, 1, …: each has a task; the larger its number, the wider its gripper ends."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["control_freq_hz"] = 20.0
        for number, task in enumerate(tasks):
            demo = add_demo(data, f"demo_{number}", frames, seed=number, pictures=False)
            demo.attrs["language_instruction"] = task
    return path


def shown_to_nobody(what: str, steps: Iterable[Any], total: int) -> Iterable[Any]:
    return steps


def judge(path: Path, user_root: Path | None = None, **options: Any) -> DetectionResult:
    """Run the simple detectors in this process, or as told; `fake_detectors.looked` starts empty."""
    fake_detectors.looked.clear()
    workers = options.pop("workers", Workers(jobs=1))
    request = DetectionRequest(workers=workers, detectors=FAKE, user_root=user_root, **options)
    dataset = open_dataset(path, request.profile)
    try:
        return detect(dataset, str(path), request, shown_to_nobody)
    finally:
        dataset.close()
