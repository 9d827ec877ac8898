"""Every command that a page shows is real: it is run where that is cheap and harmless, and taken apart everywhere.

A page's commands stand in blocks that begin with ```sh. What is wrong is named with file and line, and with what to do.
"""

import re
import subprocess

import pytest

from tests.conftest import ROOT
from tests.pages import asking, checking, shell

PAGES = [
    ROOT / "README.md",
    *ROOT.glob("CONTRIBUTING.md"),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "voice/standin/README.md",
]
OURS = re.compile(r"(?:\.venv/bin/)?(?:python(?= manage\.py| -m)|make(?= [a-z]))[^`]+")


def name(page):
    return str(page.relative_to(ROOT))


def commands(page):
    """Of the blocks, and of what stands in a line as `…` and is plainly one of ours."""
    text = page.read_text()
    for language, line, block in shell.blocks(text):
        if language == "sh":
            yield from shell.read(block, line)
    for number, line in enumerate(text.splitlines(), 1):
        for found in re.findall(r"(?<!`)`([^`]+)`", line):
            if OURS.fullmatch(found) and "…" not in found and not line.startswith("make"):
                yield from shell.read(found + "\n", number)


def made(page):
    """Names that the page gives a value for its own later use."""
    text = page.read_text()
    return {
        found for found in re.findall(r"^\s*(?:export )?([A-Za-z_]\w*)=", text, re.MULTILINE) if f"${found}" in text
    }


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_of_a_page_is_one_that_there_is(page):
    wrong = [
        f"{name(page)}, line {command.line}: `{command.text}`: {complaint}"
        for command in commands(page)
        for complaint in checking.complaints(command, made(page))
    ]
    assert wrong == [], "\n".join(["mend the page, or teach tests/pages what is right:", *wrong])


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_setting_that_a_page_names_is_one(page):
    """`LIKE_THIS` or `LIKE_THIS=value` in a line is a setting, or known to OTHER_NAMES."""
    wrong = [
        f"{name(page)}, line {number}: {complaint}"
        for number, line in enumerate(page.read_text().splitlines(), 1)
        for found in re.findall(r"(?<!`)`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", line)
        for complaint in asking.names([found])
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_block_of_commands_is_marked_as_such_and_can_be_read_by_a_shell(page):
    wrong = []
    for language, line, block in shell.blocks(page.read_text()):
        if language in ("bash", "shell", "console", "shell-session", "zsh"):
            wrong.append(f"{name(page)}, line {line - 1}: begin it with ```sh, so that its commands are checked")
        if language == "" and re.search(r"^\s*(\$ |\.venv/|sudo |manage\.py|make |curl )", block, re.MULTILINE):
            wrong.append(f"{name(page)}, line {line - 1}: these look like commands: begin the block with ```sh")
        if language == "sh":
            read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
            wrong += [f"{name(page)}, line {line}: {said}" for said in read.stderr.splitlines()]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("launch-it --now", "`launch-it` is not known"),
        ("$PROGRAM x", "write the program's name"),
        ("make cake", "the Makefile has no target cake"),
        ("NO_SUCH_SETTING=1 make run", "NO_SUCH_SETTING is no setting of .env.example"),
        ("cat >> .env <<'EOF'\nNO_SUCH_SETTING=1\nEOF", "NO_SUCH_SETTING is no setting"),
        (".venv/bin/python manage.py dance", "there is no `manage.py dance`"),
        (".venv/bin/python manage.py sync_agents --quietly", "does not take this"),
        (".venv/bin/python manage.py ask", "does not take this"),
        ("python -m voice.nothing", "has no module voice.nothing"),
        ("python -m voice.words --loudly", "does not know --loudly"),
        ("python -m benchmarks cakes", "there is no benchmark cakes"),
        ("python -m benchmarks soak --cakes 3", "does not know --cakes"),
        ("python -m pytest tests/test_cake.py", "there is no tests/test_cake.py"),
        ("python -m pytest tests/test_pages.py::test_cake", "tests/test_pages.py has no test_cake"),
        ("python -c 'def'", "cannot be read"),
        ("sudo cp config/deploy/cake.conf /etc/nginx/", "there is no config/deploy/cake.conf"),
        ("cp /srv/advisor/config/deploy/cake.conf .", "there is no config/deploy/cake.conf"),
        ("sudo systemctl restart advisor-cake", "has no unit advisor-cake.service"),
        ("systemctl bake advisor-web", "`systemctl bake` is not known"),
        ("journalctl -u advisor-cake -f", "has no unit advisor-cake.service"),
        ("docker compose bake", "`docker compose bake` is not known"),
        ("docker compose exec -T cake ls", "compose.yaml has no service cake"),
        ("docker compose up -d --cake", "`docker compose up` has no --cake"),
        ("docker compose exec web python manage.py dance", "there is no `manage.py dance`"),
        ("sudo -u advisor env SECRET_KEY=x .venv/bin/python manage.py dance", "there is no `manage.py dance`"),
        ("apt-get install -y cake", "add the package cake"),
        ("curl -sS http://localhost:8000/cake", "the site has no address /cake"),
        ("curl --cake http://localhost:8000/healthz", "`curl` says nothing of --cake"),
        ("curl https://cake.example/", "is another site's"),
        ("pg_dump --cake advisor", "`pg_dump` says nothing of --cake"),
        ("for x in 1 2; do ls | grep --cake x; done", "`grep` says nothing of --cake"),
        ("if true; then echo $(date --cake); fi", "`date` says nothing of --cake"),
        ("npm run cake", "package.json has no script cake"),
        ("git bake", "there is no `git bake`"),
        ("bash -c 'if'", "syntax error"),
    ],
)
def test_a_command_that_is_not_is_found(line, sentence):
    found = [complaint for command in shell.read(line + "\n") for complaint in checking.complaints(command)]
    assert [complaint for complaint in found if sentence in complaint], found


@pytest.mark.parametrize(
    "line",
    [
        "sudo -u postgres createuser --pwprompt advisor",
        "tar -xzf backup.tgz -C /srv/advisor && ls -la",
        "docker compose exec -T postgres pg_dump -U advisor advisor | gzip > backup.sql.gz",
        "sudo install -m 0644 config/deploy/systemd/*.service /etc/systemd/system/",
        "PORT=9000 make run",
        "cd /srv/advisor && sudo -u advisor .venv/bin/pip install -c demo/constraints.txt -r requirements.txt",
        "KEY=$(grep ^SECRET_KEY= .env | cut -d= -f2)",
        "printf '%s\\n' \"it's # no comment\" \\\n  'and ; no end'",
    ],
)
def test_a_command_that_is_one_is_let_be(line):
    assert [complaint for command in shell.read(line + "\n") for complaint in checking.complaints(command)] == []


def test_the_commands_inside_a_command_are_found_with_their_lines():
    text = "A=$(date +%s)\n\nfor one in a b; do\n  sudo ls $one \\\n    -l | wc -l\ndone\ncat <<EOF\nmake cake\nEOF\n"
    found = [(command.line, command.words) for command in shell.read(text)]
    assert found == [
        (1, ["date", "+%s"]), (1, []), (4, ["sudo", "ls", "$one", "-l"]), (5, ["wc", "-l"]), (7, ["cat"])
    ]  # fmt: skip


def test_every_other_name_is_read_where_it_is_said():
    read = {known: (ROOT / file).read_text() for known, file in asking.OTHER_NAMES.items() if file}
    assert [known for known, text in read.items() if known not in text] == []
