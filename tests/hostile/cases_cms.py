"""Group CMS: the signed data of EF.SOD, changed in one part (RFC 5652 §5, Doc 9303-10 §4.6.2).

Each case runs through both entry points: the files in a folder, and a live card that has them.
Paths are child indexes: the SOD is 77{ContentInfo{OID, [0]{SignedData}}}.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cache

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import generate_ec
from ecid.emulator.pki import SIGNING_TIME, Signer, make_document_signer
from ecid.emulator.signing import EcdsaKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import CONTENT_TYPE, LDS_SECURITY_OBJECT, MESSAGE_DIGEST
from ecid.errors import ProtocolError
from ecid.outcome import Reason
from ecid.testing import (
    Aborted,
    Case,
    Judged,
    LiveCard,
    StoredFolder,
    Wire,
    append,
    canary_card,
    data_groups,
    fails,
    flip,
    issuer_of,
    node,
    override,
    sod_of,
    spied,
    stays_open,
    stays_verified,
    with_files,
)
from ecid_crypto.curves import curve_by_name
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng

SIGNED_DATA = (0, 1, 0)
ENCAPSULATED = (*SIGNED_DATA, 2)
CONTENT = (*ENCAPSULATED, 1, 0)
SIGNER_INFO = (*SIGNED_DATA, -1, 0)
DIGEST_ALGORITHM, ATTRIBUTES, SIGNATURE = (
    (*SIGNER_INFO, 2),
    (*SIGNER_INFO, 3),
    (*SIGNER_INFO, 5),
)

ID_DATA = "1.2.840.113549.1.7.1"
MD5 = w.seq(w.oid("1.2.840.113549.2.5"), w.null())
TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"

Forge = Callable[[IssuedCard], bytes]


def content(card: IssuedCard) -> bytes:
    """Return the LDSSecurityObject of a genuine SOD."""
    return cms.lds_security_object(data_groups(card))


def signer(card: IssuedCard) -> Signer:
    """Return the document signer of ``card``."""
    return issuer_of(card)[1]


@cache
def decoy() -> Signer:
    """Return another document signer under the same CSCA, as genuine as the first."""
    key = EcdsaKey(generate_ec(curve_by_name("P-256"), SeededRng(b"hostile decoy")))
    return make_document_signer(key, issuer_of(canary_card())[0], serial=0xDEC0)


@cache
def crowd(count: int) -> tuple[bytes, ...]:
    """Return certificates of ``count`` document signers that did not sign."""
    key, csca = decoy().key, issuer_of(canary_card())[0]
    return tuple(make_document_signer(key, csca, serial=n).certificate for n in range(1, count + 1))


def info(
    card: IssuedCard, attributes: tuple[bytes, ...] | None = None, **overrides: object
) -> bytes:
    """Return the SignerInfo of a genuine SOD, or one that differs in ``overrides``."""
    econtent = content(card)
    if attributes is None:
        attributes = cms.signed_attributes(econtent, signing_time=SIGNING_TIME)
    return cms.signer_info(signer(card), econtent, attributes, **overrides)  # type: ignore[arg-type]


def genuine(card: IssuedCard) -> bytes:
    """Return the SOD as issued."""
    return card.files["SOD"]


def content_type(dotted: str = LDS_SECURITY_OBJECT) -> bytes:
    """Return the attribute contentType."""
    return cms.attribute(CONTENT_TYPE, w.oid(dotted))


def digest(card: IssuedCard) -> bytes:
    """Return the right value of messageDigest."""
    return w.octets(Hash.SHA256.digest(content(card)))


def bad_digest(fill: int) -> bytes:
    """Return a wrong value of messageDigest that sorts before (0) or after (255) the right one."""
    return w.octets(bytes([fill]) * 32)


def resigned_with(*make: Callable[[IssuedCard], bytes]) -> Forge:
    """Return the forgery of a SOD whose issuer signed these attributes, in DER order."""

    def forge(card: IssuedCard) -> bytes:
        return sod_of(card, attributes=[each(card) for each in make])

    return forge


def two_digests(fill: int) -> Forge:
    """Return a SOD with two messageDigest attributes, one of them wrong."""
    return resigned_with(
        lambda _: content_type(),
        lambda _: cms.attribute(MESSAGE_DIGEST, bad_digest(fill)),
        lambda card: cms.attribute(MESSAGE_DIGEST, digest(card)),
    )


def two_values(fill: int) -> Forge:
    """Return a SOD with one messageDigest of two values, one of them wrong."""
    return resigned_with(
        lambda _: content_type(),
        lambda card: cms.attribute(MESSAGE_DIGEST, bad_digest(fill), digest(card)),
    )


def flipped_signature(sod: bytes) -> bytes:
    """Return ``sod`` with the last bit of its signature turned over."""
    return override(sod, SIGNATURE, flip)


def other_content(card: IssuedCard) -> bytes:
    """Return the SOD with the hash of an altered DG1 in it, and nothing signed again."""
    altered = cms.lds_security_object({**data_groups(card), 1: altered_dg1(card)})
    return override(genuine(card), CONTENT, w.octets(altered))


def altered_dg1(card: IssuedCard) -> bytes:
    """Return DG1 with one letter of the name changed, which no check digit covers."""
    data = card.files["DG1"]
    at = data.index(b"CANARY")
    return data[:at] + b"D" + data[at + 1 :]


def attributes_as_content(card: IssuedCard) -> bytes:
    """Return genuine attributes under their genuine signature, passed off as content."""
    attributes = b"\x31" + node(genuine(card), ATTRIBUTES)[1:]
    signature = node(genuine(card), SIGNATURE)[2:]
    forged = cms.signer_info(signer(card), attributes, (), signature=signature)
    return sod_of(card, econtent=attributes, signer_infos=(forged,))


def two_signers(card: IssuedCard, *, good_first: bool) -> bytes:
    """Return a SOD with a right and a wrong SignerInfo, in the order that DER gives the two."""
    good = info(card)
    # One bit of the last byte is set and one is not, whatever the byte is, unless it is 00 or FF.
    others = (flip(good, -1, bit) for bit in range(8))
    bad = next(other for other in others if (other > good) is good_first)
    return sod_of(card, signer_infos=(good, bad))


def pointing_at(card: IssuedCard, identifier: bytes, version: int = 1) -> bytes:
    """Return a SOD whose signer identifier is another, with the decoy's certificate in it."""
    return sod_of(
        card,
        signer_infos=(info(card, identifier=identifier, version=version),),
        certificates=(signer(card).certificate, decoy().certificate),
    )


