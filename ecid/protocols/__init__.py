"""The terminal's side of Doc 9303-11, one file each: functions that return keys or a proof.

A protocol takes a transport, a secret and a source of randomness. It stores nothing and
switches nothing on: whoever called it wraps the transport in secure messaging.
"""
