"""`python -m tests.bench [name ...]`: runs the benchmarks by name, or all of them."""

import sys

from tests.bench import bench_engine

BENCHES = {"engine": bench_engine.main}

for name in sys.argv[1:] or BENCHES:
    BENCHES[name]()
