"""Damages files at random places, and reads all that a dataset has, so that what is wrong can be heard."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.camera import Picture

Seen = Callable[[str, int, Picture], None]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut off, some bytes changed, or a stretch zeroed."""
    broken = bytearray(content)
    kind = chance.random()
    if kind < 0.3:
        return bytes(broken[: chance.randrange(len(broken))])
    if kind < 0.8:
        for _ in range(chance.choice([1, 3, 20])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        return bytes(broken)
    start = chance.randrange(len(broken))
    stop = min(len(broken), start + chance.randrange(1, 2000))
    broken[start:stop] = bytes(stop - start)
    return bytes(broken)


def damage_copy(whole: Path, broken: Path, chance: random.Random) -> None:
    """Make a copy in which the file, or one file of the folder, is damaged."""
    if whole.is_file():
        broken.write_bytes(damaged(whole.read_bytes(), chance))
        return
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(whole, broken)
    victim = chance.choice(sorted(path for path in broken.rglob("*") if path.is_file()))
    victim.write_bytes(damaged(victim.read_bytes(), chance))


def read_all(path: Path, seen: Seen | None = None) -> list[str]:
    """Read everything; the lines of whatever is doubtful or could not be read.

    Args:
        path: The dataset.
        seen: Gets episode, frame and picture of what could be read.
    """
    try:
        opened = open_dataset(path)
    except DatasetError as error:
        return [str(error)]
    lines = list(opened.warnings)
    for entry in opened.entries:
        try:
            episode = opened.open_episode(entry.episode_id)
            opened.report(entry.episode_id)
        except DatasetError as error:
            lines.append(str(error))
            continue
        lines += episode.warnings
        for camera in episode.cameras.values():
            reader = camera.open_reader()
            for frame in {0, camera.num_frames // 2, camera.num_frames - 1}:
                try:
                    picture = reader.read(frame)
                except DatasetError as error:
                    lines.append(str(error))
                    continue
                if seen is not None:
                    seen(entry.episode_id, frame, picture)
            reader.close()
    opened.close()
    return lines
