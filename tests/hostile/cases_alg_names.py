"""Group ALG: ECDSA with numbers that no signature has, and algorithms that nobody knows here.

The control is a card whose signer has a key of the same kind and signs properly.
"""

from __future__ import annotations

from collections.abc import Callable

from ecid.emulator.pki import Signer
from ecid.encoding import der_write as w
from ecid.outcome import Reason
from ecid.testing import canary_card, dsc, ec_key, fails, override, rsa_key, signed_by, stays_open
from ecid.testing.keys import BareEcdsaKey, ecdsa_value
from ecid_crypto.curves import curve_by_name
from ecid_crypto.hashes import Hash
from entries import Row, Setup
from issuers import VN, card_of, signed

INVALID = fails("sod.signature", Reason.SIGNATURE_INVALID)


CURVES = {name: curve_by_name(name) for name in ("brainpoolP384r1", "brainpoolP320r1")}
"""One that OpenSSL computes on, and one that Python does."""

ECDSA_PLAIN_SHA256 = w.seq(w.oid("0.4.0.127.0.7.1.1.4.1.3"))


def ecdsa(name: str, change: Callable[[int, int, int], tuple[int, int]]) -> Callable[[], Setup]:
    """Return the maker of a card whose r and s are what ``change`` makes of them and of n."""
    key = ec_key("signer", name)

    def signing(hash_function: Hash, message: bytes) -> bytes:
        return ecdsa_value(*change(*key.numbers(hash_function, message), CURVES[name].n))

    return lambda: signed(key, signing)


def plain_zeros() -> Setup:
    """Return a card whose signature is r and s side by side, all zero (TR-03111 §5.2.1)."""
    key: BareEcdsaKey = ec_key("signer", "brainpoolP384r1")
    return signed(key, lambda _hash, _message: bytes(96), identifier=ECDSA_PLAIN_SHA256)


# Algorithms that nobody knows here.


UNKNOWN = {
    "ML-DSA-65": "2.16.840.1.101.3.4.3.18",
    "Ed448": "1.3.101.113",
    "Ed25519": "1.3.101.112",
    "SHA3-256 with ECDSA": "2.16.840.1.101.3.4.3.10",
    "invented": "2.25.1",
}
MD5_WITH_RSA = "1.2.840.113549.1.1.4"


def ec_identifier(dotted: str) -> Setup:
    """Return a card whose signature goes by another name."""
    return signed(ec_key("signer", "brainpoolP384r1"), identifier=w.seq(w.oid(dotted)))


def signer_signed_with(dotted: str) -> Setup:
    """Return a card whose signer's certificate has a signature that nobody knows."""
    key = ec_key("signer", "brainpoolP384r1")
    name = w.seq(w.oid(dotted))
    inside = dsc(VN, key, nodes={(2,): name})
    signer = Signer(override(inside.certificate, (1,), name), key)
    return Setup(holder=card_of(key), card=signed_by(canary_card(), signer))


def _invalid(number: str, variant: str, mutation: str, make: Callable[[], Setup]) -> Row:
    return Row(id=number, variant=variant, mutation=mutation, weight=5, make=make, expected=INVALID)


ROWS = (
    *(
        _invalid(number, f"{name} on {curve}", f"ECDSA with {name}", ecdsa(curve, change))
        for curve in CURVES
        for number, name, change in (
            ("ALG-10", "r = 0, s = 0", lambda r, s, n: (0, 0)),
            ("ALG-11", "r = n", lambda r, s, n: (n, s)),
            ("ALG-11", "s = n", lambda r, s, n: (r, n)),
            ("ALG-11", "r = 0, s = 1", lambda r, s, n: (0, 1)),
            ("ALG-11", "r = 1, s = 0", lambda r, s, n: (1, 0)),
            ("ALG-11", "r + n", lambda r, s, n: (r + n, s)),
            ("ALG-11", "s + n", lambda r, s, n: (r, s + n)),
            ("ALG-11", "r - n", lambda r, s, n: (r - n, s)),
            ("ALG-11", "-s", lambda r, s, n: (r, -s)),
        )
    ),
    _invalid("ALG-10", "plain", "r and s side by side, all zero", plain_zeros),
    *(
        Row(
            id="ALG-22",
            variant=name,
            mutation=f"the signature algorithm of EF.SOD is called {name}",
            weight=5,
            make=lambda dotted=dotted: ec_identifier(dotted),  # type: ignore[misc]
            expected=stays_open("sod.signature", Reason.UNSUPPORTED_ALGORITHM, dotted),
        )
        for name, dotted in UNKNOWN.items()
    ),
    Row(
        id="ALG-22",
        variant="in the signer's certificate",
        mutation="the certificate of the signer is signed with ML-DSA",
        weight=5,
        make=lambda: signer_signed_with(UNKNOWN["ML-DSA-65"]),
        expected=stays_open("sod.chain", Reason.UNSUPPORTED_ALGORITHM),
    ),
    Row(
        id="ALG-22",
        variant="MD5 in the signer's certificate",
        mutation="the certificate of the signer is signed with MD5, which is known and broken",
        weight=5,
        make=lambda: signer_signed_with(MD5_WITH_RSA),
        expected=fails("sod.chain", Reason.WEAK_HASH),
    ),
    Row(
        id="ALG-22",
        variant="MD5",
        mutation="RSA with MD5, which is known and broken: failed (design, section 6, item 14)",
        weight=5,
        make=lambda: signed(rsa_key("signer"), identifier=w.seq(w.oid(MD5_WITH_RSA), w.null())),
        expected=fails("sod.signature", Reason.WEAK_HASH),
    ),
)

CASES = tuple(case for row in ROWS for case in row.cases())
