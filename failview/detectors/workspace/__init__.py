"""What the arm cannot reach, and what became of the object when nobody held it."""
