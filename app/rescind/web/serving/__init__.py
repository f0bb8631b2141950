"""The process that serves: gunicorn, health, logs, and what it does by itself beside answering."""
