"""A zip in pieces, made as it is read: equal files give equal bytes, and none of them has to be there as a whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Final

_LEVEL: Final = 6
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """The zip of these files: name and content, in pieces."""
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
        for name, content in files:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            # The same whatever system writes it.
            info.create_system, info.external_attr = 3, 0o644 << 16
            with packed.open(info, "w", force_zip64=True) as member:
                for piece in content:
                    member.write(piece)
                    yield from out.taken()
    yield from out.taken()


class _Pieces(io.RawIOBase):
    """A file that cannot seek, whose content is taken away as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def taken(self) -> Iterator[bytes]:
        """What has come since the last time."""
        parts, self._parts = self._parts, []
        whole = b"".join(parts)
        if whole:
            yield whole
