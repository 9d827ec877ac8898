def run(known):
    pass
