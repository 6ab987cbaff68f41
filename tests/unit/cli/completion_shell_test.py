"""The completions in the shells themselves."""

import os
import subprocess
import tempfile
import unittest

from claviger_command import environment, program, run
from fake_daemon import FakeDaemon, sample_key

BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"


class CompletionTest(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.daemon.add(sample_key(1), sample_key(2))
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        for shell in ("bash", "zsh", "fish"):
            done = run(self.daemon.directory, "completion", shell)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with open(os.path.join(self.folder, shell), "w", encoding="utf-8") as file:
                file.write(done.stdout)

    def shell(self, *command):
        path = os.path.dirname(program()) + ":" + os.environ["PATH"]
        done = subprocess.run(command, text=True, capture_output=True, timeout=60, cwd=self.folder, check=False,
                              env=environment(self.daemon.directory, PATH=path, HOME=self.folder))
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout

    def bash(self, *words, before=f". {BASH_COMPLETION}"):
        # COMP_WORDS as readline makes it: a colon is a word of its own.
        split = []
        for word in words:
            parts = word.split(":")
            split += [piece for part in parts for piece in (part, ":")][:-1]
        quoted = " ".join(f"'{word}'" for word in ["claviger"] + split)
        line = " ".join(["claviger", *words])
        script = (f"{before}\n. ./bash\nCOMP_WORDS=({quoted}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
                  f"COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}\n"
                  "compopt() { :; }\n_claviger\nprintf '%s\\n' \"${COMPREPLY[@]}\"")
        return self.shell("bash", "--norc", "-c", script).split()

    def fish(self, line):
        output = self.shell("fish", "--no-config", "-c", f"source ./fish; complete -C '{line}'")
        return [candidate.split("\t")[0] for candidate in output.splitlines()]

    def zsh(self, line):
        """What zsh shows for TAB, from a zsh in a zsh: its completion only works on a line that is edited."""
        script = r"""
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PROMPT= RPROMPT=; stty columns 200 rows 60; autoload -Uz compinit; compinit -u -D; source ./zsh
bindkey "^I" complete-word; zstyle ":completion:*" list-separator "--"; zstyle ":completion:*" menu no
LISTMAX=0; setopt no_list_beep; print REA""DY'
while zpty -r z line; do [[ $line == *READY* ]] && break; done
zpty -w -n z "$1"$'\t\t'
zpty -w -n z $'\C-aprint -r -- \C-e; print DO""NE\n'
while zpty -r -t z line || sleep 0.05; do print -r -- $line; [[ $line == *DONE* ]] && break; done
zpty -d z
"""
        return self.shell("zsh", "-f", "-c", script, "zsh", line)

    def test_bash_completes_commands_options_and_values(self):
        self.assertIn("completion", self.bash("com"))
        self.assertIn("help", self.bash(""))
        self.assertEqual(self.bash("key", "cr"), ["create"])
        self.assertIn("--expires", self.bash("key", "create", "--"))
        self.assertIn("--socket-directory", self.bash("key", "create", "--"))
        self.assertNotIn("--grace", self.bash("key", "create", "--"))
        self.assertEqual(self.bash("key", "list", "--state", "re"), ["revoked"])
        self.assertEqual(self.bash("key", "list", "--sort", "-l"), ["-last_used"])
        self.assertEqual(self.bash("scope", "list", "--sort", "-d"), ["-domain"])
        self.assertEqual(self.bash("--socket-directory", "/x", "key", "sh"), ["show"])
        self.assertEqual(self.bash("completion", "z"), ["zsh"])
        self.assertEqual(self.bash("status", "--js"), ["--json"])

    def test_bash_completes_from_the_daemon(self):
        self.assertEqual(self.bash("key", "show", ""), ["00000000000000001", "00000000000000002"])
        self.assertEqual(self.bash("key", "create", "--scope", "wr"), ["write:policies:admin"])
        self.assertEqual(self.bash("key", "list", "--scope", "wr"), ["write:policies:admin"])
        self.assertEqual(self.bash("scope", "list", "--bundle", ""), ["read-only"])
        self.assertEqual(self.bash("key", "create", "--scope", "read:pol"), ["policies:admin"])

    def test_bash_completes_without_its_completion_library(self):
        self.assertEqual(self.bash("key", "cr", before=":"), ["create"])
        self.assertIn("--expires", self.bash("key", "create", "--ex", before=":"))

    def test_bash_completes_files(self):
        self.assertEqual(self.bash("key", "verify", "--key-file", "ba"), ["bash"])
        self.assertEqual(self.bash("report-leak", "ba"), ["bash"])

    def test_further_arguments_are_completed_where_there_can_be_several(self):
        self.assertEqual(self.bash("report-leak", "x", "ba"), ["bash"])
        self.assertIn("bash", self.fish("claviger report-leak x ba"))
        self.assertEqual(self.bash("key", "revoke", "x", "--yes", ""), ["00000000000000001", "00000000000000002"])
        self.assertEqual(self.fish("claviger key pause x 0"), ["00000000000000001", "00000000000000002"])
        self.assertEqual(self.bash("completion", "bash", "z"), [])

    def test_fish_completes_commands_options_and_values(self):
        self.assertIn("completion", self.fish("claviger com"))
        self.assertEqual(self.fish("claviger key cr"), ["create"])
        self.assertIn("--expires", self.fish("claviger key create --"))
        self.assertNotIn("--grace", self.fish("claviger key create --"))
        self.assertEqual(self.fish("claviger key list --state re"), ["revoked"])
        self.assertEqual(self.fish("claviger scope list --sort su"), ["summary"])
        self.assertEqual(self.fish("claviger scope list --bundle re"), ["read-only"])
        self.assertEqual(self.fish("claviger --socket-directory /x key sh"), ["show"])
        self.assertEqual(self.fish("claviger completion z"), ["zsh"])
        self.assertEqual(self.fish("claviger key show "), ["00000000000000001", "00000000000000002"])
        self.assertEqual(self.fish("claviger key create --scope read:pol"), ["read:policies:admin"])
        self.assertIn("bash", self.fish("claviger key verify --key-file ba"))

    def test_zsh_completes_commands_options_and_values(self):
        self.assertIn("key create", self.zsh("claviger key cr"))
        self.assertIn("--unscoped-reason", self.zsh("claviger key create --"))
        self.assertIn("revoked", self.zsh("claviger key list --state re"))
        self.assertIn("summary", self.zsh("claviger scope list --sort su"))
        self.assertIn("last_used", self.zsh("claviger key list --sort la"))
        self.assertIn("read:policies:admin", self.zsh("claviger scope show read:pol").replace("\\", ""))

    def test_zsh_finds_the_completion_in_its_path(self):
        os.rename(os.path.join(self.folder, "zsh"), os.path.join(self.folder, "_claviger"))
        self.assertEqual(self.shell("zsh", "-f", "-c", "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; "
                                    "print $_comps[claviger]"), "_claviger\n")

    def test_an_unknown_shell_is_refused(self):
        done = run(self.daemon.directory, "completion", "bsh")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean: claviger completion bash", done.stderr)


if __name__ == "__main__":
    unittest.main()
