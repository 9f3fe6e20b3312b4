"""How gunicorn serves Collum: `gunicorn --config deploy/gunicorn.conf.py clinic.wsgi`.

BIND, WORKERS and THREADS change the defaults. METRICS_BIND=127.0.0.1:9100 serves counts for Prometheus there.
"""

import os
import shutil
import tempfile

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WORKERS", "3"))
threads = int(os.environ.get("THREADS", "4"))
timeout = 30
graceful_timeout = 25
# A worker ends now and then, so that memory that it does not give back stays bounded.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True

metrics_bind = os.environ.get("METRICS_BIND", "")
if metrics_bind and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="collum-metrics-")


def when_ready(server):
    if not metrics_bind:
        return
    from prometheus_client import CollectorRegistry, multiprocess, start_http_server

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    host, _, port = metrics_bind.rpartition(":")
    start_http_server(int(port), addr=host, registry=registry)


def child_exit(server, worker):
    if metrics_bind:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if metrics_bind:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
