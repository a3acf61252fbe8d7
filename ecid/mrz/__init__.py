"""The machine readable zone: its three formats, check digits and dates (Doc 9303-3 to 9303-6)."""
