"""What is fuzzed: each target takes any bytes and returns, or raises an error of ours.

Anything else that leaves a target is a finding, a verdict VERIFIED for a wrong reason included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import ecid
from ecid import emulator
from ecid.encoding import tlv
from ecid.encoding.spki import parse_spki
from ecid.errors import EcidError
from ecid.inspection import evidence_file
from ecid.lds import com, cvc, dg1, dg2, dg13, dg14, dg15
from ecid.lds.security_infos import parse_card_access
from ecid.lds.security_object import parse_lds_security_object
from ecid.mrz import mrz
from ecid.profiles.vietnam import VIETNAM
from ecid.protocols.passive_authentication import authenticate
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.cv_key import holder
from ecid.trust.intake.admission import admit
from ecid.trust.intake.contents import contents
from ecid.trust.intake.rules import Rules
from ecid.trust.signer_profile import check_signer_profile
from ecid.trust.store_folder import decode_snapshot
from ecid.trust.tolerance import Tolerances
from ecid_crypto.cipher import Cipher
from ecid_crypto.errors import CryptoError
from ecid_crypto.mac import mac_padded
from ecid_crypto.padding import pad
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu, ResponseApdu
from ecid_readers.errors import CardRemoved, ReaderError
from tests.fuzz.chips import RandomChip, SpoiledLink

Target = Callable[[bytes], object]

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEYS = SessionKeys(Cipher.AES_128, bytes(range(16)), bytes(range(16, 32)), ssc=bytes(16))


class WronglyVerified(Exception):
    """Data that nobody signed was taken for genuine."""


@cache
def card() -> emulator.IssuedCard:
    """Return the card that the seeds are made of."""
    return emulator.issue("vn-cccd-2021")


@cache
def trust() -> ecid.TrustStore:
    """Return its anchor."""
    return ecid.TrustStore.of(card().csca)


def run(target: str, data: bytes) -> None:
    """Give ``data`` to ``target``; what leaves this is a finding."""
    try:
        TARGETS[target](data)
    except EcidError as exc:
        # The sentences are made of the fields, which must suffice.
        exc.message("vi")
        exc.next_step("en")
    except ReaderError:
        return


def objects(data: bytes) -> object:
    """Read BER-TLV objects, all the way down."""
    cursor = tlv.Cursor(data, where="fuzz")
    while not cursor.at_end:
        for node in tlv.walk(cursor.read()):
            assert tlv.encode(node.tag, node.value) == node.raw or not node.minimal
    return tlv.header(data, "fuzz")


def public_key(data: bytes) -> object:
    """Read a SubjectPublicKeyInfo, as in certificates and in DG15."""
    try:
        dg15.parse(data)
    except EcidError:
        return parse_spki(data, "fuzz")
    return None


def certificate(data: bytes) -> object:
    """Read a certificate, and look for its issuer."""
    found = parse_certificate(data)
    chain = find_chain(found, trust())
    signed = any(found.raw_tbs in raw for raw in (card().files["SOD"], card().csca))
    if chain.finding.ok and not signed:
        raise WronglyVerified
    check_signer_profile(found)
    return found.public_key, found.signature_algorithm, found.country, found.fingerprint


def signed_data(data: bytes) -> object:
    """Judge the bytes of EF.SOD."""
    found = authenticate(data, trust())
    if found.signature.ok and found.chain.ok and found.security_object != _signed_hashes():
        raise WronglyVerified
    return parse_lds_security_object(data)


def security_infos(data: bytes) -> object:
    """Read EF.CardAccess, DG14 and EF.COM."""
    for parse in (dg14.parse, com.parse):
        try:
            parse(data)
        except EcidError:
            continue
    return parse_card_access(data)


def verifiable_certificate(data: bytes) -> object:
    """Read a card-verifiable certificate and make its key whole, or read EF.CVCA."""
    try:
        found = cvc.parse_cvc(data)
    except EcidError:
        return cvc.parse_cvca_file(data)
    assert found.raw_body in data
    try:
        cv = holder(found, None)
    except CryptoError:
        return None
    return cv.issued(found)


def zone(data: bytes) -> object:
    """Read a machine readable zone and what its dates mean."""
    try:
        found = dg1.parse(data).mrz
    except EcidError:
        found = mrz.parse(data)
    return VIETNAM.expiry(found, date(2026, 1, 1)), found.wrong_check_digits


def data_group(data: bytes) -> object:
    """Read the face image of DG2 without decoding it, or identity data out of DG13."""
    if data[:1] == b"\x75":
        return [face.media_type for face in dg2.parse(data).faces]
    dg13.parse(data)
    files = {**card().files, "DG13": data}
    return ecid.verify(ecid.Evidence(files=files), trust=trust(), at=NOW).unverified


def response(data: bytes) -> object:
    """Unwrap a protected response; with an odd first byte its MAC is made right."""
    body = data[1:]
    if data[:1] and data[0] & 1:
        counter = (2).to_bytes(16, "big")
        code = mac_padded(Cipher.AES_128, KEYS.mac, counter + pad(body[:-2], 16))
        body = body[:-2] + tlv.encode(0x8E, code) + body[-2:]
    session = SecureMessaging(_Answering(body), KEYS)
    ins = 0xB1 if data[:1] and data[0] & 2 else 0xB0
    try:
        answer = session.transmit(CommandApdu(0x00, ins, 0x00, 0x00, le=256).encode())
    except EcidError:
        assert not session.alive
        raise
    assert len(answer) <= 258
    return answer


def evidence(data: bytes) -> object:
    """Read an evidence file, its digest made right, and judge what it holds."""
    whole = data + b"\x58\x20" + sha256(data).digest()
    found = evidence_file.parse(whole, "fuzz")
    assert evidence_file.dump(replace(found, source="")) is not None
    report = ecid.verify(found, trust=trust(), policy="counter", at=NOW)
    if report.verdict is ecid.Verdict.VERIFIED:
        raise WronglyVerified
    return report.to_json()


def trust_file(data: bytes) -> object:
    """Take a file of certificates or lists apart and admit it, or open the index of a store."""
    if data[:1] == b"\xff":
        body = data[1:]
        store, _ = decode_snapshot(body + sha256(body).digest(), Path("fuzz"))
        return store.digest, [candidate.entry for candidate in store.candidates(_csca())]
    rules = Rules(tolerances=Tolerances.load("field"), at=NOW, keeping=True)
    found = (("fuzz", each) for each in contents(data))
    admitted = admit(found, trust(), rules)
    if admitted.accepted:  # no list here was ever signed by anybody the store trusts
        raise WronglyVerified
    return admitted.store.digest


def reader(data: bytes) -> object:
    """Read a chip that answers ``data``, or the control over a link that ``data`` spoils."""
    real = bool(data[:1]) and bool(data[0] & 1)
    link = SpoiledLink(data[1:], card()) if real else RandomChip(data[1:])
    secrets = card().secrets
    with_zone = bool(data[:1]) and bool(data[0] & 2)
    secret = (
        ecid.AccessSecret.from_mrz(secrets.mrz)
        if with_zone
        else ecid.AccessSecret.from_can(secrets.can)
    )
    rng = SeededRng(b"terminal")
    report = ecid.read(secret, card=link, trust=trust(), at=NOW, rng=rng, timeout=60)
    if (
        report.verdict is ecid.Verdict.VERIFIED
        and report.evidence.files["DG1"] != (card().files["DG1"])
    ):
        raise WronglyVerified
    return report.to_json()


def apdu(data: bytes) -> object:
    """Decode a command and a response; what decodes encodes to the same bytes."""
    answer = ResponseApdu.decode(data)
    assert answer.encode() == data
    command = CommandApdu.decode(data)
    assert command.encode() == data
    return emulator.card("vn-cccd-2021").transmit(data)


@cache
def _csca() -> Certificate:
    return parse_certificate(card().csca)


@cache
def _signed_hashes() -> object:
    return authenticate(card().files["SOD"], trust()).security_object


class _Answering:
    """A link that always answers the same."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def transmit(self, command: bytes, /) -> bytes:
        if not command:
            raise CardRemoved
        return self._answer


TARGETS: Mapping[str, Target] = {
    "tlv": objects,
    "spki": public_key,
    "certificate": certificate,
    "signed_data": signed_data,
    "security_infos": security_infos,
    "cvc": verifiable_certificate,
    "mrz": zone,
    "data_group": data_group,
    "trust_file": trust_file,
    "response": response,
    "evidence": evidence,
    "reader": reader,
    "apdu": apdu,
}
