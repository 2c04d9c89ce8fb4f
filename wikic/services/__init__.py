"""One module a flow: what people and programs do with the framework. Permissions and commits live here."""
