"""What a user may choose once: keys, theme, annotator name."""
