"""Static files under names that hold a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response

from wikic.errors import NotFound
from wikic.web.answers import IMMUTABLE

FOLDER: Final = Path(__file__).parent / "static"
_MEDIA: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: the address it is served at, its bytes and media type."""

    address: str
    content: bytes
    media: str


def read_static(folder: Path = FOLDER) -> Mapping[str, StaticFile]:
    """The files of the folder by their plain names."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in _MEDIA:
            content = path.read_bytes()
            mark = blake2b(content, digest_size=6).hexdigest()
            found[path.name] = StaticFile(f"/static/{path.stem}.{mark}{path.suffix}", content, _MEDIA[path.suffix])
    return found


STATIC: Final = read_static()
_BY_ADDRESS: Final = {file.address: file for file in STATIC.values()}

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    file = _BY_ADDRESS.get(f"/static/{name}")
    if file is None:
        raise NotFound(f"there is no static file {name[:100]}: it may be of another version of the site")
    return Response(file.content, headers={"Cache-Control": IMMUTABLE, "Content-Type": file.media})


@router.get("/favicon.ico")
async def favicon() -> Response:
    file = STATIC["favicon.svg"]
    return Response(file.content, headers={"Cache-Control": "public, max-age=86400", "Content-Type": file.media})


@router.get("/robots.txt")
async def robots() -> Response:
    text = "User-agent: *\nDisallow: /api/\nDisallow: /search\nDisallow: /diff\n"
    return Response(text, headers={"Cache-Control": "public, max-age=86400", "Content-Type": "text/plain"})
