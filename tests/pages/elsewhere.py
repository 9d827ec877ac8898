"""What a page may tell somebody to run that cannot run here, and what is checked of it instead.

A program that stands neither here nor in ``PROGRAMS`` of checking.py must be on this machine, so that its own help can be asked.
"""

import re

import yaml

from tests.conftest import ROOT

SERVICES = set(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])
UNITS = {file.name for file in (ROOT / "config/deploy/systemd").iterdir()}
# Programs of the system, and how Debian and Ubuntu name them.
SYSTEM_UNITS = {"postgresql", "redis", "redis-server", "valkey-server", "nginx", "prometheus", "grafana-server"}
PACKAGES = {
    "git", "make", "python3", "python3-venv", "postgresql", "redis-server", "valkey", "nginx", "docker.io", "curl", "espeak-ng",
    "docker-compose-v2", "postgresql-client", "chromium", "flite", "certbot", "python3-certbot-nginx", "rsync", "npm",
}  # fmt: skip

COMPOSE = {  # subcommand → the options that a page may use
    "up": "-d --build --wait --no-deps --no-recreate --force-recreate --scale",
    "down": "",
    "exec": "-T -u -e",
    "run": "--rm --no-deps -T -e -v",
    "ps": "-a -q",
    "logs": "-f --tail --since",
    "build": "--pull --no-cache",
    "pull": "",
    "stop": "-t",
    "start": "",
    "restart": "--no-deps",
    "kill": "-s",
    "cp": "",
    "config": "-q --services",
}
WITH_A_VALUE = {"-u", "-e", "-v", "--tail", "--since", "--scale", "-t", "-s", "-f", "-n", "--profile"}
SYSTEMCTL = {
    "start",
    "stop",
    "restart",
    "reload",
    "enable",
    "disable",
    "status",
    "daemon-reload",
    "is-active",
    "try-restart",
}

# Of these the options are looked up in this table alone: not every machine has them, and none should be reached from a test.
OPTIONS = {
    "apt": "-y --no-install-recommends",
    "apt-get": "-y --no-install-recommends",
    "adduser": "--system --group --home --disabled-password --shell --no-create-home --gecos",
    "certbot": "certonly --nginx --webroot -w -d -m --agree-tos --deploy-hook",
    "crontab": "-e -l -u",
    "gpg": "--encrypt --decrypt --recipient --output -o -r -e -d --symmetric --batch --passphrase-file",
    "journalctl": "-u -f -n --since --until -o -e --no-pager",
    "nginx": "-t -s",
    "npm": "ci install run audit --omit=dev --no-audit --no-fund",
    "openssl": "dgst rand req x509 -sha256 -hmac -hex -base64 -x509 -newkey -nodes -days -subj -keyout -out",
    "promtool": "check test config rules",
    "redis-cli": "-h -p -u -n --raw --scan --pattern --rdb -a",
    "rsync": "-a -v -z --delete --exclude -e --link-dest --archive",
    "scp": "-p -P -r -i",
    "ssh": "-L -N -p -i -f",
    "systemd-analyze": "verify calendar",
    "useradd": "--system --home-dir --create-home --shell -r -m -d -s",
    "valkey-cli": "-h -p -u -n --raw --scan --pattern --rdb -a",
}


def docker(words):
    """(complaints, the words that run inside a container or None)."""
    if words[1:2] != ["compose"]:
        return [f"`docker {' '.join(words[1:2])}` is not known; add it to tests/pages/elsewhere.py"], None
    rest, _ = skip_options(words[2:], {"-f", "--profile"})
    verb, rest = (rest or [""])[0], rest[1:]
    if verb not in COMPOSE:
        return [f"`docker compose {verb}` is not known; add it to COMPOSE in tests/pages/elsewhere.py"], None
    rest, options = skip_options(rest)
    wrong = [f"`docker compose {verb}` has no {option} in tests/pages/elsewhere.py" for option in options
             if option not in COMPOSE[verb].split()]  # fmt: skip
    if verb in ("exec", "run"):
        inside = rest[1:] or None
        named = rest[:1]
    else:
        inside, named = None, [word for word in rest if not word.startswith("-") and "=" not in word]
    if verb == "cp":
        named = [word.partition(":")[0] for word in rest if ":" in word]
    wrong += [f"compose.yaml has no service {name}; there are {', '.join(sorted(SERVICES))}"
              for name in named if name not in SERVICES and not name.startswith("$")]  # fmt: skip
    return wrong, inside


def skip_options(words, known=WITH_A_VALUE):
    """The words after the leading options, and those options."""
    options, rest = [], list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        options.append(option.partition("=")[0])
        if option in known and rest:
            rest.pop(0)
    return rest, options


def systemctl(words):
    rest = [word for word in words[1:] if not word.startswith("-")]
    if not rest or rest[0] not in SYSTEMCTL:
        return [f"`systemctl {' '.join(rest[:1])}` is not known; add it to SYSTEMCTL in tests/pages/elsewhere.py"]
    return [wrong for name in rest[1:] for wrong in unit(name)]


def journalctl(words):
    named = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "-u"]
    return table(words) + [wrong for name in named for wrong in unit(name)]


def unit(name):
    full = name if re.search(r"\.(service|timer)$", name) else f"{name}.service"
    if "*" in name or full in UNITS or full.removesuffix(".service") in SYSTEM_UNITS:
        return []
    return [f"config/deploy/systemd has no unit {full}; there are {', '.join(sorted(UNITS))}"]


def apt(words):
    rest = [word for word in words[1:] if not word.startswith("-")]
    if rest[:1] not in (["install"], ["update"]):
        return [f"`{words[0]} {' '.join(rest[:1])}` is not known; a page may use install and update"]
    unknown = [name for name in rest[1:] if name not in PACKAGES]
    return table([words[0], *(word for word in words[1:] if word.startswith("-"))]) + [
        f"add the package {name} to PACKAGES in tests/pages/elsewhere.py, if Debian has it" for name in unknown
    ]


def table(words):
    """Every option of the command stands in OPTIONS."""
    known = OPTIONS[words[0]].split()
    used = [
        word.partition("=")[0] if word not in known else word for word in words[1:] if re.match(r"--?[a-zA-Z]", word)
    ]
    wrong = [
        option for option in used if option not in known and not all(f"-{letter}" in known for letter in option[1:])
    ]
    return [f"`{words[0]} {option}` is not known; add it to OPTIONS in tests/pages/elsewhere.py" for option in wrong]
