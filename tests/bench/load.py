"""The generator (load.cc) as a function: runs it and gives its figures."""

import dataclasses
import json
import os
import subprocess

from claviger_harness import build_folder


class WrongAnswer(Exception):
    """A server answered wrongly, or not at all: nothing that was measured counts."""


@dataclasses.dataclass
class Traffic:
    """Some keys, how to ask for them, and what must be answered. Writes what the generator reads into `folder`."""

    folder: str
    groups: list  # of (file of keys, Dialect)

    def arguments(self):
        words = []
        for keys, dialect in self.groups:
            words += ["--keys", keys]
            for option, text in (("--request", dialect.request), ("--expect", dialect.expected)):
                path = os.path.join(self.folder, f"{dialect.name}{option}")
                with open(path, "wb") as file:
                    file.write(text)
                words += [option, path]
        return words + ["--reply", self.groups[0][1].reply]


def load_command(socket, traffic, *, connections=1, depth=1, seconds=None, warm=True, blocking=None, cpu=None, save=None,
                 in_order=False):
    """`seconds`: None asks every request once. `blocking`: by default where there is one connection."""
    words = [os.path.join(build_folder(), "tests", "bench", "load"), "--socket", socket, *traffic.arguments(),
             "--connections", str(connections), "--depth", str(depth)]
    words += ["--once"] if seconds is None else ["--seconds", str(seconds)]
    words += ["--warm"] if warm else []
    words += ["--blocking"] if blocking or (blocking is None and connections == 1) else []
    words += ["--cpu", str(cpu)] if cpu is not None else []
    words += ["--save", save] if save else []
    words += ["--in-order"] if in_order else []
    return words


def run_load(socket, traffic, **options):
    """The generator's figures; WrongAnswer if one answer was not the right one."""
    return figures(subprocess.run(load_command(socket, traffic, **options), capture_output=True, text=True, check=False))


def start_load(socket, traffic, **options):
    """The generator as a process, for finish_load."""
    return subprocess.Popen(load_command(socket, traffic, **options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def finish_load(process):
    stdout, stderr = process.communicate()
    return figures(subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr))


def figures(done):
    if done.returncode != 0:
        raise WrongAnswer(done.stderr.strip() or f"the generator ended with {done.returncode}")
    return json.loads(done.stdout)
