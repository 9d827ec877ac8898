"""`make bench`: every figure, with the machine it was taken on. Names given on the command line choose some."""

import sys

from benchmarks import calls, figures, reading, retrieval, toolcalls

PARTS = {"toolcalls": toolcalls.run, "retrieval": retrieval.run, "reading": reading.run, "calls": calls.run}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"No benchmark is called {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    print(figures.machine())
    for name in chosen:
        print(f"\n=== {name}")
        PARTS[name]()
