"""What is known of files since an earlier run, for runs that had none before."""

from pathlib import Path
from typing import Any

from failview.sidecars.store import SidecarStore


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
    return [item.episode_id for item in store.overviews(Forgetful())]
