"""Pages of releases: the list, one with what it changed, the preview of the next, the calendar; and what moderators do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain.access import may
from wikic.domain.delta import DELTA_LISTS, SEVERITIES, DeltaList, DeltaWord, Figures, Severity
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, UnknownRelease, WikicError
from wikic.services.proposing import has_terms
from wikic.services.reading import Reading
from wikic.services.reading_moments import HEAD
from wikic.services.reading_views import best
from wikic.services.releasing_calendar import STEPS
from wikic.services.releasing_delta import Chosen
from wikic.services.releasing_preview import Preview
from wikic.web.acting import CurrentActor
from wikic.web.api_releases import ChosenLanguage, Releases, Services
from wikic.web.dependencies import LARGEST, CursorParameter, ReadingService, Release
from wikic.web.forms import Form, field, see
from wikic.web.pages_common import Visit, visit
from wikic.web.refresh_rows import touched_view
from wikic.web.refresh_services import refresh_of
from wikic.web.texts import Texts
from wikic.web.texts_errors import said
from wikic.web.views_common import ConceptLink, Link, concept_link
from wikic.web.views_framework import ReleaseLine
from wikic.web.views_releases import (
    CalendarLine,
    CalendarPage,
    DeltaView,
    FindingLine,
    PendingLine,
    PreviewPage,
    ReleasePage,
    ReleasesPage,
    RemarkLine,
    delta_entry,
    severity_chart,
    type_chart,
)

_LINES: Final = 50
_NAMED: Final = 3
_EXAMPLES: Final = 5
_FORMS: Final = {"ttl.gz": "Turtle (gzip)", "nt.gz": "N-Triples (gzip)", "jsonld.gz": "JSON-LD (gzip)", "csv.zip": "CSV (ESCO, zip)"}
_ENTRY: Final = {"day": 20, "step": 20, "release": 64, "text_fr": 1_000, "text_en": 1_000}
"""The fields of the calendar's form, each with the longest text it takes."""
_MINDED: Final = (InvalidInput, Conflict, UnknownRelease, StaleVersion)
"""What a person can mend: said beside the form."""

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Path(max_length=64)]


@router.get("/releases")
def releases_page(request: Request, reading: ReadingService, release: Release = None) -> Response:
    """All releases."""
    return _releases(visit(request, reading, release))


@router.post("/releases")
def freeze(request: Request, reading: ReadingService, services: Releases, actor: CurrentActor, form: Form) -> Response:
    """Name the head, or the number that a preview was of; its manifest is made aside."""
    name, at = field(form, "name", 64).strip(), field(form, "at", 16).strip()
    try:
        if at and not (at.isascii() and at.isdigit()):
            raise InvalidInput("the number is made of digits; leave it empty for the present state", reason="number-digits")
        made = services.releasing.freeze(name, at=int(at) if at else None, actor=actor)
    except _MINDED as error:
        seen = visit(request, reading)
        return _releases(seen, name=name, at=at, trouble=said(error, seen.t)[0], status=400)
    services.releases.manifests.prepare_soon(made.name, request.app.state.public_url, actor=actor)
    return see(_address(made.name))


