"""Comparisons with servers that work as the original design does; run by `make bench`."""
