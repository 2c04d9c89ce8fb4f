"""Endorsements: made, replaced by their next version, revoked, read. Every act appends to the event log in the transaction that makes it true.

Flow: web and command line -> `Endorsing` -> documents. Everybody reads endorsements, so their targets have to be public, and an organisation that endorses
stays public (`services.organisations`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.endorsements import (
    TARGET_KINDS,
    Endorsement,
    EndorsementVersion,
    Named,
    Statement,
    check_reason,
    endorsement_id,
    statement_of,
)
from wikic.domain.endorsements_documents import Endorser
from wikic.domain.organisations import Profile
from wikic.errors import Conflict, InvalidInput, NotFound, StaleVersion
from wikic.services import badging_rights as rights
from wikic.services import endorsing_rights as own
from wikic.services.binding_targets import Targets
from wikic.services.endorsing_rights import Aim
from wikic.services.reading import Reading
from wikic.store import documents
from wikic.store import endorsements as store
from wikic.store import organisations as organisations_store
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import ENDORSEMENT_VERSIONS, ENDORSEMENTS


@dataclass(frozen=True, slots=True)
class EndorsementPage:
    """Part of a list; `next` is where it goes on, "" at the end. It may hold fewer than were asked for: what is not for the reader is left out."""

    items: list[Endorsement]
    next: str


class Endorsing:
    """Endorsements over one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading
        self._targets = Targets(engine, reading)

    # Reading

    def get(self, identity: str, actor: Actor) -> Endorsement:
        """One endorsement, also one that was revoked. Raises NotFound."""
        row = documents.find(self._engine, ENDORSEMENTS, identity)
        found = self._seen([row], actor) if row is not None else []
        if not found:
            raise NotFound(f"there is no endorsement {identity[:60]}", reason="endorsement-none")
        return found[0]

    def versions(self, identity: str, actor: Actor, *, after: int = 0, limit: int = 100) -> list[EndorsementVersion]:
        """What it said, oldest first. Raises NotFound."""
        self.get(identity, actor)
        rows = store.versions_of(self._engine, identity, after=after, limit=limit)
        return [EndorsementVersion(int(row["number"]), statement_of(row), str(row["since"]), str(row["made_by"])) for row in rows]

    def of_target(self, target: Named, actor: Actor, *, status: str = "open", after: str = "", limit: int = 100) -> EndorsementPage:
        """Who stands behind a target (a competency by its uuid), organisations first. Raises NotFound where the target is not for the reader."""
        self._require_seen(target, actor)
        return self._page("by_target", f"{target}/", status, actor, after, limit)

    def of_endorser(self, endorser: Named, actor: Actor, *, status: str = "open", after: str = "", limit: int = 100) -> EndorsementPage:
        """What somebody stands behind. Raises NotFound for a private organisation."""
        if endorser.kind == "organisation":
            own.seen_organisation(self._engine, endorser.id, actor)
        return self._page("by_endorser", f"{endorser}/", status, actor, after, limit)

    def find(
        self, target: Named | None, endorser: Named | None, actor: Actor, *, status: str = "open", after: str = "", limit: int = 100
    ) -> EndorsementPage:
        """Those of a target; or by somebody; or all, oldest first. Raises as the other two, InvalidInput for both at once."""
        if target and endorser:
            raise InvalidInput("ask by `target` or by `by`, not both")
        if target:
            return self.of_target(target, actor, status=status, after=after, limit=limit)
        if endorser:
            return self.of_endorser(endorser, actor, status=status, after=after, limit=limit)
        return self._page("listing", "", status, actor, after, limit)

    def count(self, target: Named, actor: Actor) -> int:
        """How many stand behind a target. Raises NotFound where the target is not for the reader."""
        self._require_seen(target, actor)
        return store.count_open(self._engine, target)

    def brief(self, target: Named, limit: int) -> tuple[list[Endorsement], int]:
        """The first who stand behind a target that the reader was shown already, and how many there are. One round trip, two where there are more."""
        rows = documents.page(self._engine, ENDORSEMENTS, "by_target", prefix=f"{target}/", limit=limit + 1, where={"status": "open"})
        total = len(rows) if len(rows) <= limit else store.count_open(self._engine, target)
        return [Endorsement.of(row) for row in rows[:limit]], total

    def speakers(self, actor: Actor, issuer: str = "") -> list[tuple[str, str]]:
        """In whose name somebody may endorse what is of an issuer ("" for none): public organisations that they manage, each with its name."""
        managed = [slug for slug, roles in actor.memberships if "manager" in roles and slug != issuer]
        known = organisations_store.names(self._engine, managed) if managed else {}
        return [(slug, str(known[slug]["name"])) for slug in managed if slug in known and not known[slug]["private"]]

    def said(self, target: Named, actor: Actor, organisations: Iterable[str]) -> dict[str, Statement]:
        """What is said of a target already: in one's own name (""), and by these organisations, each by its short name."""
        rows = {
            slug: store.of_pair(self._engine, target, Named("organisation", slug) if slug else Named("user", actor.id)) for slug in ("", *organisations)
        }
        return {slug: statement_of(row) for slug, found in rows.items() for row in found if row["status"] == "open"}

    def revoked(self, actor: Actor) -> list[Endorsement]:
        """Every endorsement that was revoked, the first one first."""
        return self._seen(store.all_revoked(self._engine), actor)

    def endorser(self, endorser: Named) -> Endorser:
        """Who endorses, as documents show it. Raises NotFound where they never endorsed anything."""
        if endorser.kind == "organisation":
            return _of(self._organisations([endorser]), endorser)
        rows = documents.page(self._engine, ENDORSEMENTS, "by_endorser", prefix=f"{endorser}/", limit=1)
        return _of({endorser: Endorser(endorser, str(rows[0]["name"]))} if rows else {}, endorser)

    def endorsers(self, made: Sequence[Endorsement]) -> dict[Named, Endorser]:
        """Who made these, as documents show it; a person with the name that stands there. Raises NotFound as above."""
        people = {each.endorser: Endorser(each.endorser, each.name) for each in made if each.endorser.kind != "organisation"}
        wanted = list(dict.fromkeys(each.endorser for each in made if each.endorser.kind == "organisation"))
        found = people | self._organisations(wanted)
        return {each.endorser: _of(found, each.endorser) for each in made}

    def aim(self, target: Named, actor: Actor) -> Aim:
        """What would be endorsed, found by any reference. Raises NotFound, InvalidInput, Conflict (it is not public, or deprecated)."""
        return own.aim(self._engine, self._reading, target, actor)

    def names(self, made: Iterable[Endorsement], lang: str) -> dict[Named, str]:
        """The names of what these endorse, of competencies in a language."""
        wanted = list(dict.fromkeys(each.target for each in made))
        ids = {kind: [each.id for each in wanted if each.kind == kind] for kind in TARGET_KINDS}
        found = {Named("badge_class", key): name for key, name in own.names_of_badges(self._engine, ids["badge_class"]).items()}
        issuers = organisations_store.names(self._engine, ids["issuer"]) if ids["issuer"] else {}
        found |= {Named("issuer", slug): str(row["name"]) for slug, row in issuers.items()}
        found |= {Named("concept", uuid): target.name for uuid, target in self._targets.of(ids["concept"], lang).items()}
        return {each: found.get(each) or each.id for each in wanted}

    def titles(self, made: Sequence[Endorsement]) -> list[str]:
        """The name of what each endorses, in its own language."""
        found = {lang: self.names([each for each in made if each.statement.lang == lang], lang) for lang in {each.statement.lang for each in made}}
        return [found[each.statement.lang][each.target] for each in made]

    # Writing

    def make(self, target: Named, statement: Statement, actor: Actor, *, organisation: str = "") -> Endorsement:
        """Endorse in the name of an organisation, or ("") in one's own; who has endorsed it already says it anew, as the next version.

        Raises Unauthenticated, Forbidden (not a manager, one's own), NotFound, InvalidInput, Conflict (not public, deprecated, a private organisation)."""
        rights.require_credential(actor)
        cleaned = statement.cleaned()
        found = self.aim(target, actor)
        endorser, name = own.endorser_of(self._engine, organisation, actor)
        own.require_others(found, endorser, actor)

        def work(tx: WriteTransaction) -> Row:
            if organisation:
                own.lock_speaker(tx, organisation)
            before = store.of_pair(tx, found.target, endorser)
            held = next((row for row in before if row["status"] == "open"), None)
            if held is not None:
                return self._again(tx, str(held["key"]), cleaned, name, actor)
            row = _row(endorsement_id(endorser, found.target, len(before)), found.target, endorser, name, cleaned, actor)
            documents.insert(tx, ENDORSEMENTS, row)
            self._told(tx, row, cleaned, actor)
            return row | {"version": 1}

        return Endorsement.of(write_numbered(self._engine, work))

    def revoke(self, identity: str, reason: str, actor: Actor, *, version: int | None = None) -> Endorsement:
        """Take it back, for good: it stays readable, with the date and the reason. Raises NotFound, Forbidden, InvalidInput, StaleVersion, Conflict."""
        endorser = self.get(identity, actor).endorser
        own.require_speaker(actor, endorser)
        why = check_reason(reason)

        def work(tx: WriteTransaction) -> Row:
            row = documents.lock(tx, ENDORSEMENTS, identity)
            if version is not None and int(row["version"]) != version:
                raise StaleVersion("the endorsement was changed meanwhile: look again, then repeat", reason="stale")
            if row["status"] == "revoked":
                raise Conflict("it is revoked already", reason="revoked-already")
            stamp = now()
            values = {"status": "revoked", "revoked": stamp, "revoked_by": actor.name, "reason": why, "revoked_listing": f"{stamp}/{identity}"}
            documents.change_many(tx, ENDORSEMENTS, [(row, values)])
            _happened(tx, actor, "endorsement_revoked", row, reason=why)
            return {**row, **values, "version": int(row["version"]) + 1}

        return Endorsement.of(write_numbered(self._engine, work))

    # Parts

    def _organisations(self, wanted: Sequence[Named]) -> dict[Named, Endorser]:
        rows = organisations_store.names(self._engine, [each.id for each in wanted]) if wanted else {}
        found = {}
        for each in wanted:
            row = rows.get(each.id)
            if row is not None and not row["private"]:
                profile = Profile.of(row["profile"])
                found[each] = Endorser(each, str(row["name"]), profile.site, profile.email, row["kind"] == "issuer")
        return found

    def _again(self, tx: WriteTransaction, identity: str, statement: Statement, name: str, actor: Actor) -> Row:
        row = documents.lock(tx, ENDORSEMENTS, identity)
        if row["status"] == "revoked":
            raise StaleVersion("the endorsement was revoked meanwhile: look again, then repeat", reason="stale")
        if statement_of(row) == statement:
            return row
        new = _said(statement, actor) | {"name": name, "number": int(row["number"]) + 1}
        documents.change_many(tx, ENDORSEMENTS, [(row, new)])
        written = {**row, **new, "version": int(row["version"]) + 1}
        self._told(tx, written, statement, actor)
        return written

    @staticmethod
    def _told(tx: WriteTransaction, row: Row, statement: Statement, actor: Actor) -> None:
        """Keep this version, and tell what was done."""
        number = int(row["number"])
        version = {"key": store.version_key(str(row["key"]), number), "number": number, "since": row["since"], "made_by": actor.name}
        said = {"comment": statement.comment, "evidence": statement.evidence, "lang": statement.lang}
        documents.insert(tx, ENDORSEMENT_VERSIONS, version | said)
        _happened(tx, actor, "endorsement_made", row, number=number)

    def _page(self, field: str, start: str, status: str, actor: Actor, after: str, limit: int) -> EndorsementPage:
        where = {"status": status} if status else None
        rows = documents.page(self._engine, ENDORSEMENTS, field, prefix=start, after=after, limit=limit + 1, where=where)
        following = str(rows[limit - 1][field]) if len(rows) > limit else ""
        return EndorsementPage(self._seen(rows[:limit], actor), following)

    def _seen(self, rows: Sequence[Row], actor: Actor) -> list[Endorsement]:
        """Those whose target is for the reader: an issuer that published nothing may have become private since."""
        found = [Endorsement.of(row) for row in rows]
        issuers = [each.target.id for each in found if each.target.kind == "issuer"]
        known = organisations_store.names(self._engine, issuers) if issuers else {}
        return [each for each in found if self._is_seen(each.target, known, actor)]

    @staticmethod
    def _is_seen(target: Named, issuers: dict[str, Row], actor: Actor) -> bool:
        if target.kind != "issuer":
            return True
        return target.id in issuers and (not issuers[target.id]["private"] or rights.works_for(actor, target.id))

    def _require_seen(self, target: Named, actor: Actor) -> None:
        if target.kind == "issuer":
            own.seen_organisation(self._engine, target.id, actor)
        elif target.kind == "badge_class":
            own.seen_badge(self._engine, target.id, actor)


