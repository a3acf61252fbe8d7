"""Passive Authentication of whole SODs: a green control, and what the SOD may be wrapped in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import issue
from ecid.emulator.pki import SIGNING_TIME, make_csca, make_document_signer
from ecid.emulator.signing import EcdsaKey, RsaKey, RsaPssKey, SigningKey
from ecid.encoding import der_write as w
from ecid.outcome import Reason
from ecid.protocols.passive_authentication import (
    PassiveAuthentication,
    authenticate,
    check_data_group,
)
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import NOTHING, Tolerances
from ecid_crypto.hashes import Hash
from forged_sod import (
    CONTENT,
    CSCA,
    GREEN,
    SID,
    SIGNER,
    TRUST,
    PlainEcdsaKey,
    ShortSaltKey,
    all_verdicts,
    ec_key,
    flipped,
    genuine,
    rsa_secret,
    signer_parts,
    verdict,
    verdicts,
)

NOT_RUN = "undetermined not_run"


def test_issued_card() -> None:
    """A shipped card under its own CSCA: every finding succeeds, every data group matches."""
    card = issue("vn-cccd-2021", seed=0)
    result = authenticate(card.files["SOD"], TrustStore.of(card.csca))
    assert all_verdicts(result) == GREEN
    assert result.anchor is not None
    assert result.anchor.raw == card.csca
    assert result.certificate is not None
    assert result.signed_at == SIGNING_TIME
    assert result.deviations == ()
    assert result.listed == {1, 2, 3, 13, 14, 15}
    for number in sorted(result.listed):
        finding = check_data_group(result.security_object, number, card.files[f"DG{number}"])
        assert verdict(finding) == "successful", number


def test_control() -> None:
    """The SOD that all the others here differ from in one part is green."""
    assert verdicts(genuine()) == GREEN


def test_nothing_is_decided_before_it_is_looked_at() -> None:
    """Every finding starts undetermined, never successful."""
    assert all_verdicts(PassiveAuthentication()) == (NOT_RUN,) * 4
    assert PassiveAuthentication().listed == frozenset()


def _issuer(key: SigningKey) -> tuple[bytes, TrustStore]:
    csca = make_csca(ec_key("csca"), hash_function=Hash.SHA256)
    signer = make_document_signer(key, csca, hash_function=Hash.SHA256)
    return genuine(signer), TrustStore.of(csca.certificate)


@pytest.mark.parametrize(
    "curve", ["P-224", "P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP512r1"]
)
def test_ecdsa_signers(curve: str) -> None:
    """ECDSA over the curves that signers have; where the order is shorter, leftmost bits count."""
    assert verdicts(*_issuer(ec_key("ecdsa", curve))) == GREEN


@pytest.mark.parametrize("kind", ["v1.5", "pss", "plain"])
def test_other_signers(kind: str) -> None:
    """RSA PKCS #1 v1.5, RSASSA-PSS and plain ECDSA verify."""
    keys: dict[str, SigningKey] = {
        "v1.5": RsaKey(rsa_secret()),
        "pss": RsaPssKey(rsa_secret()),
        "plain": PlainEcdsaKey(ec_key("plain")),
    }
    sod, trust = _issuer(keys[kind])
    assert verdicts(sod, trust) == GREEN
    assert verdicts(flipped(sod, -1), trust) == (
        "successful",
        "failed signature_invalid",
        *GREEN[2:],
    )


def test_pss_salt_mismatch() -> None:
    """A salt of another length than the parameters say is no signature."""
    sod, trust = _issuer(ShortSaltKey(rsa_secret()))
    assert verdicts(sod, trust) == ("successful", "failed signature_invalid", *GREEN[2:])


@pytest.mark.parametrize("csca_explicit", [False, True])
@pytest.mark.parametrize("signer_explicit", [False, True])
def test_explicit_parameters(csca_explicit: bool, signer_explicit: bool) -> None:
    """Curve parameters written out, as Doc 9303-12 §4.1.6.3 wants them, or named."""
    csca = make_csca(ec_key("csca"), explicit_parameters=csca_explicit)
    signer = make_document_signer(ec_key("dsc"), csca, explicit_parameters=signer_explicit)
    assert verdicts(genuine(signer), TrustStore.of(csca.certificate)) == GREEN


@pytest.mark.parametrize("hash_function", [Hash.SHA224, Hash.SHA256, Hash.SHA384, Hash.SHA512])
def test_hash_functions(hash_function: Hash) -> None:
    """The hashes of Doc 9303-12 §4.4, for data groups, attributes and signature alike."""
    assert verdicts(genuine(hash_function=hash_function)) == GREEN


