"""Forms of the pages: fields as they were sent, redirects that stay on this site, and cookies of sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from wikic.errors import InvalidInput
from wikic.web.acting import SESSION_COOKIE
from wikic.web.rate_limit import caller

LONGEST_FIELD: Final = 20_000
MOST_FIELDS: Final = 2_500
"""A split gives away each relation of a concept; the largest have some 1,000."""
LARGEST_PART: Final = 2_000_000
"""Bytes of a field of a form that sends a file, at most; the file itself may be larger."""
PRIVATE: Final = {"Cache-Control": "no-store"}
"""Of pages that show something once, or hold a link's secret in their address."""


async def _form(request: Request) -> FormData:
    # Urlencoded only: a page that sends a file says so (`Upload`).
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise InvalidInput("send the form as application/x-www-form-urlencoded")
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


Form = Annotated[FormData, Depends(_form)]
"""The fields of a form that was sent; handlers that take it run in a thread."""


@dataclass(frozen=True, slots=True)
class UploadedForm:
    """A form that was sent with files: the other fields, and the bytes of each file that was chosen."""

    texts: FormData
    files: Mapping[str, bytes]


async def _upload(request: Request) -> UploadedForm:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput("send the form as multipart/form-data")
    # The limit of all bodies (`limits`) holds for this one too.
    async with request.form(max_files=2, max_fields=50, max_part_size=LARGEST_PART) as form:
        files = {name: await value.read() for name, value in form.multi_items() if isinstance(value, UploadFile)}
        return UploadedForm(FormData([(name, value) for name, value in form.multi_items() if isinstance(value, str)]), files)


Upload = Annotated[UploadedForm, Depends(_upload)]
"""A form that sends files; handlers that take it run in a thread."""


def field(form: FormData, name: str, longest: int = LONGEST_FIELD) -> str:
    """A field's text, "" where it was not sent. Raises InvalidInput for one that is too long."""
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidInput(f"the field {name!r} holds more than {longest:,} characters", reason="text-long", text_field=name, longest=longest)
    return value.replace("\r\n", "\n")


def fields(form: FormData, name: str) -> list[str]:
    """All values of a field that may be sent several times."""
    return [value for value in form.getlist(name) if isinstance(value, str)][:200]


def see(address: str) -> Response:
    """After a form: read that page (303)."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def local(address: str, otherwise: str = "/") -> str:
    """An address of this site that somebody asked to come back to; nobody is led elsewhere by it."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or any(char < " " or char == "\\" for char in address):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address


def sign_in_address(request: Request) -> str:
    """The sign-in page, which leads back to the address asked for."""
    query = request.scope["query_string"].decode("latin-1")
    here = request.url.path + (f"?{query}" if query else "")
    return f"/sign-in?next={quote(here, safe='')}"


def address_of_caller(request: Request) -> str:
    """Where a request comes from, as attempts are counted by (of IPv6 the /64)."""
    return caller(request.scope) or "here"


def set_session(answer: Response, request: Request, token: str, seconds: int) -> Response:
    """Give the browser a session."""
    secure = str(request.app.state.public_url).startswith("https:")
    answer.set_cookie(SESSION_COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


def drop_session(answer: Response, request: Request) -> Response:
    """Take the session from the browser."""
    secure = str(request.app.state.public_url).startswith("https:")
    answer.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=secure)
    return answer
