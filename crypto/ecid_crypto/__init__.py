"""Mathematics of machine readable travel documents: no chip, no file, no clock, no document."""
