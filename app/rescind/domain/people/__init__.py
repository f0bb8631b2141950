"""Who signs in: users, passwords, sessions, and what a person has given to clients."""
