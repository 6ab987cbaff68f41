"""Checks the sources against the layers of doc/design.md, and their sizes against CONTRIBUTING.md.

    layering_test.py SOURCE_FOLDER

Prints each violation as file:line and ends with 1 if there is one.
"""

import ast
import os
import re
import sys

# Each layer and the layers whose headers it may include, besides its own. Only downwards.
LAYERS = {
    "base": [],
    "protocol": ["base"],
    "hsm": ["base"],
    "daemon/keys": ["base"],
    "daemon/store": ["daemon/keys", "base"],
    "daemon/audit": ["daemon/store", "daemon/keys", "base"],
    "daemon/api": ["daemon/audit", "daemon/store", "daemon/keys", "hsm", "protocol", "base"],
    "daemon/server": ["protocol", "base"],
    "daemon/config": ["daemon/keys", "hsm", "base"],
    "daemon": ["daemon/config", "daemon/server", "daemon/api", "daemon/audit", "daemon/store", "daemon/keys", "hsm",
               "protocol", "base"],
    "client": ["protocol", "base"],
    "cli": ["client", "protocol", "base"],
}
# The layer daemon/config shares its folder with the composition root.
CONFIG_FILES = ["accounts", "config", "setting", "setting_check", "setting_members", "setting_names", "setting_text",
                "setting_value"]

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
PRODUCT_FOLDERS = ["base", "protocol", "hsm", "daemon", "client", "cli"]
SIZED_FOLDERS = PRODUCT_FOLDERS + ["tests", "contrib", ".ci"]

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
CONTROL = re.compile(r"\s*(\}?\s*(if|else|for|while|switch|do|catch|try)\b|namespace\b|class\b|struct\b|enum\b|case\b)")


def layer_of(path):
    """The layer of a file, given as a path from the project root; None if it belongs to none."""
    folder, name = os.path.split(path)
    if folder == "daemon" and name.split(".")[0] in CONFIG_FILES:
        return "daemon/config"
    while folder and folder not in LAYERS:
        folder = os.path.dirname(folder)
    return folder if folder in LAYERS and (folder != "daemon" or os.path.dirname(path) == "daemon") else None


def include_violations(path, text):
    """(line, message) for each include that does not point downwards."""
    layer = layer_of(path)
    if layer is None:
        return [(1, "belongs to no layer; move it or add its folder to LAYERS")]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = layer_of(match.group(1))
        if target is None:
            found.append((number, f'includes "{match.group(1)}", which is in no layer; write the path from the root'))
        elif target != layer and target not in LAYERS[layer]:
            found.append((number, f'{layer} may not use {target}: includes "{match.group(1)}"'))
    return found


def long_cpp_functions(text):
    """(line, length) of each function over the limit. Relies on clang-format: a body begins at a line that ends in
    an opening brace and ends at the next closing brace that is indented no deeper."""
    lines = text.splitlines()
    found = []
    for start, line in enumerate(lines):
        if not line.endswith("{") or ")" not in line or CONTROL.match(line):
            continue
        closing = re.compile(r" {0,%d}\}" % (len(line) - len(line.lstrip())))
        end = next((i for i in range(start + 1, len(lines)) if closing.match(lines[i])), start)
        if end - start + 1 > MAX_FUNCTION_LINES:
            found.append((start + 1, end - start + 1))
    return found


def long_python_functions(text):
    return [(node.lineno, node.end_lineno - node.lineno + 1) for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES]


def size_violations(path, text):
    found = []
    length = len(text.splitlines())
    if length > MAX_FILE_LINES:
        found.append((length, f"has {length} lines; split it by noun, at most {MAX_FILE_LINES}"))
    functions = long_python_functions(text) if path.endswith(".py") else long_cpp_functions(text)
    for line, size in functions:
        found.append((line, f"the function has {size} lines; split it, at most {MAX_FUNCTION_LINES}"))
    return found


def sources(root, folders):
    """Paths from `root` of our source files, and of scripts by their first line."""
    for folder in folders:
        for directory, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(directory, name), root)
                if name.endswith((".h", ".cc", ".c", ".py", ".sh")) or "." not in name and is_script(root, path):
                    yield path


def is_script(root, path):
    with open(os.path.join(root, path), "rb") as file:
        return file.read(2) == b"#!"


def unregistered_tests(root):
    """Test files that no CMakeLists.txt of their folder names: they would never run."""
    found = []
    for path in sources(root, ["tests"]):
        if not path.endswith(("_test.py", "_test.cc")):
            continue
        lists = os.path.join(root, os.path.dirname(path), "CMakeLists.txt")
        text = open(lists, encoding="utf-8").read() if os.path.exists(lists) else ""
        name = os.path.basename(path)
        # A loop over names without "_test.py" registers tests too.
        if name not in text and not re.search(rf"\b{name[:-8]}(_test)?\b", text):
            found.append(f"{path}:1: is registered in no CMakeLists.txt beside it")
    return found


def main(root):
    violations = unregistered_tests(root)
    checked = 0
    for path in sources(root, SIZED_FOLDERS):
        checked += 1
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        found = size_violations(path, text)
        if path.split(os.sep)[0] in PRODUCT_FOLDERS and path.endswith((".h", ".cc", ".c")):
            found += include_violations(path, text)
        violations += [f"{path}:{line}: {message}" for line, message in found]
    if checked == 0:
        violations.append(f"{root}: no sources found; name the project's root")
    print("\n".join(violations) if violations else f"{checked} files keep the layers and sizes")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
