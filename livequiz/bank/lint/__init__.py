"""Checks a question bank for what an experienced teacher would notice."""
