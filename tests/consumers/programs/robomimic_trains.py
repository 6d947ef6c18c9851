"""robomimic's own training: behaviour cloning for a few steps on a filter key. FILE KEY OUT OBS…"""

import contextlib
import io
import json
import sys
from pathlib import Path

import torch

# A torchvision built for CUDA cannot be imported beside a torch for CPUs before these operators have a schema.
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from robomimic.config import config_factory  # noqa: E402
from robomimic.scripts.train import train  # noqa: E402
from robomimic.utils.file_utils import policy_from_checkpoint  # noqa: E402

path, key, out, *seen = sys.argv[1:]
config = config_factory("bc")
with config.values_unlocked():
    config.experiment.name = "test"
    config.experiment.rollout.enabled = False
    config.experiment.epoch_every_n_steps = 20
    config.experiment.save.every_n_epochs = 3
    config.experiment.logging.log_tb = False
    config.experiment.validate = False
    config.train.output_dir = out
    config.train.data = path
    config.train.hdf5_filter_key = key
    config.train.num_epochs = 3
    config.train.num_data_workers = 0
    config.train.batch_size = 8
    config.observation.modalities.obs.low_dim = seen
config.lock()
with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(io.StringIO()):
    train(config, device=torch.device("cpu"))
    [checkpoint] = Path(out).glob("test/*/models/model_epoch_3.pth")
    policy, _ = policy_from_checkpoint(ckpt_path=str(checkpoint), device=torch.device("cpu"))
text = printed.getvalue()
losses = [
    json.loads(line.split(":")[1].rstrip(", ")) for line in text.splitlines() if line.strip().startswith('"Loss"')
]
sequences = [int(line.split("=")[1]) for line in text.splitlines() if line.strip().startswith("num_demos=")]
print(json.dumps({"losses": losses, "num_demos": sequences, "policy": type(policy).__name__}))
