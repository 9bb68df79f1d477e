"""`livequiz bench`: what this machine carries, measured over real connections."""
