"""Whether a file that git keeps holds a secret that opens something."""

import re
import subprocess

from demo.steps import ROOT

START = r"(?<![A-Za-z0-9_-])"
SECRETS = {
    "an ElevenLabs key": rf"{START}sk_[A-Za-z0-9]{{10,}}",
    "an OpenAI or Anthropic key": rf"{START}sk-[A-Za-z0-9_-]{{16,}}",
    "a webhook's secret": rf"{START}wsec_\w{{8,}}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an AWS key": rf"{START}(AKIA|ASIA)[0-9A-Z]{{16}}",
    "a Slack token": rf"{START}xox[abeprs]-[A-Za-z0-9-]{{10,}}",
    "a chat's webhook": r"hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "a GitHub token": rf"{START}(gh[opsur]_[A-Za-z0-9]{{30,}}|github_pat_\w{{30,}})",
    "a Google key": rf"{START}AIza[A-Za-z0-9_-]{{35}}",
    "an npm or PyPI token": rf"{START}(npm_[A-Za-z0-9]{{36}}|pypi-AgE\w{{20,}})",
    "a signed token": rf"{START}eyJ[A-Za-z0-9_-]{{10,}}\.eyJ[A-Za-z0-9_-]{{10,}}\.[A-Za-z0-9_-]+",
    # In a page PASSWORD, or the word itself, stands for one.
    "a password in an address": r"[a-z]\w+://[^\s/:@\"'{}$]+:(?!(?i:password)@)[^\s/@\"'{}$]+@",
}
ANY = re.compile("|".join(f"(?P<_{number}>{pattern})" for number, pattern in enumerate(SECRETS.values())))
FILES = re.compile(r"(^|/)(\.env(\.(?!example)\w+)?|id_(rsa|ed25519|ecdsa)|.+\.(pem|key|p12|pfx|jks|keystore))$")
# What looks like one and opens nothing: of tests, and of sentences that show the form.
FIXTURES = {
    "sk_0123456789", "wsec_of_the_tests_0123456789", "wsec_of_the_benchmark_0123456789", "wsec_of_the_test",
    "wsec_of_another_webhook", "wsec_guess_of_a_stranger", "wsec_somebody_else", "wsec_the_new_one",
    "http://user:word@", "https://user:hunter2@", "https://a:b@",
    "postgres://postgres:secret@",
}  # fmt: skip


def complaints():
    """File and line of everything in git's keeping that looks like a secret. What it is, is not repeated whole."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if FILES.search(name):
            yield f"{name}: a file of this name holds secrets; take it out of git, and make them anew"
        if (ROOT / name).is_file() and name != "tests/audit/leaks.py":
            yield from (
                f"{name}, line {line}: {said}"
                for line, said in found((ROOT / name).read_bytes().decode(errors="replace"))
            )


def found(text):
    """(line, sentence) of everything in a text that looks like a secret and is no fixture."""
    kinds = list(SECRETS)
    for number, line in enumerate(text.splitlines(), 1):
        for match in ANY.finditer(line) if len(line) < 20_000 else ():
            if match[0] not in FIXTURES:
                kind = kinds[int(match.lastgroup.strip("_"))]
                yield (
                    number,
                    (
                        f"this looks like {kind} ({match[0][:8]}…). A true one: take it out and make it anew, it is known now. "
                        "Of a test: name it in FIXTURES of tests/audit/leaks.py"
                    ),
                )
