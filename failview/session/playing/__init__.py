"""The cursor of the open episode: playing, marks, zoom; the viewer follows."""
