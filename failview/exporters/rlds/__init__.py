"""RLDS in TFDS's files on disk, written without TensorFlow."""
