"""What the garbage collector does in a worker: little, and never over what was there at the start.

A request leaves nothing behind that only the collector could find, so to look for that after every few
hundred objects, through all that the packages have loaded, is a good part of what a request costs.
"""

import gc

# Of new objects, and of collections of these, before the next older ones are looked through.
THRESHOLDS = (20_000, 20, 50)


def settle() -> None:
    """Set what is loaded by now apart, and look less often at what comes after."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
