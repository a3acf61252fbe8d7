"""Curves with a changed parameter are never the curve they resemble (CVE-2020-0601)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import (
    Authority,
    Signer,
    make_csca,
    make_document_signer,
)
from ecid.encoding.tlv import children, parse_one
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.store import TrustStore
from ecid_crypto.curves import curve_by_name
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.hashes import Hash
from forged_sod import (
    CSCA,
    GREEN,
    SIGNER,
    CurveballKey,
    ec_key,
    flipped,
    genuine,
    key_of,
    verdict,
    verdicts,
)


def chain(signer: Signer | bytes, *anchors: Authority | bytes) -> str:
    """Return the verdict on ``signer`` under ``anchors``, in this order."""
    return verdict(find_chain(certificate(signer), store(*anchors)).finding)


def certificate(signer: Signer | bytes) -> Certificate:
    """Return the certificate of ``signer``."""
    return parse_certificate(signer if isinstance(signer, bytes) else signer.certificate)


def store(*anchors: Authority | bytes) -> TrustStore:
    """Return a store of ``anchors``."""
    return TrustStore.of(*(a if isinstance(a, bytes) else a.certificate for a in anchors))


VICTIM = CurveballKey(key_of(CSCA.key))


def test_the_attack_would_work() -> None:
    """Under the changed generator the forged signature holds: r is the x of (z + r) / s · G'."""
    message, curve = b"message", VICTIM.victim.curve
    r, s = (int.from_bytes(part, "big") for part in _der_numbers(VICTIM.sign(Hash.SHA384, message)))
    z = int.from_bytes(Hash.SHA384.digest(message), "big")
    factor = (z + r) * pow(s, -1, curve.n) % curve.n
    assert r == EcPrivateKey.from_scalar(curve, factor).multiply(VICTIM.victim.point).x % curve.n


def _der_numbers(signature: bytes) -> tuple[bytes, bytes]:
    r, s = children(parse_one(signature, 0x30, "signature"))
    return r.value, s.value


def curveball() -> Authority:
    """Return a CSCA with the victim's public point, name and key identifier."""
    plan = replace(CSCA.plan, public_key=VICTIM.spki)
    return Authority(c.sign_certificate(plan, VICTIM), plan, VICTIM)


def test_curveball_signer() -> None:
    """A signer issued with the changed generator, under the genuine anchor."""
    signer = make_document_signer(ec_key("dsc"), curveball())
    assert chain(signer, CSCA) == "failed bad_signature"
    bag = (signer.certificate, curveball().certificate)
    assert verdicts(genuine(signer, certificates=bag)) == (*GREEN[:3], "failed bad_signature")


def test_curveball_anchor() -> None:
    """Even as an anchor, it is a curve that nobody knows."""
    signer = make_document_signer(ec_key("dsc"), curveball())
    assert chain(signer, curveball()) == "undetermined unsupported_algorithm"


def test_curveball_document_signer() -> None:
    """A certificate whose own key has a changed generator verifies no SOD."""
    ball = CurveballKey(key_of(SIGNER.key))
    plan = replace(CSCA.plan, issuer=CSCA.plan.subject, public_key=ball.spki, serial=5)
    signer = Signer(c.sign_certificate(plan, CSCA.key), ball)
    assert verdicts(genuine(signer))[1] == "undetermined unsupported_algorithm"


@pytest.mark.parametrize("name", ["p", "a", "b", "n", "h"])
def test_other_changed_parameters(name: str) -> None:
    """A curve is known in every one of its parameters or not at all (ALG-14)."""
    curve, plan = curve_by_name("P-256"), make_csca(ec_key("bent"), explicit_parameters=True).plan
    # The cofactor is the INTEGER right before the BIT STRING of the key.
    value = b"\x02\x01\x01" if name == "h" else getattr(curve, name).to_bytes(32, "big")
    bent = flipped(plan.public_key, plan.public_key.rindex(value) + len(value) - 1)
    plan = replace(plan, public_key=bent)
    csca = Authority(c.sign_certificate(plan, ec_key("bent")), plan, ec_key("bent"))
    signer = make_document_signer(ec_key("dsc"), csca)
    assert chain(signer, csca) == "undetermined unsupported_algorithm"
