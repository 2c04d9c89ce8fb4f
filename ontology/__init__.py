"""Data only: the ontology of Wiki-C's terms (`wikic.ttl`), read with `importlib.resources`."""
