"""Whom to believe: certificates, anchors from outside the card, chains and signed data.

Everything is judged from the received bytes by our own code: general certificate libraries
refuse about one in six real CSCA keys and build chains that Doc 9303-12 does not know.
"""
