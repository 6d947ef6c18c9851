"""Zarr replay buffers: arrays over all episodes, and where each episode ends (diffusion policy, UMI)."""
