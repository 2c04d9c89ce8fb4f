"""Fixtures of the flow tests: `engine` is each engine in turn, empty; `framework` the services over it."""

from __future__ import annotations

import pytest

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.model import Framework
from wikic.store.engine import Engine

__all__ = ["arcadedb_engine", "engine", "neo4j_engine"]


@pytest.fixture
def framework(engine: Engine) -> Framework:
    """An empty framework, its store founded."""
    return Framework(engine)
