"""AlgorithmIdentifiers of signatures and the schemes they name."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.oid import EC_PUBLIC_KEY, MGF1, RSA_ENCRYPTION, RSASSA_PSS
from ecid.encoding.signature_algorithm import (
    DSA_DER,
    ECDSA_DER,
    ECDSA_PLAIN,
    RSA_PKCS1,
    parse_signature_algorithm,
)
from ecid.encoding.tlv import children, parse_one
from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid_crypto.hashes import Hash
from ecid_crypto.signature import Dsa, Ecdsa, RsaPkcs1v15, RsaPss, Scheme

NAMED: list[tuple[str, Scheme]] = [
    *((oid, RsaPkcs1v15(hash_)) for oid, hash_ in RSA_PKCS1.items()),
    *((oid, Ecdsa(hash_, "der")) for oid, hash_ in ECDSA_DER.items()),
    *((oid, Ecdsa(hash_, "plain")) for oid, hash_ in ECDSA_PLAIN.items()),
    *((oid, Dsa(hash_)) for oid, hash_ in DSA_DER.items()),
]


def hash_id(hash_: Hash) -> bytes:
    """Return the AlgorithmIdentifier of a hash function."""
    return w.seq(w.oid(hash_.oid), w.null())


def pss(*members: bytes) -> bytes:
    """Return the AlgorithmIdentifier of RSASSA-PSS with these parameters."""
    return w.seq(w.oid(RSASSA_PSS), w.seq(*members))


def mgf1(hash_: Hash) -> bytes:
    """Return the member [1] of the parameters."""
    return w.explicit(1, w.seq(w.oid(MGF1), hash_id(hash_)))


@pytest.mark.parametrize(("oid", "scheme"), NAMED)
def test_named(oid: str, scheme: Scheme) -> None:
    """Each identifier without parameters names one scheme and nothing is tolerated."""
    read = parse_signature_algorithm(w.seq(w.oid(oid)), "x")
    assert (oid, scheme, ()) == (read.oid, read.scheme, read.deviations)


@pytest.mark.parametrize(("oid", "scheme"), NAMED)
def test_named_with_null(oid: str, scheme: Scheme) -> None:
    """NULL is in order with RSA and DSA, and a named deviation with ECDSA (RFC 5758 §3.2)."""
    read = parse_signature_algorithm(w.seq(w.oid(oid), w.null()), "x")
    expected = ("ecdsa_null_parameters",) if isinstance(scheme, Ecdsa) else ()
    assert (scheme, expected) == (read.scheme, read.deviations)


@pytest.mark.parametrize(("oid", "scheme"), NAMED)
def test_other_parameters(oid: str, scheme: Scheme) -> None:
    """Parameters where there are none are malformed, not passed over."""
    with pytest.raises(MalformedData) as caught:
        parse_signature_algorithm(w.seq(w.oid(oid), w.seq()), "x")
    assert caught.value.rule == "signature_parameters", scheme


def test_rsa_encryption_takes_the_digest_of_the_signer_info() -> None:
    """RsaEncryption names no hash (RFC 3370 §3.2): the caller's counts, none is unsupported."""
    der = w.seq(w.oid(RSA_ENCRYPTION), w.null())
    assert RsaPkcs1v15(Hash.SHA384) == parse_signature_algorithm(der, "x", Hash.SHA384).scheme
    with pytest.raises(UnsupportedData):
        parse_signature_algorithm(der, "x")


@pytest.mark.parametrize("hash_", list(Hash))
def test_key_identifier_in_place_of_the_algorithm(hash_: Hash) -> None:
    """What names the key (RFC 5480) names no hash: that of the SignerInfo counts, and it is said.

    Without one, as in a certificate, it stays unsupported.
    """
    control = w.seq(w.oid(next(oid for oid, each in ECDSA_DER.items() if each is hash_)))
    scheme = Ecdsa(hash_, "der")
    read = parse_signature_algorithm(control, "x", hash_)
    assert (scheme, ()) == (read.scheme, read.deviations)
    for parameters in (b"", w.null(), w.oid("1.2.840.10045.3.1.7")):
        der = w.seq(w.oid(EC_PUBLIC_KEY), parameters)
        read = parse_signature_algorithm(der, "x", hash_)
        assert (EC_PUBLIC_KEY, scheme) == (read.oid, read.scheme)
        assert read.deviations == ("ecdsa_key_identifier",)
        with pytest.raises(UnsupportedData) as caught:
            parse_signature_algorithm(der, "x")
        assert caught.value.what == EC_PUBLIC_KEY


