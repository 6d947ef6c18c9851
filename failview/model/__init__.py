"""What failview talks about: episodes, signals, detections, annotations, taxonomy. Knows neither disk nor screen."""
