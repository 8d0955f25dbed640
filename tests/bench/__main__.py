"""`python -m tests.bench [name ...]`: runs the benchmarks by name, or all of them."""

import sys

from tests.bench import (
    bench_api,
    bench_durable,
    bench_editor,
    bench_engine,
    bench_listing,
    bench_live,
    bench_llm,
    bench_market,
    bench_navigation,
    bench_outbound,
    bench_parked,
    bench_processes,
    bench_runs,
)

BENCHES = {
    "engine": bench_engine.main,
    "durable": bench_durable.main,
    "runs": bench_runs.main,
    "parked": bench_parked.main,
    "processes": bench_processes.main,
    "llm": bench_llm.main,
    "outbound": bench_outbound.main,
    "editor": bench_editor.main,
    "live": bench_live.main,
    "market": bench_market.main,
    "listing": bench_listing.main,
    "navigation": bench_navigation.main,
    "api": bench_api.main,
}

for name in sys.argv[1:] or BENCHES:
    BENCHES[name]()