@pytest.mark.parametrize("hash_", list(Hash))
@pytest.mark.parametrize("salt_length", [0, 32, 64])
def test_pss(hash_: Hash, salt_length: int) -> None:
    """Hash, mask generation and salt are taken as written, also where they differ."""
    salt = w.explicit(2, w.integer(salt_length))
    read = parse_signature_algorithm(
        pss(w.explicit(0, hash_id(hash_)), mgf1(Hash.SHA224), salt), "x"
    )
    default = ("pss_default_encoded",) if hash_ is Hash.SHA1 else ()
    assert (RsaPss(hash_, Hash.SHA224, salt_length), default) == (read.scheme, read.deviations)


def test_pss_defaults() -> None:
    """Without members it is SHA-1, MGF1 with SHA-1 and 20 bytes of salt (RFC 4055 §3.1)."""
    read = parse_signature_algorithm(pss(), "x")
    assert (RsaPss(Hash.SHA1, Hash.SHA1, 20), ()) == (read.scheme, read.deviations)


@pytest.mark.parametrize(
    ("der", "deviations"),
    [
        (pss(), ()),
        (w.seq(w.oid(RSASSA_PSS)), ("pss_parameters_absent",)),
        (w.seq(w.oid(RSASSA_PSS), w.null()), ("pss_parameters_absent",)),
    ],
)
def test_pss_without_parameters(der: bytes, deviations: tuple[str, ...]) -> None:
    """RFC 4055 §3.1 wants them even where all is default; absent they mean just that.

    The digest of the SignerInfo has no part in it.
    """
    read = parse_signature_algorithm(der, "x", Hash.SHA512)
    assert (RsaPss(Hash.SHA1, Hash.SHA1, 20), deviations) == (read.scheme, read.deviations)


@pytest.mark.parametrize(
    "member",
    [
        w.explicit(3, w.integer(1)),
        w.explicit(2, w.integer(20)),
        w.explicit(0, hash_id(Hash.SHA1)),
        mgf1(Hash.SHA1),
    ],
)
def test_pss_default_written_out(member: bytes) -> None:
    """A default written out is not DER; it is read and named."""
    read = parse_signature_algorithm(pss(member), "x")
    assert (RsaPss(Hash.SHA1, Hash.SHA1, 20), ("pss_default_encoded",)) == (
        read.scheme,
        read.deviations,
    )


@pytest.mark.parametrize(
    ("der", "word"),
    [
        (pss(w.explicit(2, w.integer(-1))), "pss_salt_length"),
        (pss(w.explicit(2, w.integer(1 << 40))), "pss_salt_length"),
        (pss(w.explicit(3, w.integer(2))), "pss_trailer_field"),
        (pss(w.explicit(1, w.seq(w.oid(MGF1)))), "mgf1_parameters"),
        (pss(w.explicit(1, w.seq(w.oid("1.2.3"), hash_id(Hash.SHA1)))), "1.2.3"),
        (pss(w.explicit(0, w.seq(w.oid("1.2.840.113549.2.5"), w.null()))), "1.2.840.113549.2.5"),
        (pss(w.explicit(0, w.seq(w.oid(Hash.SHA1.oid), w.seq()))), "hash_parameters"),
        (pss(w.integer(1)), "not_der"),
        (w.seq(w.oid("1.2.840.113549.1.1.4"), w.null()), "1.2.840.113549.1.1.4"),
        (w.seq(w.oid("1.3.101.112")), "1.3.101.112"),
    ],
)
def test_refused(der: bytes, word: str) -> None:
    """Broken parameters, MD5 and what is not in Doc 9303 say so by one word."""
    with pytest.raises((MalformedData, UnsupportedData)) as caught:
        parse_signature_algorithm(der, "x", Hash.SHA256)
    assert word in caught.value.fields.values()


@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, bare or as parameters of RSASSA-PSS: ``EcidError``."""
    for der in (data, w.seq(w.oid(RSASSA_PSS), w.octets(data)), pss(data + b"\x30")):
        with pytest.raises(EcidError):
            parse_signature_algorithm(der, "x")


def test_real_certificates(corpus: Path) -> None:
    """Every signature algorithm of 720 real CSCA certificates is known."""
    text = (corpus / "pki" / "anchors" / "AndyQ_masterList.pem").read_text("ascii")
    blocks = text.split("-----BEGIN CERTIFICATE-----")[1:]
    deviations: set[str] = set()
    for block in blocks:
        certificate = parse_one(base64.b64decode(block.split("-----END")[0]), 0x30, "x")
        deviations |= {*parse_signature_algorithm(children(certificate)[1].raw, "x").deviations}
    assert {"ecdsa_null_parameters"} == deviations
