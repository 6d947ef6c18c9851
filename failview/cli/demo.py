"""`failview demo`: try failview on the bundled demo dataset."""

import shutil
import sys
import tempfile
from pathlib import Path

import platformdirs
import typer

from failview.app.open_request import OpenRequest
from failview.cli.annotator_option import Annotator
from failview.cli.detect import detect_with_progress
from failview.cli.open import EpisodeId, Frame, Headless, Screenshots, StageToOpen, show
from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.profiles.profile import PROFILE_IN_FOLDER
from failview.proposals.detection_run import DetectionRequest
from failview.resources import demo_dataset_dir, demo_truth_path

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    episode: EpisodeId = None,
    frame: Frame = 0,
    stage: StageToOpen = None,
    annotator: Annotator = None,
    headless: Headless = False,
    screenshots: Screenshots = None,
) -> None:
    """Open the bundled demo dataset: a simulated arm that puts things in their places, and often fails.

    The dataset is copied once to your data folder; your labels lie beside the copy.
    """
    dataset = _users_copy(platformdirs.user_data_path("failview") / "demo" / demo_dataset_dir().name)
    sys.stderr.write(f"demo dataset: {dataset}\n")
    _judge(dataset)
    show(
        OpenRequest(
            dataset,
            episode_id=episode,
            frame=frame,
            stage=stage,
            annotator=annotator,
            headless=headless,
            screenshots=screenshots,
        )
    )


def _judge(dataset: Path) -> None:
    """Run the detectors; the second time they are read from disk."""
    opened = open_dataset(dataset)
    try:
        detect_with_progress(opened, str(dataset), DetectionRequest())
    finally:
        opened.close()


def _users_copy(target: Path) -> Path:
    """The demo dataset in a folder of the user's, copied at the first time and when failview ships another one.

    What really happened in its episodes is copied beside it. A copy that was cut short never counts. Labels lie beside
    the copy and stay.

    Raises:
        DatasetError: The folder cannot be written.
    """
    truth = demo_truth_path()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _is_same(truth, target.parent / truth.name):
            shutil.copyfile(truth, target.parent / truth.name)
        if target.is_dir() and _is_complete(target):
            return target
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copying-") as folder:
            copied = shutil.copytree(demo_dataset_dir(), Path(folder) / target.name)
            if target.exists():
                target.rename(Path(folder) / "outdated")
            copied.rename(target)
    except OSError as error:
        raise DatasetError(
            f"the demo dataset cannot be copied there ({error.strerror})", where=target, hint="Free space or permission"
        ) from error
    return target


def _is_complete(copy: Path) -> bool:
    """Whether a copy has every shipped file in its size; the profile may have been edited."""
    for shipped in demo_dataset_dir().rglob("*"):
        copied = copy / shipped.relative_to(demo_dataset_dir())
        may_differ = shipped.is_dir() or shipped.name == PROFILE_IN_FOLDER
        if not (copied.exists() if may_differ else _is_same(shipped, copied)):
            return False
    return True


def _is_same(shipped: Path, copied: Path) -> bool:
    return copied.exists() and shipped.stat().st_size == copied.stat().st_size
