"""The persistence layer: the client, the queries, the schema and the private mongod."""

import os

# The size of Motor's thread pool, read when Motor is imported. Motor's default is five threads for
# each processor: on a small machine, ten hanging calls would block all others.
os.environ.setdefault("MOTOR_MAX_WORKERS", "16")
