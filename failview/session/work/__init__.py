"""The work over many episodes: stages, queue, review, samples, how far one is."""