def test_hash_functions_may_differ() -> None:
    """Data groups, attributes and signature each name their own hash (TR-03105-5.1 LDS_H_74)."""
    sod = genuine(econtent=CONTENT, hash_function=Hash.SHA512)
    assert verdicts(sod) == GREEN
    security_object = authenticate(sod, TRUST).security_object
    assert security_object is not None
    assert Hash.SHA256.oid == security_object.hash_algorithm


BROKEN_ENVELOPES = {
    "empty": (b"", "truncated"),
    "tag of another file": (b"\x78" + genuine()[1:], "unexpected_tag"),
    "one byte short": (genuine()[:-1], "truncated"),
    "no content": (b"\x77\x00", "not_der"),
    "not CMS": (b"\x77\x02\x30\x00", "not_der"),
}


@pytest.mark.parametrize("name", BROKEN_ENVELOPES)
def test_envelope(name: str) -> None:
    """EF.SOD is one object 77 with one ContentInfo; otherwise nothing else is looked at."""
    sod, rule = BROKEN_ENVELOPES[name]
    assert verdicts(sod) == (f"failed malformed {rule}", NOT_RUN, NOT_RUN, NOT_RUN)


@pytest.mark.parametrize("surplus", [b"\x00", bytes(1000), b"\x90\x00", genuine()])
def test_bytes_after_the_envelope(surplus: bytes) -> None:
    """A file may be longer than its object, as files of a fixed size are; that it is, is said."""
    result = authenticate(genuine() + surplus, TRUST)
    assert all_verdicts(result) == GREEN
    assert [(d.code, d.where) for d in result.deviations] == [("trailing_bytes", "SOD")]
    assert result.security_object == authenticate(genuine(), TRUST).security_object


def test_bytes_inside_the_envelope() -> None:
    """Nothing may follow the ContentInfo inside tag 77 either."""
    inner = genuine()[4:] + b"\x05\x00"
    sod = b"\x77\x82" + len(inner).to_bytes(2, "big") + inner
    assert verdicts(sod) == ("failed malformed not_der", NOT_RUN, NOT_RUN, NOT_RUN)


def test_many_certificates() -> None:
    """Two hundred certificates in the bag: the right one is found all the same."""
    others = [
        make_document_signer(SIGNER.key, CSCA, serial=1000 + n).certificate for n in range(200)
    ]
    assert verdicts(genuine(certificates=(*others, SIGNER.certificate))) == GREEN


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        ("bsi-tr03105-5-reference", (*GREEN[:3], "undetermined no_csca")),
        ("etsi2011", (*GREEN[:3], "undetermined no_csca")),
        # Lengths of BER are read; version 1 and eContentType id-data are for archives (below).
        (
            "ucl2009-pypassport",
            (
                "failed malformed signed_data_version",
                "undetermined weak_hash",
                "failed dsc_profile not_for_signatures",
                "undetermined no_csca",
            ),
        ),
    ],
)
def test_published_reference_cards(corpus: Path, name: str, findings: tuple[str, ...]) -> None:
    """SODs of published test sets, none of which comes with a CSCA to be trusted."""
    folder = corpus / "chips" / name
    result = authenticate((folder / "EF_SOD.bin").read_bytes(), TrustStore())
    assert all_verdicts(result) == findings


UCL_DEVIATIONS = {
    ("ber_encoding", "SOD"),
    ("data_content_type", "SOD"),
    ("signed_data_version", "SOD"),
    ("weak_hash", "SOD"),
    ("short_rsa_key", "DSC"),
    ("weak_hash", "DSC"),
}


