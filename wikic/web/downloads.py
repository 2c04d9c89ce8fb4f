"""What downloads are called."""

from __future__ import annotations

import re


def attachment(name: str) -> str:
    """The Content-Disposition of a download; what a header or a file system would not take in its name becomes a hyphen."""
    return f'attachment; filename="{re.sub(r"[^A-Za-z0-9._-]+", "-", name)}"'
