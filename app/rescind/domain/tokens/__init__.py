"""How grants and tokens come to be, follow each other, and are asked about."""
