"""What the web counts, and how Prometheus reads it."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUEST_SECONDS = Histogram(
    "wikic_http_request_seconds",
    "Time from a request's first byte to its answer's last, by route and status.",
    ["route", "method", "status"],
    buckets=(0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)


def exposition(folder: str | None) -> tuple[bytes, str]:
    """The metrics as text, and its media type. `folder`: where the processes of one server write theirs together, if
    there are several."""
    if folder is None:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
