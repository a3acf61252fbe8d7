"""The shared library of libeac (OpenPACE), opened with cffi: nothing is compiled.

``libeac`` drives it. ``seeded`` makes what the library draws at random reproducible.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from cffi import FFI

from ecid_crypto.rng import Rng, SeededRng

#: What is called of <eac/eac.h>, <eac/pace.h>, <eac/ta.h>, <eac/ca.h> and of OpenSSL. The structs
#: are those of the public headers, up to the last field that is needed.
_DECLARATIONS = """
typedef struct { size_t length; char *data; size_t max; unsigned long flags; } BUF_MEM;
typedef struct {
    void *md, *md_engine, *cmac_ctx, *cipher, *cipher_engine;
    unsigned char *iv;
    int mac_keylen, enc_keylen;
    void *generate_key, *compute_key;
    void *key;
    BUF_MEM *shared_secret, *k_enc, *k_mac;
} KA_CTX;
typedef struct {
    int protocol;
    unsigned char version;
    int id;
    void *map_generate_key, *map_compute_key;
    void *static_key;
    KA_CTX *ka_ctx;
    BUF_MEM *nonce;
} PACE_CTX;
typedef struct { unsigned char version; int protocol; int id; int flags; KA_CTX *ka_ctx; } CA_CTX;
typedef struct {
    int tr_version;
    void *bn_ctx, *md_ctx, *cipher_ctx;
    PACE_CTX *pace_ctx;
    void *pace_ctxs, *ri_ctx, *ri_ctxs, *ta_ctx;
    CA_CTX *ca_ctx;
} EAC_CTX;
typedef struct pace_sec PACE_SEC;

void EAC_init(void);
EAC_CTX *EAC_CTX_new(void);
void EAC_CTX_clear_free(EAC_CTX *);
int EAC_OBJ_txt2nid(const char *);
int EAC_CTX_init_ef_cardaccess(const unsigned char *, size_t, EAC_CTX *);
int EAC_CTX_init_pace(EAC_CTX *, int protocol, int curve);
int EAC_CTX_init_ca(EAC_CTX *, int protocol, int curve);
int EAC_CTX_init_ta(EAC_CTX *, const unsigned char *key, size_t, const unsigned char *cvca, size_t);
int EAC_CTX_set_encryption_ctx(EAC_CTX *, int);
int EAC_increment_ssc(EAC_CTX *);
int EAC_set_ssc(EAC_CTX *, unsigned long);
BUF_MEM *EAC_add_iso_pad(EAC_CTX *, const BUF_MEM *);
BUF_MEM *EAC_remove_iso_pad(const BUF_MEM *);
BUF_MEM *EAC_encrypt(EAC_CTX *, const BUF_MEM *);
BUF_MEM *EAC_decrypt(EAC_CTX *, const BUF_MEM *);
BUF_MEM *EAC_authenticate(EAC_CTX *, const BUF_MEM *);
int EAC_verify_authentication(EAC_CTX *, const BUF_MEM *, const BUF_MEM *);
BUF_MEM *EAC_Comp(EAC_CTX *, int, const BUF_MEM *);

PACE_SEC *PACE_SEC_new(const char *, size_t, int);
void PACE_SEC_clear_free(PACE_SEC *);
BUF_MEM *PACE_STEP1_enc_nonce(EAC_CTX *, const PACE_SEC *);
int PACE_STEP2_dec_nonce(EAC_CTX *, const PACE_SEC *, const BUF_MEM *);
BUF_MEM *PACE_STEP3A_generate_mapping_data(EAC_CTX *);
int PACE_STEP3A_map_generator(EAC_CTX *, const BUF_MEM *);
BUF_MEM *PACE_STEP3B_generate_ephemeral_key(EAC_CTX *);
int PACE_STEP3B_compute_shared_secret(EAC_CTX *, const BUF_MEM *);
int PACE_STEP3C_derive_keys(EAC_CTX *);
BUF_MEM *PACE_STEP3D_compute_authentication_token(EAC_CTX *, const BUF_MEM *);
int PACE_STEP3D_verify_authentication_token(EAC_CTX *, const BUF_MEM *);

