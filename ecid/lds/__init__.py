"""The logical data structure: which files a chip holds and what stands in them (Doc 9303-10)."""
