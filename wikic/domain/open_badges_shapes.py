"""What the fields of badge documents must be, by shape, for Open Badges 2.0 and 3.0; written from the two specifications.

A field is a form with marks: `!` needed, `?` asked for by the standard though some leave it out, `*` a list, `@` an object of that shape or an
address. Forms that begin with a capital letter are shapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """What one field must be."""

    form: str
    needed: bool = False
    wanted: bool = False
    many: bool = False
    or_address: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: the types one of which it must have (none: it need not say), whether `type` is a list, and its fields. `closed`: there are no others."""

    types: tuple[str, ...]
    fields: dict[str, str]
    list_type: bool = True
    closed: bool = False


@lru_cache(maxsize=256)
def parse(mark: str) -> Field:
    """A field from its form with marks."""
    form = mark.rstrip("!?*@")
    marks = mark[len(form) :]
    return Field(form, "!" in marks, "?" in marks, "*" in marks, "@" in marks)


IDENTIFIERS: Final = frozenset(
    ["name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber", "isbn", "issn", "lisSourcedId",
     "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId", "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier"]
)
ACHIEVEMENTS: Final = frozenset(
    ["Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge", "BachelorDegree", "Certificate",
     "CertificateOfCompletion", "Certification", "CommunityService", "Competency", "Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree",
     "Fieldwork", "GeneralEducationDevelopment", "JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate",
     "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate", "SecondarySchoolDiploma"]
)
RESULTS: Final = frozenset(
    ["GradePointAverage", "LetterGrade", "Percent", "PerformanceLevel", "PredictedScore", "RawScore", "Result", "RubricCriterion",
     "RubricCriterionLevel", "RubricScore", "ScaledScore", "Status"]
)
TARGETS: Final = frozenset(
    ("ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel", "CTDL")
)
STATUSES: Final = frozenset(("Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"))
WORDS: Final = {"identifier": IDENTIFIERS, "achievement": ACHIEVEMENTS, "result": RESULTS, "target": TARGETS}
"""Words that a field takes, beside those that begin with ext:."""

_CREDENTIAL: Final = {
    "@context": "any!",
    "id": "iri!",
    "name": "text",
    "description": "text",
    "issuer": "Profile!@",
    "validFrom": "zoned",
    "issuanceDate": "zoned",
    "validUntil": "zoned",
    "awardedDate": "zoned",
    "expirationDate": "zoned",
    "proof": "Proof*",
    "credentialSchema": "Typed*",
    "credentialStatus": "Typed",
    "refreshService": "Typed",
    "termsOfUse": "Terms*",
}
_PROFILE: Final = {
    "id": "iri!",
    "name": "text",
    "url": "iri",
    "phone": "text",
    "description": "text",
    "endorsement": "EndorsementCredential*",
    "endorsementJwt": "text*",
    "image": "Image",
    "email": "text",
    "address": "Address",
    "otherIdentifier": "IdentifierEntry*",
    "official": "text",
    "parentOrg": "Profile",
    "familyName": "text",
    "givenName": "text",
    "dateOfBirth": "text",
}

