"""What is registered: tenants, their settings and keys, and clients."""
