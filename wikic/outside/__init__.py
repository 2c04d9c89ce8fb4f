"""The network beyond this machine: the guarded HTTP client, mail, OpenID Connect. Nothing else opens a connection to others."""
