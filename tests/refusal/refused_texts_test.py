"""Names, owners, reasons and ids that would lie where they are shown: refused, character by character."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from refusal_case import ADMIN, GOOD, INVALID, REFUSED, RefusalCase  # noqa: E402

# Written out: the test must not ask the code under test which characters are bad.
CONTROL = [chr(code) for code in [*range(0x00, 0x20), *range(0x7F, 0xA0)]]
BIDI = list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_BREAKS = list("\n\v\f\r\x85\u2028\u2029")
INVISIBLE = list("\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u2060\u2061\u3164\ufeff\uffa0\ufff9\ufffe\uffff") + [
    "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0100"]
SPACES = list(" \u00a0\u1680\u2000\u2007\u200a\u202f\u205f\u3000")
BAD_CHARACTERS = CONTROL + BIDI + LINE_BREAKS + INVISIBLE
TEXTS = ("name", "owner", "team", "description")

# JSON that carries bytes or escapes which are no UTF-8 or no character; such a connection cannot be trusted further.
NOT_UTF8 = (b"\x80", b"\xff", b"\xc3", b"\xc3\x28", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xed\xa0\x80",
            b"\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82")
NO_CHARACTER = (rb"\ud800", rb"\udc00", rb"\ud800\ud800", rb"\ud800x", rb"\u12", rb"\x41", rb"\q")


class Texts(RefusalCase):
    def test_every_control_bidi_line_breaking_and_invisible_character_is_refused_in_a_name(self):
        for character in BAD_CHARACTERS:
            for name in (f"left{character}right", f"{character}right", f"left{character}", character):
                with self.subTest(repr(name)):
                    self.assert_refused("CreateKey", GOOD | {"name": name}, "name", f"U+{ord(character):04X}")

    def test_every_text_of_a_key_is_held_to_the_same_rule(self):
        for field in TEXTS:
            for character in ("\0", "\x1b", "\n", "\x9b", "\u202e", "\u2028", "\u200b", "\ufeff"):
                with self.subTest(f"{field} {character!r}"):
                    self.assert_refused("CreateKey", GOOD | {field: f"a{character}b"}, field)

    def test_an_escape_in_json_is_no_way_around_the_rule(self):
        for escape in (rb"\u0000", rb"\u001b", rb"\n", rb"\u202e", rb"\u2028", rb"\ufeff", rb"\udb40\udc01"):
            with self.subTest(escape):
                self.admin.send_raw(b'{"method":"%sCreateKey","parameters":{"name":"a%sb","scopes":[]}}\0'
                                    % (ADMIN.encode(), escape))
                self.assertEqual(self.admin.receive()["error"], REFUSED)

    def test_a_text_that_begins_or_ends_with_a_space_is_refused(self):
        for space in SPACES:
            for name in (space, f"{space}name", f"name{space}"):
                with self.subTest(repr(name)):
                    self.assert_refused("CreateKey", GOOD | {"name": name}, "name", "space")

    def test_an_empty_name_is_refused_and_says_what_is_accepted(self):
        self.assert_refused("CreateKey", GOOD | {"name": ""}, "name", "empty", "128")

    def test_texts_are_measured_in_bytes_and_one_too_many_is_refused(self):
        for field, most in (("name", 128), ("owner", 128), ("team", 128), ("description", 1024)):
            for text in ("x" * (most + 1), "\u00e9" * (most // 2) + "x", "\U0001f511" * (most // 4) + "x", "x" * 60000):
                with self.subTest(f"{field} {len(text)}"):
                    self.assert_refused("CreateKey", GOOD | {field: text}, field, str(most))

    def test_the_longest_texts_and_letters_of_any_script_are_accepted(self):
        for texts in ({"name": "\U0001f511" * 32, "owner": "x" * 128, "team": "\u00e9" * 64, "description": "d" * 1024},
                      {"name": "\u043a\u043b\u044e\u0447 \u2013 \u9375 \u0645\u0641\u062a\u0627\u062d"},
                      {"name": "\"<&>'\\/ $(id) `id` %n {}"}):
            record = self.admin.call(ADMIN + "CreateKey", **GOOD | texts)["record"]
            for field, text in texts.items():
                self.assertEqual(record[field], text)
            self.accept_changes()

    def test_a_reason_for_a_revocation_is_held_to_the_rule_and_a_refused_one_revokes_nothing(self):
        for reason in ("line\nbreak", "\u202edesrever", "x" * 129, " "):
            with self.subTest(repr(reason)):
                self.assert_refused("RevokeKey", {"key_id": self.key_id, "reason": reason}, "reason")

    def test_request_ids_are_held_to_the_rule(self):
        for request_id in ("x" * 65, "\u00e9" * 33, "a\nb", "a\0b", "\u2028", " a"):
            for method, parameters in (("CreateKey", GOOD), ("RotateKey", {"key_id": self.key_id})):
                with self.subTest(f"{method} {request_id!r}"):
                    self.assert_refused(method, parameters | {"request_id": request_id}, "request_id")

    def test_invalid_utf8_ends_its_own_connection_and_no_other(self):
        with self.daemon.verifier() as bystander:
            for path, method in ((self.daemon.admin_socket, ADMIN + "CreateKey"),
                                 (self.daemon.verify_socket, "io.claviger.Verify.Verify")):
                for bad in NOT_UTF8 + NO_CHARACTER:
                    with self.subTest(f"{path} {bad}"):
                        self.assert_closed(path, b'{"method":"%s","parameters":{"name":"a%sb"}}\0'
                                           % (method.encode(), bad))
            self.assertTrue(bystander.call("io.claviger.Verify.Verify", key=self.key)["valid"])

    def assert_closed(self, path, data):
        with type(self.admin)(path) as peer:
            peer.send_raw(data)
            self.assertIsNone(peer.receive())

    def test_a_refused_text_comes_back_only_as_a_description_of_its_fault(self):
        hostile = "\x1b]0;owned\a" + "</script>"
        error = self.refusal("CreateKey", GOOD | {"name": hostile})
        self.assertNotIn("owned", json.dumps(error.parameters))
        self.assertTrue(error.parameters["message"].isprintable())

    def test_unknown_parameter_names_are_named_in_the_error_whatever_they_hold(self):
        for name in ("nmae", " ", "\u202e", "name\0", "x" * 3000):
            with self.subTest(repr(name[:20])):
                error = self.refusal("CreateKey", GOOD | {name: "x"})
                self.assertEqual((error.name, error.parameters), (INVALID, {"parameter": name}))


if __name__ == "__main__":
    unittest.main(verbosity=2)
