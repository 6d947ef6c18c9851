"""torch's DataLoader over a TrajectoryDataset. PATH FILTER WINDOW WORKERS SIGNAL"""

import json
import sys

from torch.utils.data import DataLoader

from failview.trajectory_dataset import TrajectoryDataset


def main() -> None:
    path, wanted, window, workers, signal = sys.argv[1:]
    data = TrajectoryDataset(path, filter=wanted, window=int(window), signals=(signal,), cameras=("agentview",))
    data[0]  # files are open when the workers are started
    how = {"multiprocessing_context": "spawn"} if workers == "2" else {}
    seen: list[list[object]] = []
    shapes, kinds = {}, {}
    for batch in DataLoader(data, batch_size=4, num_workers=int(workers), **how):
        tensors = {
            "signal": batch["signals"][signal],
            "picture": batch["pictures"]["agentview"],
            "phase": batch["failure_phase"],
            "onset": batch["is_failure_onset"],
            "frames": batch["frames"],
        }
        shapes = shapes or {name: list(tensor.shape) for name, tensor in tensors.items()}
        kinds = kinds or {name: str(tensor.dtype) for name, tensor in tensors.items()}
        for at, episode in enumerate(batch["episode_id"]):
            seen.append(
                [episode, *(tensors[name][at].flatten().tolist() for name in ("frames", "signal", "phase", "onset"))]
            )
    print(json.dumps({"items": seen, "shapes": shapes, "kinds": kinds, "length": len(data)}))


if __name__ == "__main__":
    main()  # workers that are spawned import this file
