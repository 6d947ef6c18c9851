"""An RLDS export in TFDS. DATA_DIR NAME CAMERA"""

import json
import sys

import tensorflow_datasets as tfds

data_dir, name, camera = sys.argv[1:]
builder = tfds.builder_from_directory(f"{data_dir}/{name}/1.0.0")
episodes = []
for episode in builder.as_dataset(split="train", shuffle_files=False):
    steps = list(episode["steps"])
    episodes.append(
        {
            "sidecar": episode["episode_metadata"]["sidecar"].numpy().decode(),
            "phases": [step["failure_phase"].numpy().decode() for step in steps],
            "onsets": [frame for frame, step in enumerate(steps) if step["is_failure_onset"].numpy()],
            "pictures": [
                step["observation"][f"{camera}_image"].numpy().mean(axis=2).round().tolist() for step in steps[:2]
            ],
            "numbers": [int(step["observation"]["obs_frame_number"].numpy()[0]) for step in steps],
        }
    )
by_name = tfds.load(name, data_dir=data_dir, split="train[:2]")
undecoded = builder.as_dataset(split="train", decoders={"steps": tfds.decode.SkipDecoding()})
failed = builder.as_dataset(split="train").filter(lambda item: item["episode_metadata"]["outcome"] == "failure")
steps = builder.as_dataset(split="train").flat_map(lambda item: item["steps"])
found = {
    "episodes": episodes,
    "sliced": len(list(by_name)),
    "undecoded": len(list(undecoded)),
    "failed": [item["episode_metadata"]["episode_id"].numpy().decode() for item in failed],
    "steps": sum(1 for _ in steps),
}
print(json.dumps(found))
