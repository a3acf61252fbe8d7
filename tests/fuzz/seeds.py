"""Writes the seeds of the fuzz targets, all of them from the emulated card.

python -m tests.fuzz.seeds
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import ecid
from ecid.emulator import EmulatedCard
from ecid.emulator.personalise.data_groups import dg2
from ecid.emulator.pki import CSCA_NAME
from ecid.encoding import der_write as w
from ecid.encoding.tlv import children, encode, parse_one
from ecid.inspection import evidence_file
from ecid.trust.store_folder import SNAPSHOT, save_store
from ecid_crypto.rng import SeededRng
from tests.fuzz.targets import NOW, TARGETS, card, trust

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "fuzz"
FOUND = FOLDER / "found"
EXAMPLE = FOLDER.parent / "spec" / "eac-worked-example.json"

#: A picture of 16 by 16 pixels as far as its header goes.
_JPEG = bytes.fromhex("FFD8FFC0000B080010001001011100FFD9")


def seeds() -> Mapping[str, Mapping[str, bytes]]:
    """Return the seeds of every target by name; the same card gives the same bytes."""
    files = card().files
    small = dg2(_JPEG, 16, 16)
    return {
        "tlv": {"com": files["COM"], "dg14": files["DG14"]},
        "spki": {"dg15": files["DG15"], "ec": _key_of_the_signer()},
        "certificate": {"csca": card().csca, "signer": _signer()},
        "signed_data": {"sod": files["SOD"], "content": _content()},
        "security_infos": {name: files[name] for name in ("CardAccess", "DG14", "COM")},
        "cvc": _verifiable_certificates(),
        "mrz": {"td1": card().secrets.mrz.encode(), "dg1": files["DG1"]},
        "data_group": {"dg2": small, "dg13": files["DG13"]},
        "trust_file": {"csca": card().csca, "crl": _crl(), "snapshot": b"\xff" + _snapshot()},
        "response": {
            "plain": b"\x00\x6a\x82",
            "status": b"\x01\x99\x02\x90\x00\x90\x00",
            "data": b"\x01" + encode(0x87, b"\x01" + bytes(16)) + b"\x99\x02\x90\x00\x90\x00",
            "odd": b"\x03" + encode(0x85, bytes(16)) + b"\x99\x02\x90\x00\x90\x00",
        },
        "evidence": {"live": _evidence(small)},
        "reader": {
            "random": b"\x00" + b"\x02\x6a\x82" * 6,
            "access": b"\x00\xff" + bytes([len(files["CardAccess"]) + 2]) + files["CardAccess"],
            "link-can": b"\x01\x0f\x11\x02\x01",
            "link-mrz": b"\x03\x0f\x0f\x45\x6a\x82" + b"\x0f" * 6,
        },
        "apdu": {
            "select": bytes.fromhex("00A4040C07A0000002471001"),
            "read": bytes.fromhex("00B0000000"),
            "extended": bytes.fromhex("00B1000000000454020000" + "0000"),
        },
    }


def _verifiable_certificates() -> Mapping[str, bytes]:
    """Return certificates that BSI published, and an EF.CVCA."""
    example = json.loads(EXAMPLE.read_text("utf-8"))
    return {
        "cvca": bytes.fromhex(example["ecdh"]["cvca"]),
        "rsa": bytes.fromhex(example["dh"]["cvca"]),
        "terminal": bytes.fromhex(example["ecdh"]["terminal"]),
        "file": encode(0x42, b"ZZCVCA00002") + encode(0x42, b"ZZCVCA00001") + bytes(10),
    }


def _crl() -> bytes:
    """Return a revocation list of three entries."""
    dates = w.utc_time(NOW), w.utc_time(NOW + timedelta(days=90))
    entries = w.seq(*(w.seq(w.integer(number), dates[0]) for number in (1, 2, 3)))
    algorithm = w.seq(w.oid("1.2.840.10045.4.3.3"))
    tbs = w.seq(w.integer(1), algorithm, CSCA_NAME, *dates, entries)
    return w.seq(tbs, algorithm, w.bits(w.seq(w.integer(1), w.integer(1))))


def _snapshot() -> bytes:
    """Return the index of a store with the card's anchor, without the digest at its end."""
    with TemporaryDirectory() as folder:
        save_store(trust(), Path(folder), NOW)
        return (Path(folder) / SNAPSHOT).read_bytes()[:-32]


def write() -> None:
    """Write every seed under ``fixtures/fuzz``."""
    for target, found in seeds().items():
        folder = FOLDER / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in found.items():
            (folder / name).write_bytes(data)


def _signed_data() -> tuple[bytes, ...]:
    sod = parse_one(card().files["SOD"], 0x77, "SOD")
    return tuple(part.raw for part in children(children(children(children(sod)[0])[1])[0]))


def _signer() -> bytes:
    return children(parse_one(_signed_data()[3], 0xA0, "SOD"))[0].raw


def _key_of_the_signer() -> bytes:
    tbs = children(parse_one(_signer(), 0x30, "certificate"))[0]
    return children(tbs)[6].raw


def _content() -> bytes:
    encapsulated = children(parse_one(_signed_data()[2], 0x30, "SOD"))[1]
    return children(encapsulated)[0].value


def _evidence(small: bytes) -> bytes:
    """Return a live reading without the digest, which the target adds, and with a small DG2."""
    secret = ecid.AccessSecret.from_can(card().secrets.can)
    chip = EmulatedCard(card(), rng=SeededRng(b"chip"))
    report = ecid.read(secret, card=chip, trust=trust(), at=NOW, rng=SeededRng(b"terminal"))
    found = report.evidence
    plain = ecid.Evidence(
        files={**found.files, "DG2": small},
        missing=found.missing,
        access=found.access,
        chip_authentication=found.chip_authentication,
        active_authentication=found.active_authentication,
    )
    return evidence_file.dump(plain)[:-34]


if __name__ == "__main__":
    assert set(seeds()) == set(TARGETS)
    write()
