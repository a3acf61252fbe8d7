"""Whose word a signed list is: signature, signer, anchor (Doc 9303-12 §9.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from Crypto.PublicKey import RSA
from Crypto.Util.number import bytes_to_long

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.keys import RsaSecret
from ecid.emulator.pki import Authority, Signer, make_csca, make_document_signer
from ecid.emulator.signing import RsaKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import (
    CSCA_MASTER_LIST,
    DEFECT_LIST,
    DEVIATION_LIST,
    DEVIATION_LIST_SIGNING_KEY,
    LDS_SECURITY_OBJECT,
    MASTER_LIST_SIGNING_KEY,
)
from ecid.outcome import Finding
from ecid.trust.certificate import parse_certificate
from ecid.trust.entries import ListKind
from ecid.trust.signed_data import parse_signed_data
from ecid.trust.signed_list import ListJudgement, judge_list
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import PublicKey
from forged_sod import ec_key, flipped, rsa_secret
from trust_kit import (
    ATLANTIS,
    DEFECT_PURPOSE,
    IMPORTED,
    NOW,
    ROOT,
    UTOPIA,
    csca_master_list,
    defect_list,
    deviation_list,
    list_signer,
    master_list,
    signed_list,
)

#: A name without a country.
NAMELESS = w.seq(w.set_of(w.seq(w.oid("2.5.4.3"), w.utf8("list signer"))))
GREEN = "successful"
UNANCHORED = "undetermined no_csca"
KINDS = {
    CSCA_MASTER_LIST: ListKind.MASTER_LIST,
    DEVIATION_LIST: ListKind.DEVIATION_LIST,
    DEFECT_LIST: ListKind.DEFECT_LIST,
}
CONTENT = csca_master_list(ATLANTIS.certificate)


def judged(
    raw: bytes,
    *anchors: Authority | bytes,
    table: str = "field",
    stated: Collection[str] = (),
    at: datetime = IMPORTED,
) -> ListJudgement:
    """Return the judgement on the list ``raw`` under ``anchors``."""
    signed = parse_signed_data(raw, "list")
    trust = TrustStore.of(*(a if isinstance(a, bytes) else a.certificate for a in anchors))
    kind = KINDS.get(signed.content_type, ListKind.MASTER_LIST)
    return judge_list(kind, signed, trust, Tolerances.load(table), at, stated)


def said(finding: Finding) -> str:
    """Return outcome, reason and rule in one line."""
    words = [finding.outcome.value, finding.reason or "", str(finding.detail.get("rule", ""))]
    return " ".join(filter(None, words))


def verdict(raw: bytes, *anchors: Authority | bytes, table: str = "field") -> str:
    """Return the finding about the list ``raw`` under ``anchors``, the usual one unless given."""
    return said(judged(raw, *(anchors or (ROOT,)), table=table).finding)


def fingerprint(made: Authority | Signer) -> str:
    """Return the SHA-256 of a certificate in hex."""
    return parse_certificate(made.certificate).fingerprint


# The control, and the anchor --------------------------------------------------------------------


def test_control() -> None:
    """A list whose signer has the purpose and chains to an anchor."""
    found = judged(master_list(ATLANTIS.certificate), ROOT)
    assert said(found.finding) == said(found.chain) == GREEN
    assert found.signer is not None
    assert found.signer.raw == list_signer().certificate
    assert (found.signed_at, found.deviations, found.stated) == (NOW, (), frozenset())


def test_unanchored() -> None:
    """Everything is right, and nobody who is trusted has signed it."""
    assert said(judged(master_list(ATLANTIS.certificate)).finding) == UNANCHORED
    assert verdict(master_list(ATLANTIS.certificate), ATLANTIS) == UNANCHORED


def test_anchor_in_the_envelope() -> None:
    """A CSCA that the list brings along proves nothing: not in the CMS, not in the list."""
    both = (list_signer().certificate, ROOT.certificate)
    assert said(judged(master_list(certificates=both)).finding) == UNANCHORED
    assert said(judged(master_list(ROOT.certificate)).finding) == UNANCHORED


def test_rogue_of_the_same_name() -> None:
    """A signer under a CSCA of the same name and another key."""
    rogue = make_csca(ec_key("rogue"), subject=UTOPIA, marked=False)
    assert verdict(master_list(signer=list_signer(rogue))) == UNANCHORED


# Fingerprints that the operator states ----------------------------------------------------------


def test_stated_issuer_beside_the_list() -> None:
    """That of the signer's CA does not: whoever admits it makes an anchor of it first."""
    both = (list_signer().certificate, ROOT.certificate)
    found = judged(master_list(certificates=both), stated={fingerprint(ROOT)})
    assert said(found.finding) == UNANCHORED


