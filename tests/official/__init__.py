"""What the official packages say the wire looks like: the measure for what we send and for what the stand-in answers."""
