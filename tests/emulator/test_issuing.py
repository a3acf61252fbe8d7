"""What the shipped cards consist of, byte for byte where the real card is known."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ecid.emulator import EMULATED_MARKER_OID, IssuedCard, card, issue, names
from ecid.emulator.definitions import definition
from ecid.emulator.personalise.person import people
from ecid.encoding.tlv import children, parse_one
from ecid.errors import Misuse
from ecid.lds import com, dg1, dg2, dg13, dg14, dg15, security_infos
from ecid.lds.security_object import parse_lds_security_object, unwrap_sod
from ecid.mrz.mrz import parse as parse_mrz
from ecid_crypto.public_key import RsaPublicKey

pytestmark = pytest.mark.slow

CARD_ACCESS = (
    "3134300d060804007f0007020202020101300f060a04007f00070202030202020101"
    "3012060a04007f0007020204020202010202010d"
)
MRZ = "IDVNM0901234562000090123456<<29007150M3007158VNM<<<<<<<<<<<8NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<"
QR = (
    "000090123456|012345678|Nguyễn Văn Mẫu|15071990|Nam|"
    "Số 1 Đường Mẫu, Phường Mẫu, Quận Mẫu, Tỉnh Mẫu|01062021"
)


@pytest.fixture(params=[name for name in names() if name.startswith("vn-")])
def issued(request: pytest.FixtureRequest) -> IssuedCard:
    """Return each shipped Vietnamese card."""
    return issue(request.param)


@pytest.fixture(params=names())
def any_card(request: pytest.FixtureRequest) -> IssuedCard:
    """Return each shipped card."""
    return issue(request.param)


def signed_parts(sod: bytes) -> tuple[bytes, bytes, list[bytes], bytes]:
    """Return eContent, certificate, signed attributes and signature of a SOD."""
    content = children(parse_one(unwrap_sod(sod), 0x30, "SOD"))[1]
    signed = children(children(content)[0])
    econtent = children(children(signed[2])[1])[0].value
    certificate = children(signed[3])[0].raw
    info = children(children(signed[4])[0])
    attributes = [part.raw for part in children(info[3])]
    assert [part.value for part in (signed[0], info[0])] == [b"\x03", b"\x01"]
    return econtent, certificate, attributes, info[5].value


def test_published_vectors() -> None:
    """The synthetic person of cccd.md §1.5: DG1, EF.COM, DG13 and EF.CardAccess."""
    files = issue("vn-cccd-2021").files
    assert files["DG1"] == bytes.fromhex("615D5F1F5A") + MRZ.encode()
    assert files["COM"].hex() == "60185f0104303130375f36063034303030305c066175636d6f6e"
    assert hashlib.sha256(files["DG13"]).hexdigest() == (
        "e4e65216aa8d7d4f56706339f28b8358767ad0ad55bc557333220a571353fd37"
    )
    assert files["CardAccess"].hex() == CARD_ACCESS


def test_sizes() -> None:
    """Lengths as on the real card."""
    sizes = {name: len(data) for name, data in issue("vn-cccd-2021").files.items()}
    expected = {"CardAccess": 54, "COM": 26, "DG1": 95, "DG13": 448, "DG14": 386, "DG15": 298}
    assert expected == {name: sizes[name] for name in expected}
    assert 15_000 < sizes["DG2"] < 19_000


def test_portrait_header(any_card: IssuedCard) -> None:
    """75 82 LLLL, and 84 bytes before a JFIF image (cccd.md §2.1)."""
    data = any_card.files["DG2"]
    assert data[:2] == b"\x75\x82"
    assert data[84:88] == b"\xff\xd8\xff\xe0"
    (face,) = dg2.parse(data).faces
    assert (face.media_type, face.width, face.height) == ("image/jpeg", 480, 640)
    assert face.data == data[84:]


def test_dg14_repeats_card_access(issued: IssuedCard) -> None:
    """The same three infos, byte for byte, and a key with explicit parameters, no key id."""
    assert issued.files["CardAccess"][2:] in issued.files["DG14"]
    infos = dg14.parse(issued.files["DG14"])
    offered = security_infos.parse_card_access(issued.files["CardAccess"])
    assert infos.raw_entries[:3] == offered.raw_entries
    assert infos.deviations == ()
    (key,) = infos.chip_authentication_keys
    secret = issued.chip_keys.chip_authentication
    assert secret is not None
    assert (key.key, key.key_id) == (secret.public, None)


def test_dg15_is_rsa_2048(issued: IssuedCard) -> None:
    """RSA-2048 with exponent 65537, the public half of the key in the chip."""
    key = dg15.parse(issued.files["DG15"]).key
    assert isinstance(key, RsaPublicKey)
    assert (key.bits, key.e) == (2048, 65537)
    assert issued.chip_keys.active_authentication is not None
    assert key == issued.chip_keys.active_authentication.public


def test_our_own_parsers_accept_the_files(issued: IssuedCard) -> None:
    """Written here, read in ``ecid.lds``: the two agree on every data group."""
    assert com.parse(issued.files["COM"]).data_groups == (1, 2, 3, 13, 15, 14)
    assert dg1.parse(issued.files["DG1"]).mrz.wrong_check_digits == ()
    fields = dg13.parse(issued.files["DG13"]).fields
    assert [entry.id for entry in fields] == list(range(1, 17))
    assert all(entry.normalised for entry in fields)


def test_empty_and_long_fields() -> None:
    """The woman has no old number; her residence needs a length in long form."""
    parsed = dg13.parse(issue("vn-cccd-2021-nu").files["DG13"])
    residence, spouse, old = (parsed.field(number) for number in (9, 14, 15))
    assert residence is not None
    assert spouse is not None
    assert old is not None
    assert len(residence.values[0].encode()) > 127
    assert (len(spouse.values), old.values) == (1, ())


def test_card_without_expiry() -> None:
    """991231 in the MRZ, words in field 12."""
    issued = issue("vn-cccd-2021-permanent")
    assert issued.secrets.expiry_date == "991231"
    expiry = dg13.parse(issued.files["DG13"]).field(12)
    assert expiry is not None
    assert expiry.values == ("Không thời hạn",)


def test_people_are_invented() -> None:
    """Province code 000 is nobody's; every text is NFC; every MRZ is right."""
    for person in people().values():
        assert person.number.startswith("000")
        assert unicodedata.is_normalized("NFC", person.qr + person.origin + person.features)
        assert parse_mrz(person.mrz).wrong_check_digits == ()
        assert person.full_name not in repr(person)


