"""Pictures in files, addressed by frame."""
