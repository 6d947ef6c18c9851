"""What labelled episodes teach: how often detections are right, and which thresholds serve better."""
