"""How things end, who did it and why, and who is told."""
