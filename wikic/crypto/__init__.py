"""Hashes and signatures: passwords, tokens, release manifests, webhooks. Libraries do the work; nothing here is invented."""
