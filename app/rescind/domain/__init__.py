"""What the server means: plain Python, without HTTP, Authlib or SQL."""
