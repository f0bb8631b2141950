"""Hashes of passwords that cost next to nothing, for what is not about their cost.

What the product takes for one is a good part of a second of a processor, on purpose: it is tested where the
hash is made, and in the storm of sign-ins.
"""

from argon2 import PasswordHasher

from rescind.domain.people import passwords

# In the environment of a server that is forked for a test: it takes them too.
CHEAP = "TEST_CHEAP_HASHES"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def take() -> None:
    """Have this process make them for as long as it lives."""
    passwords._HASHER = HASHER