def by_key(of: Signer) -> bytes:
    """Return the signer identifier by subject key identifier."""
    return cms.key_identifier(c.key_identifier(of.key.public))


def md5_resigned(card: IssuedCard) -> bytes:
    """Return a SOD that consistently uses MD5 for its content, signed by the issuer."""
    value = w.octets(hashlib.md5(content(card), usedforsecurity=False).digest())
    sod = sod_of(card, attributes=(content_type(), cms.attribute(MESSAGE_DIGEST, value)))
    return override(sod, DIGEST_ALGORITHM, MD5)


def sorted_afterwards(card: IssuedCard) -> bytes:
    """Return a SOD whose issuer did not sort the attributes, sorted by somebody on the way."""
    unsorted = unsorted_card().files["SOD"]
    parts = cms.signed_attributes(content(card), signing_time=SIGNING_TIME)
    return override(unsorted, ATTRIBUTES, w.implicit(0, w.set_of(*parts)))


@cache
def unsorted_card() -> IssuedCard:
    """Return a valid card whose issuer signs attributes in no order: the control of CMS-23."""
    card = canary_card()
    parts = sorted(cms.signed_attributes(content(card), signing_time=SIGNING_TIME), reverse=True)
    return with_files(card, SOD=sod_of(card, signer_infos=(info(card, tuple(parts), sort=False),)))


def longer(by: int) -> Forge:
    """Return a SOD whose outermost length is wrong by ``by``; it takes two bytes in any case."""

    def forge(card: IssuedCard) -> bytes:
        sod = genuine(card)
        length = int.from_bytes(sod[2:4], "big") + by
        return sod[:2] + length.to_bytes(2, "big") + sod[4:]

    return forge


def malformed_content(card: IssuedCard) -> bytes:
    """Return an LDSSecurityObject cut short, genuinely signed but for one bit."""
    return flipped_signature(sod_of(card, econtent=content(card)[:-1]))


def with_unsigned(sod: bytes, *attributes: bytes) -> bytes:
    """Return ``sod`` with unsigned attributes, which anybody can add."""
    return append(sod, SIGNER_INFO, w.implicit(1, w.set_of(*attributes)))


def second_timestamp(card: IssuedCard) -> bytes:
    """Return a SOD with a time-stamp and certificates in unsigned attributes."""
    stamp = cms.attribute(TIMESTAMP, w.seq(w.oid(ID_DATA)))
    extra = cms.attribute(CERTIFICATE_VALUES, w.seq(decoy().certificate))
    return with_unsigned(genuine(card), stamp, extra)


