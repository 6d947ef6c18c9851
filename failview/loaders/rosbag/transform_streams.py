"""Streams made from transforms, for the frames that the profile names or that look like base and tool."""

import numpy as np

from failview.loaders.raw_dataset import RawStream
from failview.loaders.rosbag.bag_clock import seconds_since, within_frames
from failview.loaders.rosbag.topic_reading import Stamps
from failview.loaders.rosbag.transforms import TransformTree


class TransformStreams:
    """The transforms of one episode, on the clock of its frames."""

    def __init__(self, tree: TransformTree, frame_ns: Stamps) -> None:
        self._tree = tree
        self._frame_ns = frame_ns

    @property
    def frames(self) -> tuple[str, ...]:
        """Names of all frames."""
        return self._tree.frames

    def guess(self) -> tuple[str, str] | None:
        """(parent, child) that look like the base and the tool of an arm."""
        return self._tree.guess()

    def chain(self, parent: str, child: str) -> tuple[RawStream, RawStream] | str:
        """(position in m, orientation xyzw) of one frame in another; why there is none, in words."""
        motion = self._tree.chain(parent, child)
        if isinstance(motion, str):
            return motion
        rows, placed_ns = within_frames(motion.times_ns, self._frame_ns)
        times_s = seconds_since(placed_ns, int(self._frame_ns[0]))
        values = (("position", motion.position, "m"), ("orientation", motion.orientation_xyzw, "xyzw"))
        position, orientation = (
            RawStream(
                f"tf.{parent}.{child}.{name}",
                np.ascontiguousarray(array[rows]),
                (array.shape[1],),
                "float64",
                unit=unit,
                times_s=times_s,
            )
            for name, array, unit in values
        )
        return position, orientation