def _of(found: Mapping[Named, Endorser], endorser: Named) -> Endorser:
    if endorser not in found:
        raise NotFound(f"nobody here endorses as {str(endorser)[:80]}", reason="endorser-none", endorser=str(endorser)[:80])
    return found[endorser]


def _row(identity: str, target: Named, endorser: Named, name: str, statement: Statement, actor: Actor) -> Row:
    said = _said(statement, actor)
    first = said["since"]
    return {
        "key": identity, "target_kind": target.kind, "target": target.id, "endorser_kind": endorser.kind, "endorser": endorser.id, "name": name,
        "number": 1, "first": first, "status": "open", "by_target": f"{target}/{endorser}/{first}/{identity}",
        "by_endorser": f"{endorser}/{target}/{first}/{identity}", "listing": f"{first}/{identity}", **said,
    }  # fmt: skip


def _said(statement: Statement, actor: Actor) -> dict[str, Any]:
    return {"comment": statement.comment, "evidence": statement.evidence, "lang": statement.lang, "since": now(), "made_by": actor.name}


def _happened(tx: WriteTransaction, actor: Actor, kind: str, row: Row, **data: Any) -> None:
    target = Named(str(row["target_kind"]), str(row["target"]))
    concepts = [target.id] if target.kind == "concept" else []
    by = f"{row['endorser_kind']}/{row['endorser']}"
    happened(tx, actor, kind, subject=str(target), concepts=concepts, endorsement=str(row["key"]), by=by, **data)
