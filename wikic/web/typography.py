"""How sentences are set: what the texts of pages and errors go through once, when they are loaded."""

from __future__ import annotations

import re


def french(sentence: str) -> str:
    """A French sentence with the spaces that no line ends at: before : and %, within guillemets and after "n°"; narrow ones before ; ! and ?."""
    return re.sub(" (?=[;!?])", "\u202f", re.sub(" (?=[:»%])|(?<=[«°]) ", "\u00a0", sentence))
