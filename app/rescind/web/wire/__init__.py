"""HTTP in and out: bodies, answers, CORS, request ids, and what must never be written down."""
