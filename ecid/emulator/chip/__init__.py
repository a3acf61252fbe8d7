"""The chip: commands in, answers out (ISO/IEC 7816-4, Doc 9303-10 §3 and Doc 9303-11).

Written from the standard, apart from the terminal's side of this project, so that two readings
of the standard meet over the wire.
"""