THIRD: Final = {
    "AchievementCredential": Shape(
        ("OpenBadgeCredential", "AchievementCredential"),
        _CREDENTIAL
        | {
            "image": "Image",
            "credentialSubject": "AchievementSubject!",
            "endorsement": "EndorsementCredential*",
            "endorsementJwt": "text*",
            "evidence": "Evidence*",
        },
    ),
    "EndorsementCredential": Shape(
        ("EndorsementCredential",), _CREDENTIAL | {"name": "text!", "credentialSubject": "EndorsementSubject!"}
    ),
    "AchievementSubject": Shape(
        ("AchievementSubject",),
        {
            "id": "iri",
            "activityEndDate": "zoned",
            "activityStartDate": "zoned",
            "creditsEarned": "number",
            "achievement": "Achievement!",
            "identifier": "IdentityObject*",
            "image": "Image",
            "licenseNumber": "text",
            "narrative": "text",
            "result": "Result*",
            "role": "text",
            "source": "Profile",
            "term": "text",
        },
    ),
    "EndorsementSubject": Shape(("EndorsementSubject",), {"id": "iri!", "endorsementComment": "text"}),
    "Achievement": Shape(
        ("Achievement",),
        {
            "id": "iri!",
            "name": "text!",
            "description": "text!",
            "criteria": "Criteria!",
            "alignment": "Alignment*",
            "achievementType": "=achievement",
            "creator": "Profile",
            "creditsAvailable": "number",
            "endorsement": "EndorsementCredential*",
            "endorsementJwt": "text*",
            "fieldOfStudy": "text",
            "humanCode": "text",
            "image": "Image",
            "inLanguage": "language",
            "otherIdentifier": "IdentifierEntry*",
            "related": "Related*",
            "resultDescription": "ResultDescription*",
            "specialization": "text",
            "tag": "text*",
            "version": "text",
        },
    ),
    "Alignment": Shape(
        ("Alignment",),
        # Names and addresses of targets are the linter's to judge and to repair.
        {"targetCode": "text", "targetDescription": "text", "targetName": "text!", "targetFramework": "text", "targetUrl": "text!"},
    ),
    "Criteria": Shape((), {"id": "iri", "narrative": "text"}),
    "Evidence": Shape(("Evidence",), {"id": "iri", "narrative": "text", "name": "text", "description": "text", "genre": "text", "audience": "text"}),
    "IdentifierEntry": Shape(
        ("IdentifierEntry",), {"identifier": "text!", "identifierType": "=identifier!"}, list_type=False, closed=True
    ),
    "IdentityObject": Shape(
        ("IdentityObject",),
        {"hashed": "bool!", "identityHash": "text!", "identityType": "=identifier!", "salt": "text"},
        list_type=False,
        closed=True,
    ),
    "Image": Shape(("Image",), {"id": "iri!", "caption": "text"}, list_type=False, closed=True),
    "Profile": Shape(("Profile",), _PROFILE),
    "Address": Shape(
        ("Address",),
        {"addressCountry": "text", "addressCountryCode": "text", "addressLocality": "text", "streetAddress": "text", "postalCode": "text", "geo": "Geo"},
    ),
    "Geo": Shape(("GeoCoordinates",), {"latitude": "number!", "longitude": "number!"}, list_type=False),
    "Related": Shape(("Related",), {"id": "iri!", "inLanguage": "language", "version": "text"}),
    "Result": Shape(
        ("Result",),
        {"achievedLevel": "iri", "alignment": "Alignment*", "resultDescription": "iri", "status": "text", "value": "text"},
    ),
    "ResultDescription": Shape(
        ("ResultDescription",),
        {
            "id": "iri!",
            "alignment": "Alignment*",
            "allowedValue": "text*",
            "name": "text!",
            "requiredLevel": "iri",
            "requiredValue": "text",
            "resultType": "=result!",
            "rubricCriterionLevel": "RubricCriterionLevel*",
            "valueMax": "text",
            "valueMin": "text",
        },
    ),
    "RubricCriterionLevel": Shape(
        ("RubricCriterionLevel",),
        {"id": "iri!", "alignment": "Alignment*", "description": "text", "level": "text", "name": "text!", "points": "text"},
    ),
    "Proof": Shape(
        (), {"type": "text!", "created": "zoned", "proofPurpose": "text", "proofValue": "text", "verificationMethod": "text"}, list_type=False
    ),
    "Typed": Shape((), {"id": "iri!", "type": "text!"}, list_type=False),
    "Terms": Shape((), {"type": "text!"}, list_type=False),
}
"""Open Badges 3.0."""

SECOND: Final = {
    "Assertion": Shape(
        ("Assertion",),
        {
            "id": "iri!",
            "recipient": "Recipient!",
            "badge": "BadgeClass!@",
            "verification": "Verification!@",
            "issuedOn": "date!",
            "image": "Picture@",
            "evidence": "Evidence*@",
            "narrative": "text",
            "expires": "date",
            "endorsement": "Endorsement*@",
        },
    ),
    "Recipient": Shape((), {"type": "text!", "hashed": "bool!", "identity": "text!", "salt": "text"}),
    "Verification": Shape((), {"verificationProperty": "text", "startsWith": "text*", "allowedOrigins": "text*", "creator": "Key@"}),
    "Key": Shape((), {"id": "iri", "owner": "iri", "publicKeyPem": "text"}),
    "Picture": Shape((), {"id": "iri", "caption": "text"}),
    "Evidence": Shape((), {"id": "iri", "narrative": "text", "name": "text", "description": "text", "genre": "text", "audience": "text"}),
    "BadgeClass": Shape(
        ("BadgeClass",),
        {
            "id": "iri!",
            "name": "text!",
            "description": "text!",
            "image": "Picture?@",
            "criteria": "Criteria!@",
            "issuer": "Issuer!@",
            "alignment": "AlignmentObject*",
            "tags": "text*",
            "version": "text",
            "related": "Related*@",
            "endorsement": "Endorsement*@",
            "@language": "language",
        },
    ),
    "Criteria": Shape((), {"id": "iri", "narrative": "text"}),
    "Related": Shape((), {"id": "iri!", "version": "text", "@language": "language"}),
    "AlignmentObject": Shape(
        (), {"targetName": "text!", "targetUrl": "text!", "targetDescription": "text", "targetFramework": "text", "targetCode": "text"}
    ),
    "Issuer": Shape(
        ("Issuer", "Profile"),
        {
            "id": "iri!",
            "name": "text!",
            "url": "web!",
            "email": "text?",
            "description": "text",
            "image": "Picture@",
            "telephone": "text",
            "publicKey": "Key*@",
            "verification": "Verification@",
            "revocationList": "iri",
            "endorsement": "Endorsement*@",
        },
    ),
    "Endorsement": Shape(
        ("Endorsement",),
        {"id": "iri!", "claim": "Claim!", "issuer": "Issuer!@", "issuedOn": "date!", "verification": "Verification!@"},
    ),
    "Claim": Shape((), {"id": "iri!", "endorsementComment": "text"}),
    "CryptographicKey": Shape(("CryptographicKey",), {"id": "iri!", "owner": "iri!", "publicKeyPem": "text!"}),
    "RevocationList": Shape(("RevocationList",), {"id": "iri!", "revokedAssertions": "any*"}),
}
"""Open Badges 2.0."""
