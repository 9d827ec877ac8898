"""What personas know: documents, passages, and the way from a question to an answer that can be checked."""

import os

# Before numpy is loaded. The products here take a tenth of a millisecond on one core; spread over several, OpenBLAS's
# threads wait for each other, and on a busy machine a search takes 9 ms instead of 1.5 (measured).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
