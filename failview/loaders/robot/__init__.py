"""Robot models: URDF and MJCF, by Pinocchio."""
