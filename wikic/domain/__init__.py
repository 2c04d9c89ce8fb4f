"""Pure rules of the framework: no store, no web, no files."""
