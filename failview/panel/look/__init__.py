"""What everything on the panel is made of: colours, fonts, buttons, lines of words."""
