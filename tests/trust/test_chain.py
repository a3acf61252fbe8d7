"""One step from the signer to an anchor, and the signer's profile (Doc 9303-12 §6.1, §7.1.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.keys import generate_rsa
from ecid.emulator.pki import (
    Authority,
    Signer,
    emulated_issuer,
    make_csca,
    make_document_signer,
)
from ecid.emulator.signing import RsaKey
from ecid.encoding import der_write as w
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import NOTHING
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng
from forged_sod import (
    CSCA,
    GREEN,
    SIGNER,
    TRUST,
    authority_of,
    ec_key,
    genuine,
    key_identifier_of,
    signer_extensions_but,
    signer_with,
    verdict,
    verdicts,
    with_outer_algorithm,
)

NO_CSCA = "undetermined no_csca"
AKI = "2.5.29.35"
UTOPIA = c.name("UT", "ecid emulator", "CSCA EMULATED")


def chain(signer: Signer | bytes, *anchors: Authority | bytes) -> str:
    """Return the verdict on ``signer`` under ``anchors``, in this order."""
    return verdict(find_chain(certificate(signer), store(*anchors)).finding)


def deviations(signer: Signer | bytes, *anchors: Authority | bytes) -> tuple[str, tuple[str, ...]]:
    """Return the verdict on ``signer`` and the codes of what was overlooked for it."""
    found = find_chain(certificate(signer), store(*anchors))
    return verdict(found.finding), tuple(each.code for each in found.deviations)


def strictly(signer: Signer | bytes, *anchors: Authority | bytes) -> str:
    """Return the verdict where nobody is granted any deviation."""
    return verdict(find_chain(certificate(signer), store(*anchors), NOTHING).finding)


def certificate(signer: Signer | bytes) -> Certificate:
    """Return the certificate of ``signer``."""
    return parse_certificate(signer if isinstance(signer, bytes) else signer.certificate)


def store(*anchors: Authority | bytes) -> TrustStore:
    """Return a store of ``anchors``."""
    return TrustStore.of(*(a if isinstance(a, bytes) else a.certificate for a in anchors))


def double(subject: bytes, identifier: bytes, *, label: str = "rogue") -> Authority:
    """Return a CSCA of another key that calls itself ``subject`` and its key ``identifier``."""
    extensions = (
        c.basic_constraints(True, 0),
        c.subject_key_identifier(identifier),
        c.key_usage(5, 6),
    )
    return make_csca(ec_key(label), subject=subject, extensions=extensions)


def without_aki(csca: Authority = CSCA) -> Signer:
    """Return a signer that does not say which key signed it."""
    return signer_with(*signer_extensions_but(AKI, csca=csca), csca=csca)


def test_control() -> None:
    """The genuine signer under its own CSCA, which is the anchor that is reported."""
    found = find_chain(certificate(SIGNER), TRUST)
    assert verdict(found.finding) == "successful"
    assert found.anchor is not None
    assert CSCA.certificate == found.anchor.raw


def test_no_anchor() -> None:
    """An empty store decides nothing."""
    assert chain(SIGNER) == NO_CSCA
    assert find_chain(certificate(SIGNER), TrustStore()).anchor is None


def test_other_anchor() -> None:
    """Another key of the same name: no candidate, hence no failure."""
    rogue, _ = emulated_issuer(0, "rogue")
    assert rogue.plan.subject == CSCA.plan.subject
    assert chain(SIGNER, rogue) == NO_CSCA


def test_rogue_signer() -> None:
    """A signer of a rogue CSCA that copies the genuine name (P3 b)."""
    _, signer = emulated_issuer(0, "rogue")
    assert chain(signer, CSCA) == NO_CSCA


def test_same_name_and_identifier() -> None:
    """The key identifier names an anchor, and its key did not sign (P3 a)."""
    rogue = double(CSCA.plan.subject, key_identifier_of(CSCA))
    assert chain(SIGNER, rogue) == "failed bad_signature"
    assert find_chain(certificate(SIGNER), store(rogue)).anchor is None


@pytest.mark.parametrize("genuine_first", [True, False])
def test_every_candidate_is_tried(genuine_first: bool) -> None:
    """A double in the store hides nothing, before or after the genuine anchor."""
    rogue = double(CSCA.plan.subject, key_identifier_of(CSCA))
    anchors = (CSCA, rogue) if genuine_first else (rogue, CSCA)
    assert chain(SIGNER, *anchors) == "successful"


def test_identifier_points_elsewhere() -> None:
    """Signed by the anchor that its issuer names, but the key identifier is another key's."""
    elsewhere = c.authority_key_identifier(bytes(20))
    signer = signer_with(*signer_extensions_but(AKI, elsewhere))
    assert deviations(signer, CSCA) == ("successful", ("aki_mismatch",))
    assert strictly(signer, CSCA) == "undetermined not_tolerated"


def test_by_name() -> None:
    """Without key identifier the name finds the candidates, and the signature decides."""
    assert deviations(without_aki(), CSCA) == ("successful", ("aki_absent",))
    assert strictly(without_aki(), CSCA) == "undetermined not_tolerated"


def test_by_name_of_an_anchor_without_identifier() -> None:
    """The same where the anchor is the one that has none."""
    plain = make_csca(
        CSCA.key, extensions=(c.basic_constraints(True, 0), c.key_usage(5, 6)), serial=9
    )
    assert deviations(SIGNER, plain) == ("successful", ())


