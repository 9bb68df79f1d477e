"""What a class learned: gathers lessons, computes a report, and writes it in several formats."""
