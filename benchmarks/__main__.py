"""`make bench`: every figure, with the machine it was taken on. Names given on the command line choose some.

`peers` is only run by name, since it installs other systems first; what follows it are its own options.
"""

import sys

from benchmarks import calls, faults, figures, peers, reading, retrieval, rings, toolcalls

PARTS = {
    "toolcalls": toolcalls.run,
    "rings": rings.run,
    "retrieval": retrieval.run,
    "reading": reading.run,
    "calls": calls.run,
    "faults": faults.run,
}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PARTS)
    print(figures.machine())
    if chosen[0] == "peers":
        peers.run(chosen[1:])
        sys.exit()
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"No benchmark is called {', '.join(unknown)}; there are {', '.join(PARTS)}, peers.")
    for name in chosen:
        print(f"\n=== {name}")
        PARTS[name]()
