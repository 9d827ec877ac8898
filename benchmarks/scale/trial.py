def run(known, calls):
    pass
