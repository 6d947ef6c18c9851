"""The work over many episodes: queue, stages, skipping, bulk acceptance, review."""
