"""Labels as tables: one row per episode, one row per failure."""
