"""The anchors an operator trusts, as one immutable snapshot with a digest.

Anchors come only from here, never from the card (Doc 9303-12 §6.1). Certificates given by hand
are the operator's word: they are taken as they are, and the report names the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from ecid.errors import EcidError, MalformedData, StoreError
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.extensions import KEY_CERT_SIGN
from ecid.trust.pem import certificates_in

#: A CSCA is a few kilobytes; a bundle of all the world's is under two megabytes.
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or certificate that could not be used, and the rule it broke."""

    source: str
    rule: str


@dataclass(frozen=True)
class TrustStore:
    """Country signing certificates from outside the card. Empty unless something is loaded."""

    anchors: tuple[Certificate, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @classmethod
    def load(cls, *paths: str | Path) -> TrustStore:
        """Return a store of every CSCA certificate (DER or PEM) in ``paths``, files or folders.

        What is no usable CSCA certificate is listed in ``skipped``. Raises ``StoreError``: a path
        that does not exist (``store_path_missing``) or files of which nothing was usable.
        """
        anchors: dict[bytes, Certificate] = {}
        skipped: list[Skipped] = []
        for path in map(Path, paths):
            for file in _files(path):
                for result in _load_file(file):
                    if isinstance(result, Skipped):
                        skipped.append(result)
                    else:
                        anchors[result.raw] = result
        if skipped and not anchors:
            raise StoreError("store_nothing_usable", count=len(skipped), rule=skipped[0].rule)
        return cls(tuple(anchors.values()), tuple(skipped))

    @classmethod
    def of(cls, *certificates: bytes) -> TrustStore:
        """Return a store of the given CSCA ``certificates`` (DER). Raises ``MalformedData``."""
        return cls(tuple(map(parse_certificate, certificates)))

    @cached_property
    def digest(self) -> str:
        """``sha256:`` and the hex digest over the sorted digests of all anchors."""
        digests = sorted(sha256(anchor.raw).digest() for anchor in self.anchors)
        return "sha256:" + sha256(b"".join(digests)).hexdigest()


def _files(path: Path) -> Iterator[Path]:
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except (OSError, ValueError) as exc:
        raise StoreError("store_path_missing", path=str(path)[:200]) from exc
    if is_file:
        yield path
    elif is_folder:
        found = _listing(path)
        if len(found) > MAX_FILES:
            raise StoreError("store_too_large", limit=MAX_FILES)
        yield from found
    else:
        raise StoreError("store_path_missing", path=str(path))


def _listing(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    except OSError as exc:
        raise StoreError("store_path_unreadable", path=str(folder)) from exc


def _load_file(file: Path) -> Iterator[Certificate | Skipped]:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            yield Skipped(file.name, "too_large")
            return
        blocks = certificates_in(file.read_bytes())
    except OSError as exc:
        raise StoreError("store_path_unreadable", path=str(file)) from exc
    except MalformedData as exc:
        yield Skipped(file.name, exc.rule)
        return
    for block in blocks:
        yield _anchor(block, file.name)


def _anchor(data: bytes, source: str) -> Certificate | Skipped:
    """Return the certificate if its profile allows it to sign others (Doc 9303-12 §7.1.1)."""
    try:
        certificate = parse_certificate(data)
        usage = certificate.extensions.key_usage
        if not certificate.extensions.is_ca:
            return Skipped(source, "not_a_ca")
    except EcidError as exc:
        return Skipped(source, exc.rule if isinstance(exc, MalformedData) else exc.code)
    if usage is not None and KEY_CERT_SIGN not in usage:
        return Skipped(source, "key_usage")
    return certificate
