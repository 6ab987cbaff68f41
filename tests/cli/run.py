"""Runs scripts of what a person types, against a real daemon, token and database.

    run.py SCRIPT...

A script is lines of text:

    $ command        typed without a terminal, run by bash; $$ runs it on a terminal of 80 columns
    line             then, in order, the lines of its standard output
    ! line           and those of its standard error (on a terminal there is only one stream: plain lines)
    > text           on a terminal: typed, with Enter, once the line before it, a question, has been shown
    >* text          the same where what is typed is not shown
    ? 3              and its exit status; 0 if not given
    # comment        as are empty lines; a line of output that is empty is written as a dot

A line that begins with ~ is a regular expression for the whole line. Its named groups become shell variables for the
commands that follow, and stand as {name} in the lines that follow. "..." is any number of lines. Spaces at the ends
of lines do not count.

Every script has a daemon and an empty folder of its own, where its commands run, with claviger in the PATH.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "unit", "cli")]

from claviger_command import SECONDS, Typed, environment  # noqa: E402
from claviger_harness import Daemon  # noqa: E402

ANY_LINES = "..."


class Mismatch(Exception):
    pass


class Step:
    """One command with what is expected of it."""

    def __init__(self, number, command, terminal):
        self.number = number
        self.command = command
        self.terminal = terminal
        self.output = []
        self.answers = []   # (question, what is typed)
        self.messages = []
        self.status = 0


def parse(path):
    steps = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file.read().splitlines(), 1):
            if line.startswith(("$ ", "$$ ")):
                mark, command = line.split(" ", 1)
                steps.append(Step(number, command, mark == "$$"))
            elif not line or line.startswith("# "):
                continue
            elif line.startswith("? "):
                steps[-1].status = int(line[2:])
            elif line.startswith("! "):
                steps[-1].messages.append("" if line == "! ." else line[2:])
            elif line.startswith((">* ", "> ")):
                mark, text = line.split(" ", 1)
                question = steps[-1].output[-1]
                steps[-1].answers.append((question, text))
                if mark == ">":
                    steps[-1].output[-1] = f"{question} {text}"
            else:
                steps[-1].output.append("" if line == "." else line)
    return steps


def fill_in(text, variables):
    for name, value in variables.items():
        text = text.replace("{" + name + "}", re.escape(value) if text.startswith("~") else value)
    return text


def match_line(expected, line, variables):
    """Whether `line` is as expected; keeps named groups in `variables`."""
    expected = fill_in(expected, variables)
    if not expected.startswith("~"):
        return expected == line
    match = re.fullmatch(expected[1:], line)
    if match:
        variables.update(match.groupdict())
    return bool(match)


def match_lines(expected, lines, variables):
    """The number of `lines` that `expected` takes from their beginning; Mismatch if they differ."""
    at = 0
    for position, text in enumerate(expected):
        if text == ANY_LINES:
            rest = expected[position + 1:]
            if not rest:
                return len(lines)
            while at < len(lines) and not match_line(rest[0], lines[at], variables):
                at += 1
        elif at == len(lines):
            raise Mismatch(f"expected {text!r}, but there is nothing more")
        elif not match_line(text, lines[at], variables):
            raise Mismatch(f"expected {text!r}, but there is {lines[at]!r}")
        else:
            at += 1
    return at


def check(what, expected, text, variables):
    lines = [line.rstrip() for line in text.splitlines()]
    try:
        taken = match_lines(expected, lines, variables)
        if taken < len(lines):
            raise Mismatch(f"there is also {lines[taken]!r}")
    except Mismatch as mismatch:
        raise Mismatch(f"{what}: {mismatch}\n--- all of it:\n{text}---") from None


class Script:
    def __init__(self, daemon, folder):
        self.daemon = daemon
        self.folder = folder
        self.variables = {}

    def environment(self):
        path = os.path.dirname(self.daemon.claviger) + ":" + os.environ["PATH"]
        return dict(self.variables, PATH=path, HOME=self.folder)

    def run(self, step):
        run = self.run_on_terminal if step.terminal else self.run_without
        status = run(step)
        if status != step.status:
            raise Mismatch(f"exit status {status} instead of {step.status}")

    def run_without(self, step):
        done = subprocess.run(["bash", "-c", step.command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=self.folder, timeout=SECONDS, check=False,
                              env=environment(self.daemon.socket_directory, **self.environment()))
        if done.returncode != step.status:
            raise Mismatch(f"exit status {done.returncode} instead of {step.status}\n{done.stdout}{done.stderr}")
        check("standard output", step.output, done.stdout, self.variables)
        check("standard error", step.messages, done.stderr, self.variables)
        return done.returncode

    def run_on_terminal(self, step):
        with Typed(self.daemon.socket_directory, command=["bash", "-c", step.command], cwd=self.folder,
                   **self.environment()) as typed:
            for question, text in step.answers:
                typed.expect(fill_in(question, self.variables))
                typed.type(text + "\n")
            status = typed.wait()
            check("terminal", step.output, typed.plain, self.variables)
            return status


def run_script(path):
    """None, or what went wrong."""
    with Daemon() as daemon, tempfile.TemporaryDirectory() as folder:
        script = Script(daemon, folder)
        for step in parse(path):
            try:
                script.run(step)
            except Mismatch as mismatch:
                return f"{path}:{step.number}: {step.command}\n{mismatch}"
    return None


def main(paths):
    failures = [failure for failure in map(run_script, paths) if failure is not None]
    print("\n".join(failures) if failures else f"{len(paths)} scripts run as they are written")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
