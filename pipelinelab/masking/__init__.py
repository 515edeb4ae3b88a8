"""Secrets out of a stream of bytes. Pure."""