def test_by_name_and_a_wrong_key() -> None:
    """A name alone never accuses: names are shared (TR-03135-1 §5.6.4.3)."""
    rogue, _ = emulated_issuer(0, "rogue")
    assert chain(without_aki(rogue), CSCA) == NO_CSCA


def test_by_another_name() -> None:
    """Without key identifier and under another name there is no candidate."""
    signer = make_document_signer(
        ec_key("signer"), CSCA, extensions=signer_extensions_but(AKI), issuer_name=UTOPIA
    )
    assert chain(signer, CSCA) == NO_CSCA


def test_broken_identifier() -> None:
    """An authority key identifier that says nothing names nobody: the issuer's name is there."""
    broken = c.extension(AKI, b"\x30\x05")
    signer = signer_with(*signer_extensions_but(AKI, broken))
    assert chain(signer, CSCA) == "successful"
    assert parse_certificate(signer.certificate).deviations == ("broken_extension",)


def test_self_signed_signer() -> None:
    """A signer that signed itself (P2)."""
    key = ec_key("signer")
    own = Authority(b"", replace(CSCA.plan, subject=UTOPIA), key)
    assert chain(make_document_signer(key, own), CSCA) == NO_CSCA


def test_identifier_of_two_countries() -> None:
    """The same key identifier in two countries: only the own country is a candidate (P4)."""
    foreign = double(UTOPIA, key_identifier_of(CSCA))
    assert chain(SIGNER, foreign) == NO_CSCA
    found = find_chain(certificate(SIGNER), store(foreign, CSCA))
    assert verdict(found.finding) == "successful"
    assert found.anchor is not None
    assert CSCA.certificate == found.anchor.raw


def test_anchor_of_another_country_that_signed() -> None:
    """The right key under another country is no candidate either (P13)."""
    foreign = make_csca(CSCA.key, subject=UTOPIA)
    assert chain(SIGNER, foreign) == NO_CSCA


def test_country_in_lower_case() -> None:
    """Country codes are compared in upper case, as issuers mix them."""
    lower = make_csca(
        CSCA.key, subject=c.name("vn", "ecid emulator", "CSCA EMULATED", serial="001")
    )
    assert deviations(SIGNER, lower) == ("successful", ("name_encoding",))
    assert strictly(SIGNER, lower) == "undetermined not_tolerated"


def test_no_intermediate_signer() -> None:
    """Anchor, document signer, document signer: a chain has one step (P5)."""
    middle = authority_of(SIGNER, UTOPIA)
    last = make_document_signer(ec_key("last"), middle, serial=2)
    assert chain(last, CSCA) == NO_CSCA
    sod = genuine(last, certificates=(last.certificate, SIGNER.certificate))
    assert verdicts(sod) == (*GREEN[:3], NO_CSCA)


def test_no_intermediate_authority() -> None:
    """Nor through an authority that pathLenConstraint would allow (P6)."""
    root = make_csca(ec_key("root"), path_length=1)
    middle = make_csca(ec_key("middle"), issuer=root, subject=UTOPIA)
    assert chain(make_document_signer(ec_key("last"), middle), root) == NO_CSCA


def test_path_length_of_an_old_profile() -> None:
    """A CSCA without pathLenConstraint still signs signers (Doc 9303-12 Appendix C)."""
    old = make_csca(ec_key("old"), path_length=None)
    assert chain(make_document_signer(ec_key("dsc"), old), old) == "successful"


def test_link_certificate() -> None:
    """The new key is trusted through nothing but its own presence in the store."""
    new = make_csca(ec_key("new"), issuer=CSCA, subject=c.name("VN", "ecid emulator", "CSCA NEW"))
    signer = make_document_signer(ec_key("dsc"), new)
    assert chain(signer, CSCA) == NO_CSCA
    assert chain(signer, new) == "successful"


def test_sha1_issuer() -> None:
    """A signature with SHA-1 is checked and left open, and the anchor is named."""
    csca = make_csca(ec_key("sha1"))
    signer = make_document_signer(ec_key("dsc"), csca, hash_function=Hash.SHA1)
    found = find_chain(certificate(signer), store(csca))
    assert verdict(found.finding) == "undetermined weak_hash"
    assert found.anchor is not None


def test_anchor_of_another_kind_of_key() -> None:
    """An anchor that claims the identifier and could not have made the signature."""
    rsa = RsaKey(generate_rsa(1024, SeededRng(b"kind")))
    extensions = (
        c.basic_constraints(True, 0),
        c.subject_key_identifier(key_identifier_of(CSCA)),
    )
    csca = make_csca(rsa, extensions=extensions, hash_function=Hash.SHA256)
    assert chain(SIGNER, csca) == "failed bad_signature"


def test_signature_algorithm_unknown() -> None:
    """A signature that cannot be checked stays open."""
    ed448 = with_outer_algorithm(SIGNER.certificate, w.seq(w.oid("1.3.101.113")))
    assert chain(ed448, CSCA) == "undetermined unsupported_algorithm"


def test_signature_algorithm_malformed() -> None:
    """One that is no AlgorithmIdentifier names no key's signature."""
    broken = with_outer_algorithm(SIGNER.certificate, w.seq(w.integer(1)))
    assert chain(broken, CSCA) == "failed bad_signature"
