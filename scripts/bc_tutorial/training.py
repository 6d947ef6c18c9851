"""Behaviour cloning in plain torch: from what is seen in a frame to the action."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from bc_tutorial.observations import APERTURE, INPUT
from failview.trajectory_dataset import Filter, TrajectoryDataset

WINDOW: Final = 2
"""A frame, and the one before it: a policy that sees both only learns to go on as before."""
ACTIONS: Final = 7
BATCH: Final = 256
_HIDDEN: Final = 256
_RATE: Final = 1e-3
_NOISE: Final = 0.02  # dm
_STILL: Final = 0.03  # 1.5 mm or 0.9 degrees a frame
_STILL_OPENING: Final = 0.005  # dm


class Policy(nn.Module):
    """Two hidden layers; inputs and outputs are scaled by what the demonstrations have."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        for name, size in (("input_mean", columns), ("input_std", columns), ("mean", ACTIONS), ("std", ACTIONS)):
            self.register_buffer(name, torch.ones(size))
        self.net = nn.Sequential(
            nn.Linear(columns, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, ACTIONS)
        )  # fmt: skip

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """(batch, 7) scaled actions for (batch, columns) observations."""
        return self.net((seen - self.input_mean) / self.input_std)

    def act(self, seen: torch.Tensor) -> np.ndarray:
        """(7,) the action for (columns,) observations."""
        with torch.no_grad():
            return (self(seen[None])[0] * self.std + self.mean).numpy()


def windows(dataset: Path, wanted: Filter, episodes: list[str] | None) -> tuple[torch.Tensor, torch.Tensor]:
    """((frames, columns), (frames, 7)): what was seen and done wherever something moves."""
    signals = (f"obs/{INPUT}", "action")
    data = TrajectoryDataset(dataset, wanted, window=WINDOW, signals=signals, detectors=False, episodes=episodes)
    items = [item["signals"] for item in data if not _idles(item["signals"][signals[0]], item["signals"]["action"])]
    seen = np.stack([item[signals[0]][-1] for item in items])
    return torch.from_numpy(seen), torch.from_numpy(np.stack([item["action"][-1] for item in items]))


def _idles(seen: np.ndarray, actions: np.ndarray) -> bool:
    """Whether nothing moves: a policy that learns to wait where people wait never goes on."""
    opening = np.ptp(seen[-2:, APERTURE])
    return bool(
        np.abs(actions[-1, :6]).max() < _STILL and opening < _STILL_OPENING and actions[-1, 6] == actions[-2, 6]
    )


def train(dataset: Path, wanted: Filter, episodes: list[str] | None, *, steps: int, seed: int) -> Policy:
    """Train on the episodes that pass a filter."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    seen, actions = windows(dataset, wanted, episodes)
    policy = Policy(seen.shape[1])
    policy.input_mean, policy.input_std = seen.mean(0), seen.std(0) + 1e-3
    policy.mean, policy.std = actions.mean(0), actions.std(0) + 1e-2
    targets = (actions - policy.mean) / policy.std
    optimizer = torch.optim.Adam(policy.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(1, steps + 1):
        chosen = torch.randint(len(seen), (BATCH,))
        near = seen[chosen] + _NOISE * torch.randn(BATCH, seen.shape[1])
        loss = nn.functional.smooth_l1_loss(policy(near), targets[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % (steps // 5) == 0:
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    return policy
