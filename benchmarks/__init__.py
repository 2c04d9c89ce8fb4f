"""Measurements, one command each: `python -m benchmarks.NAME --engine arcadedb|neo4j`. Not run by CI; figures and method: docs/performance.md."""
