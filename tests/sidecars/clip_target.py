"""A process to be killed: sets clips through the real file and prints each one once it is on disk.

Usage: clip_target.py FOLDER CAUSE. Each cause gets one frame more than before, from what is on disk.
"""

import random
import sys
import threading
from itertools import count
from pathlib import Path

from failview.model.taxonomy import ReferenceClip
from failview.sidecars.clip_file import CLIPS_NAME, ClipFile


def main() -> None:
    folder, cause = Path(sys.argv[1]), sys.argv[2]
    file = ClipFile(folder / CLIPS_NAME, folder / "elsewhere" / CLIPS_NAME)
    key = ("proximal_cause", cause)
    known = file.read().clips.get(key)
    pause = threading.Event()
    for frame in count(1 if known is None else known.end_frame + 1):
        file.put(key, ReferenceClip("demo_0", 0, frame))
        sys.stdout.write(f"{frame}\n")
        sys.stdout.flush()
        pause.wait(random.random() * 0.01)


main()
