"""libeac (OpenPACE), an implementation of PACE, TA and CA that we did not write, step by step.

An ``EacContext`` is one side, terminal or chip; each method is one step of the library and takes
and returns the bytes that stand in the data objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ecid_crypto.curves import standardised_curve
from ecid_crypto.dh import standardised_group
from libeac_library import buffer, content, ffi, give, library, require, take

MRZ, CAN, PIN, PUK, RAW = 1, 2, 3, 4, 5
"""Kinds of secret (enum s_type); MRZ takes the whole zone of a TD1, RAW takes f(π) as it is."""

PACE, CA = 0, 1
"""Which keys secure messaging takes (EAC_ID_PACE, EAC_ID_CA)."""

GROUPS = range(3)
"""Standardised parameters of finite fields; the others are curves."""

_TR_2_01, _TR_2_02 = 1, 2


class EacContext:
    """One side of the protocols, an EAC_CTX.

    libeac takes leading zeros off finite-field secrets and off compressed points, which the
    standard keeps. They are put back, unless ``as_it_is``.
    """

    def __init__(self, *, as_it_is: bool = False) -> None:
        self._eac = library()
        self._as_it_is = as_it_is
        self._parameters: dict[int, int] = {}
        self._ctx = ffi.gc(self._eac.EAC_CTX_new(), self._eac.EAC_CTX_clear_free)

    # -- PACE

    def init_pace(self, oid: str, parameter_id: int) -> None:
        """Choose a protocol and standardised domain parameters.

        The library knows the integrated mapping only as long as it follows TR-03110 2.01, and
        forms tokens as Doc 9303-11 does only from 2.02 on.
        """
        self._ctx.tr_version = _TR_2_01
        done = self._eac.EAC_CTX_init_pace(self._ctx, self._protocol(oid), parameter_id)
        self._ctx.tr_version = _TR_2_02
        require(done == 1, "EAC_CTX_init_pace")
        self._parameters[PACE] = parameter_id

    def read_card_access(self, data: bytes) -> None:
        """Take protocol and domain parameters from EF.CardAccess."""
        done = self._eac.EAC_CTX_init_ef_cardaccess(data, len(data), self._ctx)
        require(done == 1, "EAC_CTX_init_ef_cardaccess")

    def encrypted_nonce(self, secret: bytes, kind: int) -> bytes:
        """Chip, step 1: draw the nonce and return it encrypted."""
        with self._secret(secret, kind) as sec:
            return take(self._eac.PACE_STEP1_enc_nonce(self._ctx, sec), "PACE step 1")

    def decrypt_nonce(self, secret: bytes, kind: int, encrypted: bytes) -> None:
        """Terminal, step 2."""
        with self._secret(secret, kind) as sec:
            done = self._eac.PACE_STEP2_dec_nonce(self._ctx, sec, give(encrypted))
        require(done == 1, "PACE step 2")

    @property
    def nonce(self) -> bytes:
        """Return the decrypted nonce."""
        return content(self._ctx.pace_ctx.nonce)

    def mapping_data(self) -> bytes:
        """Step 3a: return the public mapping key, or the nonce t of the integrated mapping."""
        data = self._eac.PACE_STEP3A_generate_mapping_data(self._ctx)
        return take(data, "PACE step 3a")

    def map_generator(self, theirs: bytes) -> None:
        """Step 3a: map with the data of the other side (integrated: with t, on both sides)."""
        done = self._eac.PACE_STEP3A_map_generator(self._ctx, give(theirs))
        require(done == 1, "PACE step 3a")

    def set_nonce(self, nonce: bytes) -> None:
        """Put another nonce in the place of the one that was drawn or decrypted."""
        pace = self._ctx.pace_ctx
        self._eac.BUF_MEM_free(pace.nonce)
        pace.nonce = buffer(nonce)

    def set_generator(self, point: bytes) -> None:
        """Put an encoded point in the place of the generator of the key agreement."""
        eac, pace = self._eac, self._ctx.pace_ctx
        static = eac.EVP_PKEY_get0_EC_KEY(pace.static_key)
        key = ffi.gc(eac.EC_KEY_dup(static), eac.EC_KEY_free)
        group = ffi.gc(eac.EC_GROUP_dup(eac.EC_KEY_get0_group(key)), eac.EC_GROUP_free)
        generator = ffi.gc(eac.EC_POINT_new(group), eac.EC_POINT_free)
        order, cofactor = eac.EC_GROUP_get0_order(group), eac.EC_GROUP_get0_cofactor(group)
        done = (
            eac.EC_POINT_oct2point(group, generator, point, len(point), ffi.NULL) == 1
            and eac.EC_GROUP_set_generator(group, generator, order, cofactor) == 1
            and eac.EC_KEY_set_group(key, group) == 1
            and eac.EVP_PKEY_set1_EC_KEY(pace.ka_ctx.key, key) == 1
        )
        require(done, "EC_GROUP_set_generator")

    def ephemeral_key(self) -> bytes:
        """Step 3b: draw a key over the mapped generator and return its public value."""
        return take(self._eac.PACE_STEP3B_generate_ephemeral_key(self._ctx), "PACE step 3b")

    def agree(self, theirs: bytes) -> None:
        """Compute the shared secret and the session keys: steps 3b and 3c."""
        done = self._eac.PACE_STEP3B_compute_shared_secret(self._ctx, give(theirs))
        require(done == 1, "PACE step 3b")
        self._repair(PACE, self._ctx.pace_ctx.ka_ctx)
        require(self._eac.PACE_STEP3C_derive_keys(self._ctx) == 1, "PACE step 3c")

    @property
    def shared_secret(self) -> bytes:
        """Return the shared secret of PACE."""
        return content(self._ctx.pace_ctx.ka_ctx.shared_secret)

    @property
    def pace_keys(self) -> tuple[bytes, bytes]:
        """Return KSenc and KSmac of PACE."""
        return _keys(self._ctx.pace_ctx.ka_ctx)

    def token(self, theirs: bytes) -> bytes:
        """Step 3d: return our token, over the public value of the other side."""
        token = self._eac.PACE_STEP3D_compute_authentication_token(self._ctx, give(theirs))
        return take(token, "PACE step 3d")

    def verify_token(self, token: bytes) -> bool:
        """Step 3d: tell whether the token of the other side is right."""
        done = self._eac.PACE_STEP3D_verify_authentication_token(self._ctx, give(token))
        return bool(done == 1)

    # -- Chip Authentication, version 1

    def init_ca(self, oid: str, parameter_id: int) -> None:
        """Choose protocol and domain parameters."""
        done = self._eac.EAC_CTX_init_ca(self._ctx, self._protocol(oid), parameter_id)
        require(done == 1, "EAC_CTX_init_ca")
        self._parameters[CA] = parameter_id

    def set_chip_key(self, number: bytes) -> None:
        """Chip: take the static private key, a number in the domain of ``init_ca``."""
        done = self._eac.CA_set_key(self._ctx, number, len(number), ffi.NULL, 0)
        require(done == 1, "CA_set_key")

    def ca_ephemeral_key(self) -> tuple[bytes, bytes]:
        """Terminal: draw a key; return its public value and Comp of it."""
        compressed = take(self._eac.TA_STEP3_generate_ephemeral_key(self._ctx), "TA step 3")
        public = take(self._eac.CA_STEP2_get_eph_pubkey(self._ctx), "CA step 2")
        return public, self._compressed(CA, compressed)

    def ca_agree(self, theirs: bytes) -> None:
        """Compute the shared secret, and the session keys of version 1.

        The library knows version 2, where a nonce of the chip enters the keys and a token proves
        them. With an empty nonce the keys are those of version 1; the token is not looked at.
        """
        done = self._eac.CA_STEP4_compute_shared_secret(self._ctx, give(theirs))
        require(done == 1, "CA step 4")
        self._repair(CA, self._ctx.ca_ctx.ka_ctx)
        self._eac.CA_STEP6_derive_keys(self._ctx, give(b""), give(bytes(8)))
        require(all(self.ca_keys), "CA step 6")

    @property
    def ca_keys(self) -> tuple[bytes, bytes]:
        """Return KSenc and KSmac of Chip Authentication."""
        return _keys(self._ctx.ca_ctx.ka_ctx)

    @property
    def ca_shared_secret(self) -> bytes:
        """Return the shared secret of Chip Authentication."""
        return content(self._ctx.ca_ctx.ka_ctx.shared_secret)

    def compress(self, which: int, public: bytes) -> bytes:
        """Return Comp of a public value in the domain of ``PACE`` or ``CA``."""
        compressed = take(self._eac.EAC_Comp(self._ctx, which, give(public)), "EAC_Comp")
        return self._compressed(which, compressed)

    # -- Terminal Authentication

    def init_ta(self, cvca: bytes, private_key: bytes = b"") -> None:
        """Take the trust anchor, a terminal its PKCS #8 key too; dates are not looked at."""
        key = private_key or ffi.NULL
        done = self._eac.EAC_CTX_init_ta(self._ctx, key, len(private_key), cvca, len(cvca))
        require(done == 1, "EAC_CTX_init_ta")
        self._eac.TA_disable_checks(self._ctx)

    def import_certificate(self, certificate: bytes) -> None:
        """Take the next certificate of the chain; the chip verifies it."""
        done = self._eac.TA_STEP2_import_certificate(self._ctx, certificate, len(certificate))
        require(done == 1, "TA step 2")

    def challenge(self) -> bytes:
        """Chip: draw the challenge."""
        return take(self._eac.TA_STEP4_get_nonce(self._ctx), "TA step 4")

    def sign(self, challenge: bytes, id_ic: bytes, compressed: bytes) -> bytes:
        """Terminal: sign ID_IC || challenge || Comp(PK_IFD)."""
        require(self._eac.TA_STEP4_set_nonce(self._ctx, give(challenge)) == 1, "TA step 4")
        signature = self._eac.TA_STEP5_sign(self._ctx, give(compressed), give(id_ic), ffi.NULL)
        return take(signature, "TA step 5")

    def verify_terminal(self, signature: bytes, id_ic: bytes, compressed: bytes) -> bool:
        """Chip: tell whether the signature of the terminal is right."""
        done = self._eac.TA_STEP6_verify(
            self._ctx, give(compressed), give(id_ic), ffi.NULL, give(signature)
        )
        return bool(done == 1)

    # -- secure messaging

    def start_secure_messaging(self, which: int) -> None:
        """Use the keys of ``PACE`` or ``CA`` from here on, counter zero."""
        done = self._eac.EAC_CTX_set_encryption_ctx(self._ctx, which)
        require(done == 1, "EAC_CTX_set_encryption_ctx")

    def count(self) -> None:
        """Increment the send sequence counter."""
        require(self._eac.EAC_increment_ssc(self._ctx) == 1, "EAC_increment_ssc")

    def pad(self, data: bytes) -> bytes:
        """Return ``data`` padded to whole blocks."""
        return take(self._eac.EAC_add_iso_pad(self._ctx, give(data)), "padding")

    def encrypt(self, data: bytes) -> bytes:
        """Return ``data`` padded and encrypted."""
        sealed = self._eac.EAC_encrypt(self._ctx, give(self.pad(data)))
        return take(sealed, "EAC_encrypt")

    def decrypt(self, data: bytes) -> bytes:
        """Return what ``encrypt`` took."""
        opened = take(self._eac.EAC_decrypt(self._ctx, give(data)), "EAC_decrypt")
        return take(self._eac.EAC_remove_iso_pad(give(opened)), "padding")

    def authenticate(self, data: bytes) -> bytes:
        """Return the MAC over the counter and ``data``, padded."""
        sealed = self._eac.EAC_authenticate(self._ctx, give(self.pad(data)))
        return take(sealed, "EAC_authenticate")

    def _repair(self, which: int, agreement: Any) -> None:
        """Put leading zeros before the shared secret."""
        secret = self._whole(which, content(agreement.shared_secret))
        library().BUF_MEM_free(agreement.shared_secret)
        agreement.shared_secret = buffer(secret)

    def _whole(self, which: int, octets: bytes) -> bytes:
        """Return a secret or a coordinate in full length."""
        if self._as_it_is or which not in self._parameters:
            return octets
        return octets.rjust(field_length(self._parameters[which]), b"\0")

    def _compressed(self, which: int, octets: bytes) -> bytes:
        """Return a compressed public value in full length; over finite fields it is a hash."""
        is_hash = self._parameters.get(which) in GROUPS
        return octets if is_hash else self._whole(which, octets)

    @contextmanager
    def _secret(self, secret: bytes, kind: int) -> Iterator[Any]:
        made = self._eac.PACE_SEC_new(secret, len(secret), kind)
        require(made != ffi.NULL, "PACE_SEC_new")
        try:
            yield made
        finally:
            self._eac.PACE_SEC_clear_free(made)

    def _protocol(self, oid: str) -> int:
        number = int(self._eac.EAC_OBJ_txt2nid(oid.encode("ascii")))
        require(number != 0, f"OID {oid}")
        return number


def field_length(parameter_id: int) -> int:
    """Return the length of a shared secret in these domain parameters, in bytes."""
    if parameter_id in GROUPS:
        return standardised_group(parameter_id).field_length
    return standardised_curve(parameter_id).field_length


def _keys(agreement: Any) -> tuple[bytes, bytes]:
    return content(agreement.k_enc), content(agreement.k_mac)
