"""The story of the grasps, and what went wrong in it."""