@router.get("/releases/preview")
def preview_page(
    request: Request,
    reading: ReadingService,
    services: Releases,
    actor: CurrentActor,
    at: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """What a release frozen now would be."""
    made = services.releases.previews.preview(actor=actor, at=at, wait=False)
    seen = visit(request, reading)
    t = seen.t
    named = [uuid for each in made.findings for uuid in each.concepts[:_EXAMPLES]]
    named += [uuid for each in made.pending for uuid in each.concepts[:_NAMED]]
    briefs = reading.briefs(named, seen.moment, seen.lang) if named and seen.moment is not None else {}
    links = {uuid: concept_link(body, seen.addresses, seen.lang) for uuid, body in briefs.items()}
    shown = PreviewPage(
        title=t("preview.title"),
        trail=[Link("/releases", t("releases.title"))],
        seq=made.seq,
        since=made.since,
        figures=list(made.figures.concepts.items()) if made.figures is not None else [],
        severity_chart=severity_chart(made.figures, t) if made.figures is not None else "",  # type: ignore[arg-type]
        compare=f"/diff?{urlencode({'from': made.since, 'to': made.seq})}" if made.since else "",
        proposals=made.proposals,
        checked=made.checked,
        blocked=made.blocked,
        findings=[
            FindingLine(
                what=each.what if each.check == "shape" else t.name("check", each.check),
                lang="en" if each.check == "shape" and t.lang != "en" else "",
                count=each.count,
                blocking=each.blocking,
                in_source=each.in_source,
                concepts=[links[uuid] for uuid in each.concepts[:_EXAMPLES] if uuid in links],
            )
            for each in made.findings
        ],
        notes=made.notes,
        pending=_pending(t, made, links),
        pending_total=made.pending_total,
        touched=touched_view(seen, refresh_of(request), "", "/refresh/preview") if at is None else None,
    )
    return seen.answer(shown, indexed=False)


def _pending(t: Texts, made: Preview, links: Mapping[str, ConceptLink]) -> list[PendingLine]:
    return [
        PendingLine(
            f"/proposals/{each.id}",
            ", ".join(t.name("change_type", name) for name in each.types),
            [links[uuid] for uuid in each.concepts[:_NAMED] if uuid in links],
            each.touches,
            each.ends,
        )
        for each in made.pending
    ]


@router.get("/releases/{name:path}")
def release_page(
    request: Request,
    reading: ReadingService,
    services: Releases,
    name: Name,
    type: DeltaWord | None = None,
    severity: Severity | None = None,
    listed: Annotated[DeltaList | None, Query(alias="list")] = None,
    language: ChosenLanguage = None,
    cursor: CursorParameter = None,
    release: Release = None,
) -> Response:
    """One release: what changed since the one before."""
    seen = visit(request, reading, release)
    return _release(seen, reading, services, name, Chosen(type, severity, None, listed, language), cursor)


@router.post("/releases/{name}/prepare")
def prepare(request: Request, services: Releases, actor: CurrentActor, name: Name) -> Response:
    """Make the manifest, aside."""
    services.releases.manifests.prepare_soon(name, request.app.state.public_url, actor=actor)
    return see(_address(name))


@router.post("/releases/{name}/publish")
def publish(request: Request, reading: ReadingService, services: Releases, actor: CurrentActor, name: Name) -> Response:
    """Open it to every reader."""
    try:
        services.releasing.publish(name, actor=actor)
        refresh_of(request).refreshing.catch_up_aside()
    except Conflict as error:
        return _refused(visit(request, reading), reading, services, name, error, 409)
    return see(_address(name))


@router.post("/releases/{name}/comment")
def comment(
    request: Request, reading: ReadingService, services: Releases, actor: CurrentActor, name: Name, form: Form
) -> Response:
    """Say something about a candidate."""
    text = field(form, "text")
    try:
        services.releases.remarks.add(name, text, actor=actor)
    except (InvalidInput, Conflict, Forbidden) as error:
        status = 403 if isinstance(error, Forbidden) else 400
        return _refused(visit(request, reading), reading, services, name, error, status, remark=text)
    return see(f"{_address(name)}#remarks")


@router.post("/releases/{name}/withdraw")
def withdraw(request: Request, reading: ReadingService, services: Releases, actor: CurrentActor, name: Name) -> Response:
    """Take it back."""
    try:
        services.releasing.withdraw(name, actor=actor)
    except Conflict as error:
        return _refused(visit(request, reading), reading, services, name, error, 409)
    return see("/releases")


@router.get("/calendar")
def calendar_page(request: Request, reading: ReadingService, services: Releases, release: Release = None) -> Response:
    """The calendar of releases."""
    return _calendar(visit(request, reading, release), services)


@router.post("/calendar")
def add_entry(request: Request, reading: ReadingService, services: Releases, actor: CurrentActor, form: Form) -> Response:
    """Add a day."""
    typed = {name: field(form, name, longest) for name, longest in _ENTRY.items()}
    text = {lang: words for lang in ("fr", "en") if (words := typed[f"text_{lang}"].strip())}
    try:
        services.releases.calendar.add(day=typed["day"], step=typed["step"], release=typed["release"], text=text, actor=actor)
    except InvalidInput as error:
        seen = visit(request, reading)
        return _calendar(seen, services, trouble=said(error, seen.t)[0], typed=typed, status=400)
    return see("/calendar")


@router.post("/calendar/{identity}/remove")
def remove_entry(
    request: Request,
    reading: ReadingService,
    services: Releases,
    actor: CurrentActor,
    identity: Annotated[str, Path(max_length=60)],
    form: Form,
) -> Response:
    """Take a day away, as it was shown."""
    version = field(form, "version", 16)
    if not (version.isascii() and version.isdigit()):
        raise InvalidInput("the form does not say which version of the entry was read: open the calendar again")
    try:
        services.releases.calendar.remove(identity, version=int(version), actor=actor)
    except (StaleVersion, NotFound) as error:
        seen = visit(request, reading)
        return _calendar(seen, services, trouble=said(error, seen.t)[0], status=409)
    return see("/calendar")


def release_line(body: Mapping[str, Any]) -> ReleaseLine:
    """A release in a list (`reading_views.release_body`)."""
    name = str(body["name"])
    query = urlencode({"release": name})
    return ReleaseLine(name, body["seq"], body["state"], body["frozen_at"], _address(name), f"/?{query}")


def _releases(seen: Visit, *, name: str = "", at: str = "", trouble: str = "", status: int = 200) -> Response:
    after, before, *_ = [*(str(body["name"]) for body in reversed(seen.releases)), "", ""]
    shown = ReleasesPage(
        title=seen.t("releases.title"),
        releases=[release_line(body) for body in reversed(seen.releases)],
        may_release=may(seen.actor, "release"),
        before=before or after,
        after=after if before else HEAD,
        name=name,
        at=at,
        trouble=trouble,
    )
    return seen.answer(shown, status)


def _release(
    seen: Visit,
    reading: Reading,
    services: Services,
    name: str,
    chosen: Chosen,
    cursor: str | None,
    *,
    trouble: str = "",
    remark: str = "",
    status: int = 200,
) -> Response:
    body = reading.release(name)
    line, may_release = release_line(body), may(seen.actor, "release")
    before = services.releases.deltas.before(line.name)
    holds = [
        (str(each["scheme"]), int(each["total"])) for each in reading.schemes(reading.moment_of(line.name)).items if each["total"]
    ]
    state, reason = services.releases.manifests.state(line.name) if may_release or line.state == "published" else ("missing", "")
    checks = services.releases.manifests.get(line.name)["checks"] if state == "made" and may_release else {"blocking": {}}
    rehearsal = f"/refresh/{quote(line.name)}"
    shown = ReleasePage(
        title=seen.t("releases.one", name=line.name),
        trail=[Link("/releases", seen.t("releases.title"))],
        release=line,
        published_at=body["published_at"] or "",
        delta=_delta(seen, reading, services, (before, line.name), chosen, cursor) if before else None,
        schemes=holds,
        downloads=_downloads(seen, line, before, made=state == "made"),
        may_release=may_release,
        manifest=state,
        remarks=_remarks(seen, services, line),
        may_comment=may(seen.actor, "propose") and has_terms(seen.actor),
        needs_terms=may(seen.actor, "propose") and not has_terms(seen.actor),
        blocking=sorted(checks["blocking"].items()),
        trouble=trouble or reason,
        remark=remark,
        touched=touched_view(seen, refresh_of(seen.request), line.name, rehearsal) if line.state == "candidate" and may_release else None,
        rehearsal=rehearsal if line.state == "candidate" and seen.actor.known else "",
    )
    return seen.answer(shown, status)


def _refused(
    seen: Visit, reading: Reading, services: Services, name: str, error: WikicError, status: int, *, remark: str = ""
) -> Response:
    return _release(seen, reading, services, name, Chosen(), None, trouble=said(error, seen.t)[0], remark=remark, status=status)


def _remarks(seen: Visit, services: Services, line: ReleaseLine) -> list[RemarkLine] | None:
    if line.state != "candidate":
        return None
    found = services.releases.remarks.list(line.name)
    if not any(each.issuer for each in found):
        return [RemarkLine(each.name, each.time, each.text) for each in found]
    entries, issuers = refresh_of(seen.request).refreshing.entries(), refresh_of(seen.request).refreshing.issuers()
    made = []
    for each in found:
        badges = [Link(f"/badges/{key}", entries[key].name) for key in each.badge_classes if key in entries]
        made.append(RemarkLine(each.name, each.time, each.text, issuers[each.issuer].name if each.issuer in issuers else each.issuer, badges))
    return made


def _downloads(seen: Visit, line: ReleaseLine, before: str, *, made: bool) -> list[Link]:
    start = f"/r/{quote(line.name)}"
    found = [Link(f"{start}/download.{form}", words) for form, words in _FORMS.items()]
    if before:
        found += [Link(f"{start}/delta.{form}", seen.t("delta.download", form=form.upper())) for form in ("csv", "json")]
    if made:
        found.append(Link(f"/api/v1/releases/{quote(line.name)}/manifest", seen.t("releases.manifest")))
    return found


def _delta(
    seen: Visit, reading: Reading, services: Services, names: tuple[str, str], chosen: Chosen, cursor: str | None
) -> DeltaView:
    t, path = seen.t, _address(names[1])
    delta = services.releases.deltas.delta(*names, reading=reading)
    page = services.releases.deltas.page(delta, chosen, cursor=cursor, limit=_LINES, lang=seen.lang, worst_first=True)
    figures = delta.figures
    choices, address = delta_choices(path, chosen, figures, t, seen.release)
    return DeltaView(
        before=names[0],
        total=figures.total,
        changes=figures.changes,
        **choices,
        severity_chart=severity_chart(figures, t),
        type_chart=type_chart(figures, t),
        kinds=[(name, list(counts.items())) for name, counts in figures.kinds.items()],
        entries=[delta_entry(item, seen.addresses, t) for item in page.items],
        following=address(cursor=page.next) if page.next else "",
    )


def delta_choices(
    path: str, chosen: Chosen, figures: Figures, t: Texts, release: str = ""
) -> tuple[dict[str, list[Link]], Callable[..., str]]:
    """The links by which part of a delta is chosen (`lists`, `severities`, `types`, `languages` of a DeltaView), and what makes addresses of its page."""
    now = {"type": chosen.type, "severity": chosen.severity, "list": chosen.listed, "language": chosen.language}

    def address(**more: str | None) -> str:
        pairs = {name: value for name, value in {**now, **more}.items() if value}
        if release:
            pairs["release"] = release
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def choices(name: str, group: str, counts: Mapping[str, int]) -> list[Link]:
        links = [Link(address(**{name: None}), t("delta.all"), current=now[name] is None)]
        return links + [
            Link(address(**{name: word}), t.name(group, word), current=word == now[name], total=number)
            for word, number in counts.items()
            if number
        ]

    found = {
        "lists": choices("list", "list", {name: figures.concepts.get(name, 0) for name in DELTA_LISTS}),
        "severities": choices("severity", "severity", {name: figures.severities.get(name, 0) for name in SEVERITIES}),
        "types": choices("type", "change", figures.types),
        "languages": choices("language", "language", figures.languages) if len(figures.languages) > 1 or chosen.language else [],
    }
    return found, address


def _calendar(
    seen: Visit, services: Services, *, trouble: str = "", typed: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    shown = CalendarPage(
        title=seen.t("calendar.title"),
        trail=[Link("/releases", seen.t("releases.title"))],
        entries=[
            CalendarLine(each.id, each.day, each.step, each.release, best(each.text, seen.lang), each.version)
            for each in services.releases.calendar.list()
        ],
        steps=STEPS,
        may_release=may(seen.actor, "release"),
        trouble=trouble,
        typed=typed or dict.fromkeys(_ENTRY, ""),
    )
    return seen.answer(shown, status)


def _address(name: str) -> str:
    return f"/releases/{quote(name)}"
