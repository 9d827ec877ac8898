"""Shell text taken apart into its simple commands, as far as pages for people use shell.

Quotes, comments, continued lines, pipes and lists, ``$(…)``, assignments, redirections, here-documents, ``for``, ``if`` and
``while``. What a variable holds is not known: ``$NAME`` stays in its word. Whether the text is right is `bash -n`'s affair.
"""

import re
from dataclasses import dataclass, field

ENDS = {"\n", ";", "&", "|", "(", ")"}
OPENING = {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"}
CLOSING = {"fi", "done", "}", "esac"}
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


@dataclass
class Command:
    """One simple command: the line it begins on, its words without quotes, and what stands around them."""

    line: int
    text: str = ""  # as it stands there
    words: list = field(default_factory=list)
    assigns: dict = field(default_factory=dict)  # NAME=value before the words
    writes: list = field(default_factory=list)  # files that its output goes to
    given: str = ""  # a here-document


class Reader:
    """One pass over a text, letter by letter. ``commands`` are in the order of their beginnings' ends."""

    def __init__(self, text, line=1):
        self.text, self.at, self.line = text, 0, line
        self.commands, self.waiting = [], []  # commands whose here-document comes after this line
        self.start, self.command = 0, Command(line)

    def read(self):
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter in " \t" or self.text.startswith("\\\n", self.at):
                self.skip(2 if letter == "\\" else 1)
            elif letter == "#":
                self.skip(len(self.text[self.at :].partition("\n")[0]))
            elif letter in ENDS:
                self.end(letter)
            elif found := re.compile(r"\d?(>>|>&|>|<<<|<<-|<<|<)(?!\()").match(self.text, self.at):
                self.redirect(found[1], len(found[0]))
            else:
                self.add(self.word())
        self.end("\n")
        return self.commands

    def skip(self, letters):
        self.line += self.text.count("\n", self.at, self.at + letters)
        self.at += letters

    def end(self, letter):
        """A command is over; a closing line break brings the here-documents that were announced on it."""
        if self.command.words or self.command.assigns:
            self.command.text = self.text[self.start : self.at].strip()
            self.commands.append(self.command)
        self.skip(1)
        for command, word in self.waiting if letter == "\n" else []:
            body = self.text[self.at :].partition(f"\n{word}\n")[0]
            command.given = body
            self.skip(len(body) + len(word) + 2)
        if letter == "\n":
            self.waiting = []
        self.start, self.command = self.at, Command(self.line)

    def redirect(self, sign, length):
        self.skip(length)
        while self.text[self.at : self.at + 1] == " ":
            self.skip(1)
        target = self.word()
        if sign in ("<<", "<<-"):
            self.waiting.append((self.command, target))
        elif sign.startswith(">") and not target.isdigit() and target != "/dev/null":
            self.command.writes.append(target)

    def add(self, word):
        command = self.command
        if not command.words and not command.assigns:
            command.line = self.line - word.count("\n")
        if not command.words and (word in OPENING or word in CLOSING):
            self.start = self.at
            return
        if not command.words and ASSIGNMENT.match(word):
            name, _, value = word.partition("=")
            command.assigns[name] = value
            return
        command.words.append(word)

    def word(self):
        """Up to the next space or end, quotes taken off."""
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in ENDS | set(" \t<>"):
            parts.append(self.part())
        return "".join(parts)

    def part(self):
        letter = self.text[self.at]
        if letter == "'":
            return self.upto(self.text.index("'", self.at + 1) + 1)[1:-1]
        if letter == '"':
            return self.quoted()
        if self.text.startswith("$(", self.at):
            return self.inner()
        if self.text.startswith("${", self.at):
            return self.upto(self.text.index("}", self.at) + 1)
        if letter == "\\":
            return self.upto(self.at + 2)[1:].replace("\n", "")
        return self.upto(self.at + 1)

    def upto(self, end):
        taken = self.text[self.at : end]
        self.skip(len(taken))
        return taken

    def quoted(self):
        self.skip(1)
        parts = []
        while self.text[self.at] != '"':
            whole = self.text[self.at] in "\\" or self.text.startswith("$(", self.at)
            parts.append(self.part() if whole else self.upto(self.at + 1))
        self.skip(1)
        return "".join(parts)

    def inner(self):
        """``$(…)``: its commands are commands, too; in the word it stays as `$()`."""
        depth, end = 0, self.at + 1
        quote = ""
        while True:
            letter = self.text[end]
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            else:
                depth += (letter == "(") - (letter == ")")
            end += 1
            if depth == 0 and not quote:
                break
        self.commands += Reader(self.text[self.at + 2 : end - 1], self.line).read()
        self.upto(end)
        return "$()"


def read(text, line=1):
    """The Commands of a text whose first line is that line of its page."""
    return [command for command in Reader(text, line).read() if not is_a_loop(command)]


def is_a_loop(command):
    """`for NAME in WORDS` runs nothing by itself."""
    return command.words[:1] == ["for"]


def blocks(page):
    """(language, first line's number, text) of every fenced block of a page."""
    lines = page.splitlines()
    fences = [number for number, line in enumerate(lines) if re.match(r"\s*(```|~~~)", line)]
    for opening, closing in zip(fences[::2], fences[1::2], strict=False):
        indent = len(lines[opening]) - len(lines[opening].lstrip())
        text = "\n".join(line[indent:] for line in lines[opening + 1 : closing]) + "\n"
        yield lines[opening].strip().strip("`~").strip(), opening + 2, text
