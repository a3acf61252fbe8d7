"""Bytes to values and back: BER-TLV, DER, object identifiers, public keys. No files, no chip."""
