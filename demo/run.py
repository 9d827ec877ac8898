"""`make run`: everything set up, the demo loaded, the site started; stopped again by Ctrl-C."""

import contextlib
import fcntl
import functools
import os
import shutil
import time

from demo import environment, installation, processes, programs, steps
from demo.steps import PYTHON, ROOT, Problem

SPEECH = {"espeak-ng": "espeak-ng", "flite": "flite"}


def main():
    """Set up, start, watch, stop. Exit code 0 after Ctrl-C, 1 after a problem, with one sentence saying which."""
    steps.listen_for_the_end()
    try:
        run()
    except Problem as problem:
        steps.give_up(problem)
    except steps.Stopped:
        steps.say("\nStopped.")


def run():
    """The whole of `make run`."""
    began = time.monotonic()
    refuse_taken_ports(environment.embedded(environment.read(), environment.read_port()))
    with only_one_at_a_time():
        notes = install()
        settings = environment.read()
        ports = environment.embedded(settings, environment.read_port())
        data = environment.data_folder(settings)
        told = environment.addresses(settings, ports)
        site = programs.Site({**os.environ, **told}, data / "log")
        try:
            notes += start(site, settings, ports, data)
            steps.say(f"\nReady after {time.monotonic() - began:.0f} s.\n")
            if exports := environment.exports(told, ports["the web server"]):
                notes.append(f"For commands on these ports, in another terminal first:\n  {exports}")
            greet({**settings, **told}, ports, data, notes)
            watch(site)
        finally:
            steps.turn_deaf()
            site.stop()


def refuse_taken_ports(ports):
    """Raise Problem naming the first port somebody else has."""
    for part, port in ports.items():
        if not processes.is_free(port):
            raise Problem(
                f"Port {port}, which {part} needs, is taken. Stop the program that uses it, or choose other ports: "
                f"make run PORT={ports['the web server'] + 10}"
            )


@contextlib.contextmanager
def only_one_at_a_time():
    """Two starts from one folder would share their database and their queue. The lock goes when we do."""
    (ROOT / "var").mkdir(exist_ok=True)
    with open(ROOT / "var" / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise Problem(
                "Clone Advisor already runs from this folder. Stop it first: Ctrl-C where it runs."
            ) from taken
        yield


def install():
    """All that does not need anything to run. Returns remarks for the end."""
    steps.say("Clone Advisor: setting up\n")
    installation.make_venv()
    installation.install_packages()
    installation.bundle_browser_client()
    with steps.step("Settings in .env") as note:
        note("(generated: " + ", ".join(made) + ")" if (made := environment.write()) else "(as before)")
    notes = []
    if len(installation.install_programs(SPEECH)) == len(SPEECH):
        notes.append("The demo's voice is made of tones. For words: apt-get install espeak-ng flite, and start again.")
    try:
        installation.build_embedding_graph(dict(os.environ), environment.data_folder(environment.read()) / "model")
    except Problem as problem:
        notes.append(f"Answers are found by words alone, without the embedding model. {problem}")
    return notes


def start(site, settings, ports, data):
    """Start everything in order, the data made ready in between. Returns remarks for the end."""
    if "Valkey" in ports:
        site.start(programs.valkey(ports["Valkey"], data / "valkey"))
    if "the stand-in" in ports:
        programs.write_sentences(data / "sentences.txt")
        site.start(programs.standin(ports["the stand-in"], data, settings.get("LOG_FORMAT")))
    prepare_data(site.environment, settings, data)
    site.start(programs.web(ports["the web server"]))
    site.start(programs.worker())
    notes = sync_agents(site)  # while those two wake up
    with steps.step("Programs are up"):
        site.wait_for_ports()
        programs.wait_until_healthy(site, f"http://127.0.0.1:{ports['the web server']}")
    return notes


def sync_agents(site):
    """So that the first visitor can talk. A remark when that cannot be: typing needs no agent."""
    try:
        with steps.step("Agents in step with ElevenLabs"):
            installation.manage("sync_agents", "Not every agent could be synced.", environment=site.environment)
    except Problem as problem:
        return [f"Typing works, voice not yet. {problem}"]
    return []


def prepare_data(surroundings, settings, data):
    """Tables, page files, the demo and the staff login: made once for each database."""
    stamps, sqlite = data / "done", environment.sqlite_file(settings)
    once = functools.partial(steps.once, stamps=stamps)
    manage = functools.partial(installation.manage, environment=surroundings)

    def migrate():
        # New tables, whatever was remembered of earlier ones: the demo and the login are not in them.
        if "personas.0001_initial" in manage("migrate", "The database could not be made ready."):
            shutil.rmtree(stamps, ignore_errors=True)

    once(
        "Database",
        migrate,
        inputs=[ROOT / "requirements.txt", *ROOT.glob("*/migrations")],
        # A database of one's own may have been emptied meanwhile: looked at every time.
        facts=[str(sqlite) if sqlite else time.time()],
        makes=[sqlite] if sqlite else [],
    )
    once(
        "Page files",
        lambda: manage("collectstatic --noinput --clear", "The page's files could not be gathered."),
        inputs=[ROOT / "requirements.txt", ROOT / "static"],
        makes=[data / "static"],
    )
    once(
        "Demo",
        lambda: manage("load_demo", "The demo could not be loaded."),
        inputs=[*(ROOT / "demo").glob("*.json"), ROOT / "demo" / "documents"],
        facts=[settings.get("DATABASE_URL")],
    )
    once(
        "Staff login",
        lambda: steps.run([PYTHON, "-m", "demo.staff"], "The staff login could not be made.", environment=surroundings),
        facts=[settings.get("DATABASE_URL")],
    )


def greet(settings, ports, data, notes):
    """Where to go and how to get in."""
    site, login = settings["PUBLIC_URL"].rstrip("/"), data / "staff-login"
    password = f"password {login.read_text().strip()} until you change it" if login.is_file() else "with your password"
    voice = "the local stand-in, no account needed" if "the stand-in" in ports else settings.get("ELEVENLABS_URL")
    steps.say(f"  Talk to an advisor   {site}/")
    steps.say(f"  Staff                {site}/admin/   user staff, {password}")
    steps.say(f"  Voice                {voice or 'ElevenLabs, with your key'}")
    steps.say(f"  Logs                 {site_relative(data / 'log')}/")
    for note in notes:
        steps.say(f"\n  Note: {note}")
    steps.say("\nCtrl-C stops it.")


def site_relative(path):
    """The path as one would type it here."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def watch(site):
    """Stay until somebody ends us. Raises Problem when a program ends by itself."""
    while True:
        site.check()
        time.sleep(0.5)


if __name__ == "__main__":
    main()
