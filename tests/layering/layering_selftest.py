"""Checks that the layering test finds what it must find."""

import unittest

import layering_test as layering


class Includes(unittest.TestCase):
    def messages(self, path, text):
        return [message for _, message in layering.include_violations(path, text)]

    def test_downwards_is_allowed(self):
        self.assertEqual(self.messages("daemon/api/x.cc", '#include "daemon/store/statement.h"\n#include <vector>\n'), [])
        self.assertEqual(self.messages("hsm/worker/main.cc", '#include "hsm/frame.h"\n#include "base/result.h"\n'), [])
        self.assertEqual(self.messages("daemon/main.cc", '#include "daemon/server/server.h"\n'), [])

    def test_upwards_is_refused(self):
        for path, header in [("base/x.cc", "protocol/reply.h"), ("daemon/keys/x.h", "daemon/store/statement.h"),
                             ("daemon/server/x.cc", "daemon/api/session.h"), ("cli/x.cc", "hsm/uri.h"),
                             ("cli/x.cc", "daemon/store/statement.h"), ("daemon/config.cc", "daemon/api/session.h"),
                             ("daemon/api/x.cc", "daemon/config.h"), ("hsm/x.cc", "daemon/main.h")]:
            self.assertEqual(len(self.messages(path, f'#include "{header}"\n')), 1, f"{path} {header}")

    def test_paths_not_from_the_root_are_refused(self):
        self.assertEqual(len(self.messages("base/x.cc", '#include "result.h"\n')), 1)
        self.assertEqual(len(self.messages("base/x.cc", '#include "tests/lib/x.h"\n')), 1)

    def test_the_line_is_named(self):
        self.assertEqual(layering.include_violations("base/x.cc", '\n  #  include "cli/x.h"\n')[0][0], 2)

    def test_a_folder_outside_the_layers_is_refused(self):
        self.assertEqual(len(self.messages("daemon/extra/x.cc", "")), 1)


class Sizes(unittest.TestCase):
    def test_a_function_of_61_lines_is_found(self):
        body = "  f();\n" * 59
        for head in ["int F(int a) {", "int A::F() const {", "A::A(int a)\n    : a_(a) {"]:
            self.assertEqual(len(layering.long_cpp_functions(f"{head}\n{body}}}\n")), 1, head)

    def test_a_function_of_60_lines_is_allowed(self):
        body = "  f();\n" * 58
        self.assertEqual(layering.long_cpp_functions(f"int F(int a) {{\n{body}}}\n"), [])

    def test_a_long_namespace_or_class_is_allowed(self):
        body = "  int f();\n" * 80
        self.assertEqual(layering.long_cpp_functions(f"namespace a {{\n{body}}}\nclass A : B<int()> {{\n{body}}};\n"), [])

    def test_a_long_python_function_is_found(self):
        self.assertEqual(len(layering.long_python_functions("def f():\n" + "    g()\n" * 60)), 1)
        self.assertEqual(layering.long_python_functions("def f():\n" + "    g()\n" * 59), [])

    def test_a_file_of_401_lines_is_found(self):
        self.assertEqual(len(layering.size_violations("a.sh", "true\n" * 401)), 1)
        self.assertEqual(layering.size_violations("a.sh", "true\n" * 400), [])


if __name__ == "__main__":
    unittest.main()
