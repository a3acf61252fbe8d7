"""Writing the files of an emulated document: the issuer's side of Doc 9303-10."""
