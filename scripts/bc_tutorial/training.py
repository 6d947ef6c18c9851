"""robomimic's own training of behaviour cloning, without pictures and without its environments."""

import json
from pathlib import Path
from typing import Any

import torch

from bc_tutorial.observations import INPUT

STEPS_PER_EPOCH = 100
BATCH = 100


def prepare_torchvision() -> None:
    """A torchvision built for CUDA cannot be imported beside a torch for CPUs before these operators have a schema."""
    try:
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        return  # they have one
    prepare_torchvision.library = library  # type: ignore[attr-defined] - gone with it, they would be gone too


def train(dataset: Path, key: str, out: Path, *, epochs: int, seed: int) -> Path:
    """Train on the episodes of a filter key; the checkpoint of the last epoch."""
    prepare_torchvision()
    from robomimic.config import config_factory  # noqa: PLC0415 - after torchvision
    from robomimic.scripts.train import train as run  # noqa: PLC0415

    name = f"{key}_{seed}"
    config = config_factory("bc")
    with config.values_unlocked():
        _fill(config, dataset, key, out, name, epochs, seed)
    config.lock()
    torch.set_num_threads(1)  # so small a network gains nothing by more, and two trainings fit on two cores
    run(config, device=torch.device("cpu"))
    [checkpoint] = (out / name).glob(f"*/models/model_epoch_{epochs}.pth")
    (out / name / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    return checkpoint


def _fill(config: Any, dataset: Path, key: str, out: Path, name: str, epochs: int, seed: int) -> None:  # noqa: PLR0913, PLR0917
    config.experiment.name = name
    config.experiment.rollout.enabled = False
    config.experiment.save.every_n_epochs = epochs
    config.experiment.epoch_every_n_steps = STEPS_PER_EPOCH
    config.experiment.logging.log_tb = False
    config.train.output_dir = str(out.resolve())  # robomimic takes relative ones from its own folder
    config.train.data = str(dataset.resolve())
    config.train.hdf5_filter_key = key
    config.train.hdf5_cache_mode = "all"
    config.train.num_data_workers = 0
    config.train.dataset_keys = ["actions"]
    config.train.batch_size = BATCH
    config.train.num_epochs = epochs
    config.train.seed = seed
    config.observation.modalities.obs.low_dim = [INPUT]
    config.algo.optim_params.policy.learning_rate.initial = 1e-3
    config.algo.actor_layer_dims = [256, 256]
    config.algo.gmm.enabled = True
