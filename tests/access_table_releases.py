"""Routes and roles: freezing and publishing, what differs between releases, the calendar, feeds."""

from __future__ import annotations

from typing import Final

from tests.access_rows import ALL, CONTRIBUTE, RELEASE, Row, Table, reads

_API: Final = "/api/v1/releases"
_BETWEEN: Final = {"from": "2025", "to": "2026"}
_DAY: Final = {"day": "2027-01-01", "step": "freeze", "release": "2027"}
_NAMED: Final = {"name": lambda scene: scene.fresh("r")}
_FROZEN: Final = {"name": lambda scene: scene.release()}
_CANDIDATE: Final = {"name": lambda scene: scene.release(candidate=True)}
_PUBLISHED: Final = {"name": "2026"}
_ENTRY: Final = {"id": lambda scene: scene.entry()}
_LATEST: Final = {"If-Match": "*"}
# It has no manifest yet.
_TOO_EARLY: Final = (409,)

ROWS: Final[Table] = {
    **reads(f"{_API}/preview", "/releases/preview", who=RELEASE, scope="release"),
    **reads(f"{_API}/{{name}}/manifest", path=_PUBLISHED),
    **reads("/api/v1/delta", query=_BETWEEN),
    **reads("/api/v1/delta.{form}", query=_BETWEEN, path={"form": "csv"}),
    **reads("/r/{name}/delta.{form}", path={"name": "2026", "form": "csv"}),
    **reads("/.well-known/wikic-signing-key", "/calendar", "/calendar.ics", "/api/v1/calendar"),
    **reads("/api/v1/calendar/{id}", path=_ENTRY),
    **reads("/feeds/changes.atom", "/feeds/releases.atom"),
    ("POST", _API): (Row(RELEASE, "release", json=_NAMED),),
    ("POST", f"{_API}/{{name}}/manifest"): (Row(RELEASE, "release", path=_PUBLISHED),),
    ("POST", f"{_API}/{{name}}/publish"): (Row(RELEASE, "release", path=_FROZEN, also=_TOO_EARLY),),
    ("POST", f"{_API}/{{name}}/withdraw"): (Row(RELEASE, "release", path=_FROZEN),),
    ("POST", "/api/v1/calendar"): (Row(RELEASE, "release", json=_DAY),),
    ("PUT", "/api/v1/calendar/{id}"): (Row(RELEASE, "release", path=_ENTRY, headers=_LATEST, json=_DAY),),
    ("DELETE", "/api/v1/calendar/{id}"): (Row(RELEASE, "release", path=_ENTRY, headers=_LATEST),),
    # A name that is taken: a manifest that is made aside would outlive the test.
    ("POST", "/releases"): (Row(RELEASE, "release", form={"name": "2026"}, also=(400, 409)),),
    ("POST", "/releases/{name}/prepare"): (Row(RELEASE, "release", path=_PUBLISHED),),
    ("POST", "/releases/{name}/publish"): (Row(RELEASE, "release", path=_FROZEN, also=_TOO_EARLY),),
    ("POST", "/releases/{name}/withdraw"): (Row(RELEASE, "release", path=_FROZEN),),
    ("POST", "/calendar"): (Row(RELEASE, "release", form=_DAY),),
    ("POST", "/calendar/{identity}/remove"): (Row(RELEASE, "release", path={"identity": _ENTRY["id"]}, form={"version": "1"}),),
    **reads(f"{_API}/{{name}}/comments", path=_CANDIDATE),
    ("POST", f"{_API}/{{name}}/comments"): (Row(CONTRIBUTE, "propose", path=_CANDIDATE, json={"text": "Well."}),),
    ("POST", "/releases/{name}/comment"): (Row(CONTRIBUTE, "propose", path=_CANDIDATE, form={"text": "Well."}),),
    # What is frozen is there for those who release alone.
    ("GET", f"{_API}/{{name}}"): (Row(ALL, path=_PUBLISHED), Row(RELEASE, hidden=ALL - RELEASE, path=_FROZEN)),
    ("GET", "/releases/{name:path}"): (Row(ALL, path=_PUBLISHED), Row(RELEASE, hidden=ALL - RELEASE, path=_FROZEN)),
}
