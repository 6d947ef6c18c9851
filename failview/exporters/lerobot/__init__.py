"""LeRobot v3.0, written without the lerobot package."""
