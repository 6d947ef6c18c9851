"""What is known of files since an earlier run, for runs that had none before."""

from pathlib import Path
from typing import Any

from failview.sidecars.store import SidecarStore
from failview.sidecars.work_done import find_work


class Forgetful:
    """Remembers nothing, so that everything is read."""

    def get(self, file: Path) -> Any:
        return None

    def put(self, file: Path, found: Any) -> None:
        pass

    def save(self) -> None:
        pass


def listed_episodes(store: SidecarStore) -> list[str]:
    """Episodes of which a store has a readable sidecar, in the order of their files."""
    works = find_work(store.location, Forgetful(), lambda paths, _title: paths).works
    return [work.episode_id for work in works if work.annotator == store.annotator]