def test_stated_signer() -> None:
    """So does that of the signer itself."""
    found = judged(master_list(), stated={fingerprint(list_signer())})
    assert said(found.finding) == GREEN
    assert found.stated == {fingerprint(list_signer())}


def test_stated_does_not_mend_a_signature() -> None:
    """A stated fingerprint is about the anchor only."""
    broken = flipped(master_list(), -1)
    found = judged(broken, stated={fingerprint(list_signer())})
    assert said(found.finding) == "failed signature_invalid"


# The signer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [None, DEVIATION_LIST_SIGNING_KEY, "1.3.6.1.5.5.7.3.1"])
def test_purpose_of_master_lists(purpose: str | None) -> None:
    """A document signer, a signer of other lists, a TLS server: none may sign master lists."""
    assert verdict(master_list(signer=list_signer(purpose=purpose))) == (
        "failed dsc_profile extended_key_usage"
    )


@pytest.mark.parametrize("purpose", [None, MASTER_LIST_SIGNING_KEY])
def test_purpose_of_deviation_lists(purpose: str | None) -> None:
    """The same for deviation lists, which have a purpose of their own."""
    assert verdict(deviation_list()) == GREEN
    assert verdict(deviation_list(signer=list_signer(purpose=purpose))) == (
        "failed dsc_profile extended_key_usage"
    )


def test_profile_of_a_list_signer() -> None:
    """A CSCA that signs its own list, though its certificate says what its key is for."""
    own = Signer(ROOT.certificate, ROOT.key)
    assert verdict(master_list(signer=own)) == "failed dsc_profile certificate_authority"


def test_signer_missing() -> None:
    """Without the certificate nothing can be checked."""
    assert verdict(master_list(certificates=())) == "undetermined dsc_missing"


def test_not_valid_at_signing() -> None:
    """The signer's certificate had ended when it signed."""
    ends = parse_certificate(list_signer().certificate).not_after
    late = ends + timedelta(seconds=1)
    assert said(judged(master_list(at=ends), ROOT, at=late).finding) == GREEN
    assert said(judged(master_list(at=late), ROOT, at=late).finding) == (
        "failed not_valid_at_signing"
    )


def test_no_signing_time() -> None:
    """A list need not say when it was signed, if its signer is still valid now."""
    found = judged(master_list(at=None), ROOT)
    assert (said(found.finding), found.signed_at) == (GREEN, None)
    certificate = parse_certificate(list_signer().certificate)
    for at, expected in (
        (certificate.not_after, GREEN),
        (certificate.not_after + timedelta(seconds=1), "undetermined signing_time_unknown"),
        (certificate.not_before - timedelta(seconds=1), "undetermined signing_time_unknown"),
    ):
        assert said(judged(master_list(at=None), ROOT, at=at).finding) == expected


def test_signed_in_the_future() -> None:
    """A day is what clocks may differ by; a list of the year 2040 would outlast all others."""
    day = timedelta(days=1)
    assert said(judged(master_list(), ROOT, at=NOW - day).finding) == GREEN
    late = judged(master_list(), ROOT, at=NOW - day - timedelta(seconds=1))
    assert said(late.finding) == "failed signed_in_future"


@pytest.mark.parametrize("purpose", [MASTER_LIST_SIGNING_KEY, "1.3.6.1.5.5.7.3.1", None])
def test_purpose_of_defect_lists(purpose: str | None) -> None:
    """It has no published identifier; but what is known to mean something else is none."""
    assert verdict(defect_list(signer=list_signer(purpose=DEFECT_PURPOSE))) == GREEN
    assert verdict(defect_list(signer=list_signer(purpose=purpose))) == (
        "failed dsc_profile extended_key_usage"
    )


def test_country_is_that_of_the_anchor() -> None:
    """Whose list it is, the anchor says; without one, the signer."""
    assert judged(master_list(), ROOT).country == "UT"
    foreign = list_signer(ROOT, country="", subject=NAMELESS)
    assert judged(master_list(signer=foreign), ROOT).country == "UT"
    assert judged(master_list(signer=foreign)).country is None


# The signature ----------------------------------------------------------------------------------


def infos(*labels: str) -> Sequence[bytes]:
    """Return SignerInfos over the control's content."""
    attributes = cms.signed_attributes(CONTENT, content_type=CSCA_MASTER_LIST, signing_time=NOW)
    return [cms.signer_info(list_signer(label=label), CONTENT, attributes) for label in labels]


