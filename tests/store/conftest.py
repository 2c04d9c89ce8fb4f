"""Fixtures of the store's tests: `engine` is each engine in turn, empty."""

from tests.engines import arcadedb_engine, engine, neo4j_engine

__all__ = ["arcadedb_engine", "engine", "neo4j_engine"]
