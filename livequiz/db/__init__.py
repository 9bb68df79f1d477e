"""The only package that speaks to MongoDB."""

import os

# Threads in which Motor waits for MongoDB; Motor reads this when it is imported. Its own default
# is five for each processor: ten calls that hang on a small machine would hold up all others.
os.environ.setdefault("MOTOR_MAX_WORKERS", "16")
