"""A LeRobot export in lerobot. ROOT CAMERA_KEY"""

import json
import sys

import torch

# torchvision's wheel from PyPI is made for CUDA; on a CPU it misses these two and cannot be imported.
operators = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    operators.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402 - after the operators

root, key = sys.argv[1:]
data = LeRobotDataset("local/export", root=root)
frames = [data[index] for index in range(len(data))]
selected = LeRobotDataset("local/export", root=root, episodes=[0, 2])
batch = next(iter(torch.utils.data.DataLoader(data, batch_size=4, num_workers=1)))
found = {
    "episode": [int(frame["episode_index"]) for frame in frames],
    "frame": [int(frame["frame_index"]) for frame in frames],
    "phase": [frame["annotation.failure_phase"] for frame in frames],
    "onset": [bool(frame["annotation.is_failure_onset"]) for frame in frames],
    "task": sorted({frame["task"] for frame in frames}),
    "pictures": [(frame[key] * 255).round().to(torch.uint8).permute(1, 2, 0).tolist() for frame in frames[::7]],
    "outcomes": list(data.meta.episodes["annotation/outcome"]),
    "selected": len(selected),
    "batch": list(batch[key].shape),
    "stats": sorted(data.meta.stats or ()),
}
print(json.dumps(found))