def test_secrets() -> None:
    """MRZ, CAN (last six digits), QR of seven fields, and the three fields of the MRZ key."""
    secrets = issue("vn-cccd-2021").secrets
    assert (secrets.mrz, secrets.can, secrets.qr) == (MRZ, "123456", QR)
    assert secrets.mrz_information == "090123456290071503007158"
    assert (secrets.document_number, secrets.birth_date) == ("090123456", "900715")
    assert secrets.expiry_date == "300715"


def test_chain(any_card: IssuedCard) -> None:
    """CSCA (P-384) signs itself and the document signer (brainpoolP384r1), both SHA-384."""
    csca = x509.load_der_x509_certificate(any_card.csca)
    signer = x509.load_der_x509_certificate(signed_parts(any_card.files["SOD"])[1])
    csca.verify_directly_issued_by(csca)
    signer.verify_directly_issued_by(csca)
    curves = [
        key.curve.name
        for key in (csca.public_key(), signer.public_key())
        if isinstance(key, ec.EllipticCurvePublicKey)
    ]
    assert curves == ["secp384r1", "brainpoolP384r1"]
    assert {csca.signature_algorithm_oid, signer.signature_algorithm_oid} == {
        x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384
    }


def test_certificates_say_emulated(any_card: IssuedCard) -> None:
    """The marker extension, not critical, on the CSCA alone; EMULATED in every name."""
    csca = x509.load_der_x509_certificate(any_card.csca)
    signer = x509.load_der_x509_certificate(signed_parts(any_card.files["SOD"])[1])
    marker = csca.extensions.get_extension_for_oid(x509.ObjectIdentifier(EMULATED_MARKER_OID))
    assert not marker.critical
    assert EMULATED_MARKER_OID not in {e.oid.dotted_string for e in signer.extensions}
    assert "CSCA EMULATED" in csca.subject.rfc4514_string()
    assert "EMULATED" in signer.subject.rfc4514_string()


