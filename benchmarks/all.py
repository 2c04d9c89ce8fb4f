"""Every benchmark, one after the other, for one engine. Takes the better part of an hour; killing at full size is apart: `python -m benchmarks.kill --full`."""

from __future__ import annotations

from benchmarks import (
    diff,
    freeze,
    history_depth,
    import_28_languages,
    import_esco,
    import_rome,
    read_concept,
    readers_during_import,
    release,
    site,
)
from benchmarks.common import engine_argument, run

if __name__ == "__main__":
    engine = engine_argument(__doc__).parse_args().engine
    for module in (
        import_esco,
        import_rome,
        read_concept,
        freeze,
        diff,
        release,
        readers_during_import,
        site,
        history_depth,
        import_28_languages,
    ):
        run(module.__name__.removeprefix("benchmarks."), engine, module.body)
