"""`make bench`: every figure, with the machine it was taken on. Names given on the command line choose some.

`peers`, `soak`, `dashboard`, `endurance`, `restart` and `scale` are only run by name, since one installs other systems first and the others
take minutes; what follows them are their own options.
"""

import sys

from benchmarks import (
    dashboard,
    endurance,
    faults,
    figures,
    page,
    peers,
    reading,
    reports,
    restart,
    retrieval,
    rings,
    scale,
    soak,
    sync,
    toolcalls,
)

PARTS = {
    "toolcalls": toolcalls.run,
    "rings": rings.run,
    "reports": reports.run,
    "retrieval": retrieval.run,
    "reading": reading.run,
    "page": page.run,
    "faults": faults.run,
    "sync": sync.run,
}
ALONE = {
    "peers": peers.run,
    "soak": soak.run,
    "dashboard": dashboard.run,
    "endurance": endurance.run,
    "restart": restart.run,
    "scale": scale.run,
}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PARTS)
    print(figures.machine())
    if chosen[0] in ALONE:
        ALONE[chosen[0]](chosen[1:])
        sys.exit()
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"No benchmark is called {', '.join(unknown)}; there are {', '.join([*PARTS, *ALONE])}.")
    missed = []
    for name in chosen:
        print(f"\n=== {name}")
        missed += PARTS[name]() or []
    sys.exit(f"\nTargets missed: {', '.join(missed)}" if missed else 0)
