"""What a master list costs, beside what it must cost at least, in the same run.

(a) loading each certificate with `cryptography` and reading names, key and extensions, where it
can; (b) the bare verifications of the same signatures, keys ready. Importing does both and more,
and its ratio to (a) + (b) is the figure.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import ecid
from ecid import emulator
from ecid.trust import verification
from ecid.trust.intake.admission import Admitted
from ecid.trust.intake.loading import gather
from ecid.trust.intake.rules import Rules
from ecid.trust.lists import master_list_certificates
from ecid.trust.signed_data import parse_signed_data
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import open_store, save_store
from ecid.trust.tolerance import Tolerances
from ecid_crypto._ec_backend import OPENSSL_CURVES, openssl_public_key
from ecid_crypto.hashes import primitive
from ecid_crypto.public_key import EcPublicKey, PublicKey, RsaPublicKey
from ecid_crypto.signature import Ecdsa, RsaPkcs1v15, RsaPss, Scheme, _rsa_padding

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
#: When the newest list of the corpus had been signed.
IMPORTED = datetime(2026, 8, 1, tzinfo=UTC)

Call = tuple[Scheme, PublicKey, bytes, bytes]


def main(rounds: int) -> None:
    """Measure and print everything, or say that the corpus is absent."""
    pki = Path(os.environ.get("ECID_CORPUS", ROOT.parent / "shared" / "data")) / "pki"
    if not pki.is_dir():
        click.echo("master lists: corpus absent (set ECID_CORPUS)")
        return
    largest = max((pki / "masterlists").iterdir(), key=lambda file: file.stat().st_size)
    files = [pki / "anchors" / "DE_ROOT_CA_CSCA07.cer", largest]
    calls, admitted = _recorded(lambda: _import(files))
    listed = master_list_certificates(
        parse_signed_data(largest.read_bytes(), "list").content or b""
    )
    loading = _median(lambda: _load(listed), rounds)
    bare = _median(_bare(calls), rounds)
    ours = _median(lambda: _import(files), rounds)
    click.echo(
        f"{largest.name}: {len(listed)} certificates, {len(admitted.store.entries)} anchors, "
        f"{len(calls)} signatures: (a) {loading:.1f} ms, (b) {bare:.1f} ms, import {ours:.1f} ms, "
        f"{ours / (loading + bare):.2f} x (a + b)"
    )
    _one_anchor(admitted.store, rounds)


def _one_anchor(store: TrustStore, rounds: int) -> None:
    """Compare a verification against all the world's anchors with one against a single anchor."""
    card = emulator.issue("vn-cccd-2021")
    evidence, alone = ecid.Evidence(files=card.files), TrustStore.of(card.csca)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        file = kept / "csca.der"
        file.write_bytes(card.csca)
        rules = Rules(
            tolerances=Tolerances.load("field"), at=IMPORTED, keeping=True, allow_test=True
        )
        save_store(gather([file], store, rules).store, kept / "store", NOW)
        single = _median(lambda: ecid.verify(evidence, trust=alone, at=NOW), rounds * 5)
        whole = _median(
            lambda: ecid.verify(evidence, trust=open_store(kept / "store"), at=NOW), rounds * 5
        )
        opened = _median(lambda: open_store(kept / "store"), rounds * 5)
    click.echo(
        f"verify() with one anchor {single:.2f} ms; with a store of {len(store.entries) + 1} on "
        f"disk {whole:.2f} ms, of which opening its index {opened:.2f} ms"
    )


def _import(files: list[Path]) -> Admitted:
    rules = Rules(tolerances=Tolerances.load("field"), at=IMPORTED, keeping=True)
    return gather(files, TrustStore(), rules)


def _recorded(work: Callable[[], Admitted]) -> tuple[list[Call], Admitted]:
    """Return every signature that ``work`` verifies, and what it returns."""
    calls: list[Call] = []
    module: Any = verification
    genuine = module.verify_signature

    def recording(scheme: Scheme, key: PublicKey, signature: bytes, message: bytes) -> None:
        calls.append((scheme, key, signature, message))
        genuine(scheme, key, signature, message)

    module.verify_signature = recording
    try:
        return calls, work()
    finally:
        module.verify_signature = genuine


def _load(certificates: tuple[bytes, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for raw in certificates:
            _load_one(raw)


def _load_one(raw: bytes) -> None:
    """Read what `cryptography` can read; it refuses many keys and some extensions."""
    try:
        certificate = x509.load_der_x509_certificate(raw)
        certificate.subject.rfc4514_string()
        certificate.issuer.rfc4514_string()
    except ValueError:
        return
    for read in (certificate.public_key, lambda: list(certificate.extensions)):
        try:
            read()
        except (ValueError, x509.DuplicateExtension, UnsupportedAlgorithm):
            continue


def _bare(calls: list[Call]) -> Callable[[], None]:
    """Return the verifications alone; those on curves OpenSSL does not know are left out."""
    ready = [each for each in map(_one_bare, calls) if each is not None]

    def run() -> None:
        for verify in ready:
            verify()

    return run


def _one_bare(call: Call) -> Callable[[], None] | None:
    scheme, key, signature, message = call
    if isinstance(scheme, Ecdsa) and isinstance(key, EcPublicKey):
        if key.curve.name not in OPENSSL_CURVES:
            return None
        point = openssl_public_key(key.curve, key.point)
        algorithm = ec.ECDSA(primitive(scheme.hash))
        return lambda: point.verify(signature, message, algorithm)
    if isinstance(scheme, RsaPkcs1v15 | RsaPss) and isinstance(key, RsaPublicKey):
        numbers = rsa.RSAPublicNumbers(key.e, key.n).public_key()
        padding, function = _rsa_padding(scheme), primitive(scheme.hash)
        return lambda: numbers.verify(signature, message, padding, function)
    return None


def _median(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of ``work`` in milliseconds; the first run is not counted."""
    work()
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)
