"""The Prometheus instruments of Wiki-C. They count; who serves them is the web's business."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

STORE_QUERY_SECONDS = Histogram(
    "wikic_store_query_seconds",
    "Time from sending a named store query to its last row.",
    ["query"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
STORE_RETRIES = Counter(
    "wikic_store_retries_total",
    "Attempts at a store read or transaction that were repeated, by reason.",
    ["reason"],
)
