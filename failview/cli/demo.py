"""`failview demo`: try failview on the bundled demo dataset."""

import shutil
import sys
import tempfile
from pathlib import Path

import platformdirs
import typer

from failview.app.open_request import OpenRequest
from failview.cli.open import Annotator, EpisodeId, Frame, Headless, Screenshots, show
from failview.errors import DatasetError
from failview.resources import demo_dataset_dir

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    episode: EpisodeId = None,
    frame: Frame = 0,
    annotator: Annotator = None,
    headless: Headless = False,
    screenshots: Screenshots = None,
) -> None:
    """Open the bundled demo dataset: a simulated arm that puts things in their places, and often fails.

    The dataset is copied once to your data folder; your labels lie beside the copy.
    """
    dataset = _users_copy(platformdirs.user_data_path("failview") / "demo" / demo_dataset_dir().name)
    sys.stderr.write(f"demo dataset: {dataset}\n")
    show(
        OpenRequest(
            dataset, episode_id=episode, frame=frame, annotator=annotator, headless=headless, screenshots=screenshots
        )
    )


def _users_copy(target: Path) -> Path:
    """The demo dataset in a folder of the user's, copied at the first time; a copy that was cut short never counts.

    Raises:
        DatasetError: The folder cannot be written.
    """
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copying-") as folder:
            copied = shutil.copytree(demo_dataset_dir(), Path(folder) / target.name)
            copied.rename(target)
    except OSError as error:
        raise DatasetError(
            f"the demo dataset cannot be copied there ({error.strerror})", where=target, hint="Free space or permission"
        ) from error
    return target