void TA_disable_checks(EAC_CTX *);
int TA_STEP2_import_certificate(EAC_CTX *, const unsigned char *, size_t);
BUF_MEM *TA_STEP3_generate_ephemeral_key(EAC_CTX *);
BUF_MEM *TA_STEP4_get_nonce(EAC_CTX *);
int TA_STEP4_set_nonce(EAC_CTX *, const BUF_MEM *);
BUF_MEM *TA_STEP5_sign(EAC_CTX *, const BUF_MEM *, const BUF_MEM *, const BUF_MEM *);
int TA_STEP6_verify(EAC_CTX *, const BUF_MEM *, const BUF_MEM *, const BUF_MEM *, const BUF_MEM *);

int CA_set_key(EAC_CTX *, const unsigned char *, size_t, const unsigned char *, size_t);
BUF_MEM *CA_STEP2_get_eph_pubkey(EAC_CTX *);
int CA_STEP4_compute_shared_secret(EAC_CTX *, const BUF_MEM *);
int CA_STEP6_derive_keys(EAC_CTX *, const BUF_MEM *nonce, const BUF_MEM *token);

BUF_MEM *BUF_MEM_new(void);
size_t BUF_MEM_grow(BUF_MEM *, size_t);
void BUF_MEM_free(BUF_MEM *);

typedef struct {
    void *seed;
    int (*bytes)(unsigned char *, int);
    void *cleanup, *add;
    int (*pseudorand)(unsigned char *, int);
    int (*status)(void);
} RAND_METHOD;
const RAND_METHOD *RAND_get_rand_method(void);
int RAND_set_rand_method(const RAND_METHOD *);

void *EVP_PKEY_get0_EC_KEY(void *);
int EVP_PKEY_set1_EC_KEY(void *, void *);
void *EC_KEY_dup(const void *);
void EC_KEY_free(void *);
const void *EC_KEY_get0_group(const void *);
int EC_KEY_set_group(void *, const void *);
void *EC_GROUP_dup(const void *);
void EC_GROUP_free(void *);
const void *EC_GROUP_get0_order(const void *);
const void *EC_GROUP_get0_cofactor(const void *);
int EC_GROUP_set_generator(void *, const void *, const void *, const void *);
void *EC_POINT_new(const void *);
int EC_POINT_oct2point(const void *, void *, const unsigned char *, size_t, void *);
void EC_POINT_free(void *);
"""

ffi = FFI()
ffi.cdef(_DECLARATIONS)


class UnavailableError(Exception):
    """libeac cannot be had here; the message is the reason."""


class RefusedError(Exception):
    """libeac returned an error from the named step; what it says stands on standard error."""


@cache
def library() -> Any:
    """Return libeac, opened and initialised. Raises ``UnavailableError``."""
    try:
        opened = ffi.dlopen("libeac.so.3")
    except OSError as exc:
        raise UnavailableError("libeac3 is not installed") from exc
    opened.EAC_init()
    return opened


@contextmanager
def seeded(seed: bytes) -> Iterator[None]:
    """Let libeac draw its random bytes from ``SeededRng(seed)`` in this block."""
    eac = library()
    before = eac.RAND_get_rand_method()
    draw = ffi.callback("int(unsigned char *, int)", _drawing(SeededRng(seed)))
    ready = ffi.callback("int(void)", lambda: 1)
    method = ffi.new("RAND_METHOD *", {"bytes": draw, "pseudorand": draw, "status": ready})
    eac.RAND_set_rand_method(method)
    try:
        yield
    finally:
        eac.RAND_set_rand_method(before)


def _drawing(rng: Rng) -> Any:
    def draw(target: Any, length: int) -> int:
        ffi.memmove(target, rng(length), length)
        return 1

    return draw


def require(fulfilled: bool, step: str) -> None:
    """Raise ``RefusedError`` with the name of the step unless ``fulfilled``."""
    if not fulfilled:
        raise RefusedError(step)


def buffer(data: bytes) -> Any:
    """Return a BUF_MEM that the library comes to own."""
    made = library().BUF_MEM_new()
    library().BUF_MEM_grow(made, len(data))
    ffi.memmove(made.data, data, len(data))
    return made


def give(data: bytes) -> Any:
    """Return a BUF_MEM for the length of a call."""
    return ffi.gc(buffer(data), library().BUF_MEM_free)


def take(made: Any, step: str) -> bytes:
    """Return the content of a BUF_MEM that is ours, and free it; NULL is a refusal."""
    require(made != ffi.NULL, step)
    try:
        return content(made)
    finally:
        library().BUF_MEM_free(made)


def content(found: Any) -> bytes:
    """Return the content of a BUF_MEM that stays with the library; nothing for NULL."""
    return b"" if found == ffi.NULL else bytes(ffi.buffer(found.data, found.length))
