"""What programs ask: tokens, revocation, introspection, metadata; and the guard of a host's own views."""
