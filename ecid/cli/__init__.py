"""The command ``ecid``: one file per command, and no decision that the library does not make."""