def signer_in_unsigned(card: IssuedCard) -> bytes:
    """Return a SOD whose signer's certificate stands in an unsigned attribute only."""
    extra = cms.attribute(CERTIFICATE_VALUES, w.seq(signer(card).certificate))
    return with_unsigned(sod_of(card, certificates=()), extra)


FORMAT = fails("sod.format", Reason.MALFORMED)
ATTRIBUTES_WRONG = fails("sod.signature", Reason.SIGNED_ATTRIBUTES)
DIGEST_WRONG = fails("sod.signature", Reason.DIGEST_MISMATCH)
INVALID = fails("sod.signature", Reason.SIGNATURE_INVALID)
SEVERAL = fails("sod.signature", Reason.SIGNER_COUNT)
WEAK = fails("sod.signature", Reason.WEAK_HASH)
HARMLESS = stays_verified("sod.signature")

Row = tuple[str, str, str, int, Forge, Judged]

ROWS: tuple[Row, ...] = (
    (
        "CMS-01",
        "",
        "one bit of the signature turned over",
        5,
        lambda card: flipped_signature(genuine(card)),
        INVALID,
    ),
    (
        "CMS-02",
        "",
        "the content lists the hash of another DG1; attributes untouched",
        5,
        other_content,
        DIGEST_WRONG,
    ),
    ("CMS-04", "bad first", "two messageDigest attributes", 5, two_digests(0), ATTRIBUTES_WRONG),
    ("CMS-04", "bad last", "two messageDigest attributes", 5, two_digests(255), ATTRIBUTES_WRONG),
    ("CMS-05", "bad first", "messageDigest of two values", 5, two_values(0), ATTRIBUTES_WRONG),
    ("CMS-05", "bad last", "messageDigest of two values", 5, two_values(255), ATTRIBUTES_WRONG),
    (
        "CMS-07",
        "",
        "no contentType attribute",
        5,
        resigned_with(lambda card: cms.attribute(MESSAGE_DIGEST, digest(card))),
        ATTRIBUTES_WRONG,
    ),
    (
        "CMS-08",
        "",
        "the contentType attribute says id-data, the content is an LDS security object",
        5,
        resigned_with(
            lambda _: content_type(ID_DATA),
            lambda card: cms.attribute(MESSAGE_DIGEST, digest(card)),
        ),
        ATTRIBUTES_WRONG,
    ),
    (
        "CMS-10",
        "",
        "no signed attributes: the issuer signed the content itself",
        5,
        lambda card: sod_of(card, attributes=()),
        ATTRIBUTES_WRONG,
    ),
    (
        "CMS-11",
        "",
        "genuine signed attributes are the content, under their genuine signature",
        5,
        attributes_as_content,
        ATTRIBUTES_WRONG,
    ),
    (
        "CMS-13",
        "good first",
        "two SignerInfos, the second with a wrong signature",
        5,
        lambda card: two_signers(card, good_first=True),
        SEVERAL,
    ),
    (
        "CMS-13",
        "bad first",
        "two SignerInfos, the first with a wrong signature",
        5,
        lambda card: two_signers(card, good_first=False),
        SEVERAL,
    ),
    ("CMS-14", "", "no SignerInfo", 5, lambda card: sod_of(card, signer_infos=()), FORMAT),
    (
        "CMS-16",
        "",
        "issuer and serial number name another certificate of the SOD",
        5,
        lambda card: pointing_at(card, cms.issuer_and_serial(decoy().certificate)),
        INVALID,
    ),
    (
        "CMS-17",
        "",
        "the subject key identifier names another certificate of the SOD",
        5,
        lambda card: pointing_at(card, by_key(decoy()), version=3),
        INVALID,
    ),
    (
        "CMS-19",
        "",
        "SignerInfo version 1 with a subject key identifier, which takes version 3",
        1,
        lambda card: sod_of(card, signer_infos=(info(card, identifier=by_key(signer(card))),)),
        FORMAT,
    ),
    (
        "CMS-20",
        "",
        "the content is detached",
        5,
        lambda card: override(genuine(card), (*ENCAPSULATED, 1), b""),
        FORMAT,
    ),
    (
        "CMS-22",
        "renamed",
        "the digest algorithm of SignerInfo, which no signature covers, says MD5",
        5,
        lambda card: override(genuine(card), DIGEST_ALGORITHM, MD5),
        WEAK,
    ),
    ("CMS-22", "signed", "the issuer used MD5 for the content", 5, md5_resigned, WEAK),
    (
        "CMS-23",
        "",
        "signed attributes that the issuer did not sort, sorted after signing",
        3,
        sorted_afterwards,
        INVALID,
    ),
    (
        "CMS-25",
        "",
        "two bytes after the ContentInfo, inside tag 77",
        2,
        lambda card: append(genuine(card), (), w.null()),
        FORMAT,
    ),
    (
        "CMS-26",
        "tag 78",
        "tag 78 instead of 77",
        2,
        lambda card: b"\x78" + genuine(card)[1:],
        FORMAT,
    ),
    ("CMS-26", "length +1", "one byte more announced than there is", 2, longer(1), FORMAT),
    ("CMS-26", "length -1", "one byte less announced than there is", 2, longer(-1), FORMAT),
    (
        "CMS-28",
        "200",
        "200 certificates: more bytes than an EF.SOD may have, and no more are read",
        2,
        lambda card: sod_of(card, certificates=(*crowd(200), signer(card).certificate)),
        FORMAT,
    ),
    (
        "CMS-28",
        "80",
        "80 certificates that did not sign and the one that did: as many as fit",
        2,
        lambda card: sod_of(card, certificates=(*crowd(80), signer(card).certificate)),
        HARMLESS,
    ),
    (
        "CMS-31",
        "",
        "a wrong signature and a malformed content: the signature is still judged",
        3,
        malformed_content,
        INVALID,
    ),
    (
        "CMS-32",
        "ignored",
        "unsigned attributes with a time-stamp and a certificate",
        3,
        second_timestamp,
        HARMLESS,
    ),
    (
        "CMS-32",
        "no trust",
        "the signer's certificate stands in an unsigned attribute only",
        3,
        signer_in_unsigned,
        stays_open("sod.signature", Reason.DSC_MISSING),
    ),
)