def test_archive_of_2009(corpus: Path) -> None:
    """What a table for archives makes of a Belgian passport of 2009, under its own CSCA.

    The signer stays failed: its key usage lacks digitalSignature, and nobody is granted that.
    """
    folder = corpus / "chips" / "ucl2009-pypassport"
    sod, trust = (folder / "EF_SOD.bin").read_bytes(), TrustStore.load(folder / "csca.cer")
    result = authenticate(sod, trust, Tolerances.load("lenient"))
    failure = "failed dsc_profile not_for_signatures"
    assert all_verdicts(result) == ("successful", "successful", failure, "successful")
    assert {(d.code, d.where) for d in result.deviations} == UCL_DEVIATIONS
    assert result.weak_hash_granted
    for number in sorted(result.listed):
        content = (folder / f"Datagroup{number}.bin").read_bytes()
        strict = check_data_group(result.security_object, number, content)
        assert verdict(strict) == "undetermined weak_hash", number
        assert check_data_group(
            result.security_object, number, content, weak_hash_granted=True
        ).ok, number
        changed = check_data_group(
            result.security_object, number, flipped(content, -1), weak_hash_granted=True
        )
        assert verdict(changed) == "failed hash_mismatch", number


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("lenient", ("successful", "successful")),
        ("field", ("failed malformed signed_data_version", "undetermined weak_hash")),
        ("none", ("failed malformed signed_data_version", "undetermined weak_hash")),
    ],
)
def test_archive_of_2009_by_table(corpus: Path, table: str, expected: tuple[str, str]) -> None:
    """Only the table for archives lets format and signature pass, and no table a wrong one."""
    sod = (corpus / "chips" / "ucl2009-pypassport" / "EF_SOD.bin").read_bytes()
    found = all_verdicts(authenticate(sod, TrustStore(), Tolerances.load(table)))
    assert found[:2] == expected
    # The signature stands last, before the octets that end its envelopes.
    broken = flipped(sod, len(sod.rstrip(b"\x00")) - 1)
    forged = all_verdicts(authenticate(broken, TrustStore(), Tolerances.load(table)))
    assert forged[1] == "failed signature_invalid"


@pytest.mark.parametrize(
    ("name", "files", "unlisted"),
    [
        (
            "bsi-tr03105-5-reference",
            {n: f"Datagroup{n}.bin" for n in (1, 2, 3, 4, 14, 15)},
            {15},
        ),
        ("etsi2011", {n: f"EF_DG{n}.bin" for n in (1, 14, 15)}, set()),
    ],
)
def test_published_data_groups(
    corpus: Path, name: str, files: dict[int, str], unlisted: set[int]
) -> None:
    """Their data groups match; DG15 of the BSI set is not in its SOD and therefore fails."""
    folder = corpus / "chips" / name
    signed = authenticate((folder / "EF_SOD.bin").read_bytes(), TrustStore()).security_object
    found = {n: check_data_group(signed, n, (folder / f).read_bytes()) for n, f in files.items()}
    assert unlisted == {n for n, finding in found.items() if finding.reason is Reason.UNLISTED}
    assert all(finding.ok for n, finding in found.items() if n not in unlisted)


@given(st.binary(max_size=300))
def test_arbitrary_bytes(data: bytes) -> None:
    """Any bytes get findings, never an exception, and never a success of the format."""
    result = authenticate(data, TRUST)
    assert verdict(result.format).startswith("failed malformed")
    assert result.security_object is None


@given(st.integers(min_value=0), st.integers(1, 255))
def test_changed_byte(at: int, change: int) -> None:
    """One changed byte anywhere in the SOD: findings, and never unseen."""
    sod = bytearray(genuine())
    at %= len(sod)
    sod[at] ^= change
    assert seen(bytes(sod))


def seen(sod: bytes) -> bool:
    """Whether ``sod`` is not green, or green with a deviation and all that is signed unchanged."""
    control, result = authenticate(genuine(), TRUST), authenticate(sod, TRUST)
    if all_verdicts(result) != GREEN:
        return True
    same = ("security_object", "certificate", "anchor", "signed_at", "listed")
    assert all(getattr(result, name) == getattr(control, name) for name in same)
    strict = all_verdicts(authenticate(sod, TRUST, NOTHING))
    return strict != GREEN and result.deviations != ()


@pytest.mark.slow
def test_every_changed_bit() -> None:
    """The same for one bit in every single byte."""
    sod = genuine()
    assert [at for at in range(len(sod)) if not seen(flipped(sod, at))] == []


@pytest.mark.slow
def test_only_names_may_change() -> None:
    """What may change under the name of a deviation: the case of letters, and an announcement.

    The letters are those of the issuer's name in the signer identifier; the digest algorithm that
    is announced before the content is covered by no signature and decides nothing.
    """
    sod = genuine()
    green = [at for at in range(len(sod)) if verdicts(flipped(sod, at, 0x20)) == GREEN]
    announced = w.oid(Hash.SHA256.oid)
    first = sod.index(announced)
    in_list = [at for at in green if first <= at < first + len(announced)]
    identifier = signer_parts(sod)[SID]
    start = sod.rindex(identifier)
    in_name = [at for at in green if start < at < start + len(identifier)]
    assert green == in_list + in_name
    assert bytes(sod[at] for at in in_name) == b"VNecidemulatorCSCAEMULATED"


def test_ecdsa_key_is_a_signing_key() -> None:
    """The emulated signer is ECDSA: the controls above exercise what the real card has."""
    assert isinstance(SIGNER.key, EcdsaKey)
