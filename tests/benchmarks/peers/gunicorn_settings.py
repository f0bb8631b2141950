"""gunicorn as the product itself is served: the settings that were measured best there.

Workers and threads are on the command line. `gunicorn_h1c` is installed, so requests are parsed in C.
"""

worker_class = "gthread"
http_parser = "fast"
# Each of the two keeps its connections, as ours does: setting one up costs more than the request.
keepalive = 75
timeout = 30
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
