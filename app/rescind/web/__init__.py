"""HTTP. The one layer that imports Flask."""
