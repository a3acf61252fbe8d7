"""Secure messaging and file reading: transports round a transport, and what is read over them."""
