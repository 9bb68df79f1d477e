"""`livequiz bench`: load tests of this machine over real connections."""
