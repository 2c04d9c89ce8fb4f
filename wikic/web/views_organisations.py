"""The pages of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.domain.organisations import Organisation
from wikic.services.accounts_invitations import Invitation
from wikic.services.organisations import Association, Member
from wikic.web.views_account import FormPage, TypedPage
from wikic.web.views_common import Link, Page
from wikic.web.views_endorsing import Standing


@dataclass(frozen=True)
class OrganisationsPage(Page):
    """The organisations that the reader may see."""

    template: ClassVar = "organisation_list.html"
    organisations: Annotated[Sequence[Organisation], "The organisations, by name."]
    kinds: Annotated[Sequence[Link], "Filters by kind."]
    following: Annotated[str, "The next page; empty at the end."]
    may_found: Annotated[bool, "Whether the reader may found one."]


@dataclass(frozen=True)
class OrganisationPage(TypedPage):
    """One organisation; members and invitations for who may see them."""

    template: ClassVar = "organisation.html"
    organisation: Annotated[Organisation, "The organisation."]
    members: Annotated[Sequence[Member], "Its members; empty for who does not belong to it."]
    belongs: Annotated[bool, "Whether the reader belongs to it."]
    manages: Annotated[bool, "Whether the reader manages it."]
    reader: Annotated[str, "The uuid of the reader; empty for nobody."]
    invitations: Annotated[Sequence[Invitation], "Invitations that may still be used, for managers."]
    more_invitations: Annotated[str, "The page with the next invitations; empty at the end."]
    roles: Annotated[Sequence[tuple[str, str]], "The roles there are besides member, each with its name."]
    holds: Annotated[Sequence[Association], "Of a network: what belongs to it."]
    networks: Annotated[Sequence[Association], "The networks it belongs to."]
    spoken: Annotated[Standing | None, "What it accepts and endorses; None for a private one."] = None


@dataclass(frozen=True)
class OrganisationFormPage(FormPage):
    """Found an organisation, or change its profile."""

    template: ClassVar = "organisation_form.html"
    action: Annotated[str, "Where the form goes."]
    new: Annotated[bool, "Whether it is founded now."]
    values: Annotated[dict[str, str], "What stands in the fields, by their names."]
    private: Annotated[bool, "Whether it is for its members alone."]
    kinds: Annotated[Sequence[tuple[str, str]], "The kinds there are, each with its name."]
    version: Annotated[int, "The version that was read; 0 for a new one."]