def test_certificate_profile(any_card: IssuedCard) -> None:
    """Key usage, basic constraints and key identifiers of Doc 9303-12 §7.1."""
    csca = x509.load_der_x509_certificate(any_card.csca).extensions
    signer = x509.load_der_x509_certificate(signed_parts(any_card.files["SOD"])[1]).extensions
    constraints = csca.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (
        True,
        True,
        0,
    )
    usage = csca.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert usage.value.crl_sign
    assert not usage.value.digital_signature
    assert signer.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert not signer.get_extension_for_class(x509.BasicConstraints).value.ca
    own = csca.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    above = signer.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert own == above


def test_sod(any_card: IssuedCard) -> None:
    """The signature holds over the attributes in DER order; every data group hash is right."""
    econtent, certificate, attributes, signature = signed_parts(any_card.files["SOD"])
    assert attributes == sorted(attributes)
    assert len(attributes) == 3
    body = b"".join(attributes)
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    header = b"\x31" + bytes([len(body)]) if len(body) < 128 else b"\x31\x81" + bytes([len(body)])
    key.verify(signature, header + body, ec.ECDSA(hashes.SHA256()))
    assert hashlib.sha256(econtent).digest() in body
    lds = parse_lds_security_object(econtent)
    assert lds.version == 0
    assert {entry.number: entry.value for entry in lds.hashes} == {
        number: hashlib.sha256(any_card.files[f"DG{number}"]).digest()
        for number in range(1, 17)
        if f"DG{number}" in any_card.files
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Issued twice, past the cache, a card is the same byte for byte."""
    issue("vn-cccd-2021-nu", seed=7).save(tmp_path / "a")
    fresh = issue(definition("vn-cccd-2021-nu"), seed=7)
    fresh.save(tmp_path / "b")
    first = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}


def test_other_seed_other_keys() -> None:
    """Another seed changes every key and certificate, not the person."""
    one, two = issue("vn-cccd-2021"), issue("vn-cccd-2021", seed=1)
    assert one.csca != two.csca
    for name in ("DG14", "DG15", "SOD"):
        assert one.files[name] != two.files[name]
    signer = x509.load_der_x509_certificate(signed_parts(two.files["SOD"])[1])
    signer.verify_directly_issued_by(x509.load_der_x509_certificate(two.csca))
    for name in ("DG1", "DG2", "DG13", "COM"):
        assert one.files[name] == two.files[name]


def test_cards_of_one_seed_share_the_issuer() -> None:
    """One CSCA is enough for every shipped card of a country."""
    assert len({issue(name).csca for name in names() if name.startswith("vn-")}) == 1
    assert len({issue(name).csca for name in names()}) == 2


def test_unknown_name() -> None:
    """There is no such card: ``Misuse``."""
    with pytest.raises(Misuse):
        issue("vn-cccd-1999")


def test_card_has_what_was_issued() -> None:
    """``card`` puts exactly the issued files into the chip."""
    chip = card("vn-cccd-2021-nu", seed=7)
    assert chip.issued == issue("vn-cccd-2021-nu", seed=7)
    assert chip.name == "vn-cccd-2021-nu"
