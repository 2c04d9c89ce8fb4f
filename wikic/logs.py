"""Logging, set up once by the command line: structlog and the standard library write the same lines to stderr.

Everything else just asks for `structlog.get_logger()` or `logging.getLogger()`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Literal

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

# What the driver has to say comes as an error of ours, once.
_CHATTY = {"neo4j": logging.CRITICAL, "uvicorn.access": logging.WARNING, "asyncio": logging.WARNING}


def _uncoloured(_: object, __: str, event: EventDict) -> EventDict:
    """Without the line as uvicorn colours it, its own placeholders and all, which it sends beside each of its lines."""
    event.pop("color_message", None)
    return event


def configure(form: Literal["console", "json"], level: str) -> None:
    """Send log records of `level` (debug, info, warning, error) and above to stderr, as text or as JSON lines."""
    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _uncoloured,
    )
    # Where an error arose is said without the values at hand there: a cookie or a password may be among them.
    last: Sequence[Processor]
    if form == "json":
        where = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        last = (where, structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        last = (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback),)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _CHATTY.items():
        logging.getLogger(name).setLevel(max(least, root.level) if level != "debug" else logging.DEBUG)
    # uvicorn brings handlers of its own, which would write each line a second time and in another form.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