def _cases() -> Iterator[Case]:
    for number, variant, mutation, weight, forge, expected in ROWS:
        for entry in (StoredFolder, LiveCard):
            yield Case(
                id=number,
                variant=" ".join(filter(None, (variant, _ENTRIES[entry]))),
                mutation=mutation,
                weight=weight,
                build=_builder(number, forge, entry),
                expected=expected,
            )


_ENTRIES: dict[type[StoredFolder | LiveCard], str] = {StoredFolder: "folder", LiveCard: "live"}


def _builder(
    number: str, forge: Forge, entry: type[StoredFolder | LiveCard]
) -> Callable[[], StoredFolder | LiveCard]:
    def build() -> StoredFolder | LiveCard:
        holder = unsorted_card() if number == "CMS-23" else canary_card()
        return entry(holder=holder, card=with_files(holder, SOD=forge(holder)))

    return build


def _attack_card(card: IssuedCard) -> IssuedCard:
    """Return the whole attack of CMS-02: DG1 altered, and its new hash in the content."""
    return with_files(card, SOD=other_content(card), DG1=altered_dg1(card))


def _empty_sod(wire: Wire) -> None:
    """Answer what is asked of EF.SOD with 9000 and nothing, under the right MAC."""
    nothing = spied(lambda spy, _: spy.seal(bytes.fromhex("99029000")))
    for nth in (2, 3):  # the first READ BINARY is that of EF.COM; two empty answers are enough
        wire.on(0xB0, nth, nothing)


def _without_sod() -> IssuedCard:
    return with_files(canary_card(), SOD=b"")


CASES = (
    *_cases(),
    *(
        Case(
            id="CMS-02",
            variant=f"with DG1 {name}",
            mutation="another DG1, and the content lists its hash; attributes untouched",
            weight=5,
            build=lambda entry=entry: entry(  # type: ignore[misc]
                holder=canary_card(), card=_attack_card(canary_card())
            ),
            expected=DIGEST_WRONG,
        )
        for entry, name in _ENTRIES.items()
    ),
    Case(
        id="CMS-29",
        variant="folder",
        mutation="EF.SOD is there and empty",
        weight=5,
        build=lambda: StoredFolder(holder=canary_card(), card=_without_sod()),
        expected=FORMAT,
    ),
    Case(
        id="CMS-29",
        variant="live 9000",
        mutation="EF.SOD is there; reading it gives 9000 and no bytes",
        weight=5,
        build=lambda: LiveCard(holder=canary_card(), tamper=_empty_sod),
        expected=FORMAT,
    ),
    Case(
        id="CMS-29",
        variant="live 6B00",
        mutation="EF.SOD is there; reading its first byte gives 6B00, which is no way to say so",
        weight=5,
        build=lambda: LiveCard(holder=canary_card(), card=_without_sod()),
        expected=Aborted(error=ProtocolError, code="protocol"),
    ),
)
