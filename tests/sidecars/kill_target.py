"""A process to be killed: makes random changes through the real writer and prints each one once it is confirmed.

Usage: kill_target.py DATASET SEED. Goes on from what it finds on disk.
"""

import random
import sys
import threading
from dataclasses import replace
from pathlib import Path

from failview.model.annotation import Annotation, AnnotationRecord, Outcome
from failview.model.episode import EpisodePlace
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from failview.sidecars.writer import SidecarWriter

EPISODES = ("demo_0", "demo_1", "demo_2")


def confirm(record: AnnotationRecord, _at: str) -> None:
    sys.stdout.write(f"{record.episode_id} {record.annotation.failure_onset_frame}\n")
    sys.stdout.flush()


def main() -> None:
    chance = random.Random(int(sys.argv[2]))
    dataset = Path(sys.argv[1])
    places = {key: EpisodePlace(dataset, key) for key in EPISODES}
    store = SidecarStore(SidecarLocation(dataset, places), "anna")
    writer = SidecarWriter(store, lambda call: call())
    writer.saved.connect(confirm)
    fresh = {key: AnnotationRecord(key, "anna", "failview-tabletop", "1.0.0", num_frames=10**9) for key in EPISODES}
    records = {key: store.load(key).record or fresh[key] for key in EPISODES}
    pause = threading.Event()
    while True:
        key = chance.choice(EPISODES)
        count = (records[key].annotation.failure_onset_frame or 0) + 1
        label = Annotation(
            outcome=Outcome.FAILURE, failure_onset_frame=count, notes=f"{count} " * chance.randrange(2000)
        )
        records[key] = replace(records[key], annotation=label)
        writer.save(records[key])
        pause.wait(chance.random() * 0.002)


main()
