"""Whether the object ended where it should: five ways to tell, in order of trust."""
