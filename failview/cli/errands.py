"""What re-test, practice and exam share: whose labels there are, and which episodes are drawn from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from failview.app.settings_file import load_user_settings
from failview.cli.progress_bar import progress_bar
from failview.cli.sidecar_check import location_of
from failview.errors import SidecarError
from failview.loaders import open_dataset
from failview.loaders.index_cache import IndexCache
from failview.model.guise import Guise
from failview.quality.label_row import REMEMBERED_AS
from failview.quality.labels import Labels, read_labels
from failview.session.work.errands import Errand, errand, own_episodes
from failview.sidecars.location import SidecarLocation


@dataclass(frozen=True)
class LabelledDataset:
    """The labels of a dataset.

    Attributes:
        labels: Of everybody.
        location: Where they lie.
    """

    labels: Labels
    location: SidecarLocation


@contextmanager
def labelled(dataset: Path, profile: Path | None) -> Iterator[LabelledDataset]:
    """Read the labels of a dataset; no episode is read."""
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        location = location_of(opened)
        yield LabelledDataset(read_labels(location, IndexCache(opened.path, REMEMBERED_AS), progress_bar), location)
    finally:
        opened.close()


def annotator_of(name: str | None) -> str:
    """Who labels: the one named, else the one of the settings."""
    return name or load_user_settings().annotator


def retest(dataset: Path, profile: Path | None, annotator: str | None, count: int, after_days: float) -> Errand:
    """The re-test to go on with, or a new one.

    Raises:
        SidecarError: There is no episode to draw.
    """
    who = annotator_of(annotator)
    with labelled(dataset, profile) as known:
        pool = own_episodes(known.labels, who, after_days)
        drawn = errand(known.labels, who, Guise.RETEST, pool, count)
    if not drawn.episode_ids:
        raise SidecarError(
            f"{who} has finished no episode {_ago(after_days)}that was not tested again already",
            where=dataset,
            hint="Shorten the time with --after-days" if after_days else "Finish some first: failview open",
        )
    return drawn


def _ago(days: float) -> str:
    """The time in words, with a space behind it; nothing where any time will do."""
    return f"{days:g} day{'' if days == 1 else 's'} ago or earlier " if days else ""
