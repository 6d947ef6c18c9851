"""robomimic's own SequenceDataset: every frame of the demos of a filter key, in every cache mode, and over workers.

FILE KEY FRAME_NUMBERS_OBS IMAGE_OBS
"""

import contextlib
import io
import json
import sys

from robomimic.utils import obs_utils
from robomimic.utils.dataset import SequenceDataset
from torch.utils.data import DataLoader


def read(path: str, key: str, number: str, image: str, cache: str | None) -> list[dict[str, object]]:
    dataset = SequenceDataset(
        path,
        obs_keys=[number, image],
        dataset_keys=["actions", "rewards", "dones", "failure_phase", "is_failure_onset"],
        hdf5_cache_mode=cache,
        filter_by_attribute=None if key == "-" else key,
        load_next_obs=False,
    )
    items = [dataset[index] for index in range(len(dataset))]
    batch = next(iter(DataLoader(dataset, batch_size=4, num_workers=2 if cache is None else 0)))
    return [
        {
            "demos": dataset.demos,
            "number": [int(item["obs"][number].ravel()[0]) for item in items],
            "phase": [int(item["failure_phase"].ravel()[0]) for item in items],
            "onset": [bool(item["is_failure_onset"].ravel()[0]) for item in items],
            "actions": list(items[0]["actions"].shape),
            "image": list(items[0]["obs"][image].shape),
            "batch": list(batch["actions"].shape),
        }
    ]


def main() -> None:
    path, key, number, image = sys.argv[1:]
    obs_utils.initialize_obs_utils_with_obs_specs({"obs": {"low_dim": [number], "rgb": [image]}})
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = [part for cache in (None, "low_dim", "all") for part in read(path, key, number, image, cache)]
    print(json.dumps(found))


main()
