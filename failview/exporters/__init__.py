"""Labels and episodes in the formats that training code and other tools read."""