def listed(**options: object) -> bytes:
    """Return the control with parts replaced."""
    return signed_list(CSCA_MASTER_LIST, CONTENT, list_signer(), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (listed(), GREEN),
        (flipped(listed(), -1), "failed signature_invalid"),
        (listed(digest=bytes(32)), "failed digest_mismatch"),
        (listed(signer_infos=infos("list signer", "second")), "failed malformed signer_count"),
        (listed(signer_infos=()), "failed malformed signer_count"),
        (
            listed(signer_infos=[cms.signer_info(list_signer(), CONTENT, ())]),
            "failed signed_attributes signed_attributes",
        ),
        (listed(hash_function=Hash.SHA1), "undetermined weak_hash"),
    ],
    ids=["control", "bit", "digest", "two signers", "no signer", "no attributes", "sha1"],
)
def test_signature(raw: bytes, expected: str) -> None:
    """One part changed at a time."""
    assert verdict(raw) == expected


def test_content_type() -> None:
    """The signed attribute names another type of content."""
    attributes = cms.signed_attributes(CONTENT, content_type=LDS_SECURITY_OBJECT)
    info = cms.signer_info(list_signer(), CONTENT, attributes)
    assert verdict(listed(signer_infos=[info])) == "failed signed_attributes content_type"


def test_unanchored_and_broken() -> None:
    """What else is wrong is said first; of the anchor there is word of its own."""
    found = judged(flipped(listed(), -1))
    assert said(found.finding) == "failed signature_invalid"
    assert said(found.chain) == UNANCHORED


# Tolerances -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WithoutNull:
    """RSASSA-PKCS1-v1_5 whose DigestInfo lacks the NULL, as ICAO's lists up to 2023 have it."""

    secret: RsaSecret

    @property
    def public(self) -> PublicKey:
        """Return the public key."""
        return self.secret.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature over the shorter DigestInfo."""
        digest = w.seq(w.seq(w.oid(hash_function.oid)), w.octets(hash_function.digest(message)))
        key = RSA.construct((self.secret.n, self.secret.e, self.secret.d))
        size = key.size_in_bytes()
        padded = b"\x00\x01" + b"\xff" * (size - 3 - len(digest)) + b"\x00" + digest
        return int(pow(bytes_to_long(padded), key.d, key.n)).to_bytes(size, "big")

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return the AlgorithmIdentifier of an honest signature."""
        return RsaKey(self.secret).algorithm(hash_function)


@pytest.mark.parametrize(
    ("country", "table", "expected"),
    [
        ("UN", "lenient", GREEN),
        ("UN", "field", "undetermined digest_info_without_null"),
        ("UT", "lenient", "undetermined digest_info_without_null"),
    ],
)
def test_digest_info_without_null(country: str, table: str, expected: str) -> None:
    """Granted to one issuer by one table; then it stands among the deviations."""
    root = make_csca(ec_key("un"), subject=c.name(country, "ecid emulator", "UN"), marked=False)
    plain = list_signer(root, country=country)
    honest = make_document_signer(
        RsaKey(rsa_secret()),
        root,
        subject=c.name(country, "ecid emulator", "list signer"),
        extensions=_extensions(root),
    )
    control = signed_list(CSCA_MASTER_LIST, CONTENT, honest)
    assert (verdict(master_list(signer=plain), root), verdict(control, root)) == (GREEN, GREEN)
    found = judged(
        signed_list(CSCA_MASTER_LIST, CONTENT, replace(honest, key=WithoutNull(rsa_secret()))),
        root,
        table=table,
    )
    assert said(found.finding) == expected
    codes = [each.code for each in found.deviations]
    assert codes == (["digest_info_without_null"] if expected == GREEN else [])


def test_sha1_granted() -> None:
    """The table for archives takes SHA-1, by name."""
    found = judged(listed(hash_function=Hash.SHA1), ROOT, table="lenient")
    assert said(found.finding) == GREEN
    assert [(d.code, d.where) for d in found.deviations] == [("weak_hash", "master_list")]


def _extensions(root: Authority) -> Sequence[bytes]:
    """Return the extensions of a list signer with the RSA key."""
    return (
        c.authority_key_identifier(c.key_identifier(root.key.public)),
        c.key_usage(0),
        c.extension("2.5.29.37", w.seq(w.oid(MASTER_LIST_SIGNING_KEY))),
    )
