"""Calls that are well-formed but ask for what must not be: each gets a clear error, and nothing has changed."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from key_string import with_wrong_secret  # noqa: E402

CREATE = "io.claviger.Admin.CreateKey"
GOOD = {"name": "good", "scopes": ["read:policies:admin"]}
REFUSED = "io.claviger.Admin.Refused"
MANY_SCOPES = [f"read:thing-{number}:many" for number in range(257)]
INVALID = "org.varlink.service.InvalidParameter"


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(start=False)
        with open(os.path.join(cls.daemon.scopes_directory, "many.toml"), "w", encoding="utf-8") as file:
            file.writelines(f'[[scope]]\nname = "{name}"\nsummary = "One of many"\n' for name in MANY_SCOPES)
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.daemon.start()

    def setUp(self):
        self.admin = self.enterContext(self.daemon.admin())
        self.before = self.everything()
        self.addCleanup(self.check_nothing_changed)

    def everything(self):
        with self.daemon.admin() as admin:
            return (admin.call("io.claviger.Admin.ListKeys", limit=500),
                    admin.call("io.claviger.Admin.ListAudit", limit=500))

    def check_nothing_changed(self):
        self.assertEqual(self.everything(), self.before)

    def refusal(self, method, **parameters):
        with self.assertRaises(VarlinkError, msg=f"{method} {parameters}") as refused:
            self.admin.call(method, **parameters)
        return refused.exception

    def refused_with(self, name, method, parameters, *texts):
        error = self.refusal(method, **parameters)
        self.assertEqual(error.name, name, error)
        for text in texts:
            self.assertIn(text, str(error.parameters))

    def test_bad_names(self):
        for name in ("", "x" * 129, "\u00e9" * 65, "tab\there", "line\nbreak", "nul\0here", "bell\a", "del\x7f",
                     "\u202eevil", "a\u2028b", " leading", "trailing "):
            with self.subTest(repr(name)):
                self.refused_with(REFUSED, CREATE, GOOD | {"name": name}, "name")

    def test_names_of_128_bytes_are_not_refused(self):
        key_id = self.admin.call(CREATE, **GOOD | {"name": "\u00e9" * 64})["record"]["key_id"]
        self.admin.call("io.claviger.Admin.RevokeKey", key_id=key_id)
        self.before = self.everything()

    def test_bad_texts_elsewhere(self):
        for field in ("owner", "team", "description", "unscoped_reason"):
            with self.subTest(field):
                self.refused_with(REFUSED, CREATE, GOOD | {field: "line\nbreak"})

    def test_unknown_scopes(self):
        self.refused_with(REFUSED, CREATE, GOOD | {"scopes": ["read:policy:admin"]}, "read:policies:admin")
        self.refused_with(REFUSED, CREATE, GOOD | {"scopes": ["read:policies:admin", "read:nothing-like-it:x"]})

    def test_malformed_scopes(self):
        for scope in ("", "read", "read:", ":policies:admin", "manage:policies:admin", "read:Policies:admin",
                      "read:policies:admin:more", "read policies", "read:policies:", "read:" + "x" * 300):
            with self.subTest(scope):
                self.refused_with(REFUSED, CREATE, GOOD | {"scopes": [scope]})

    def test_no_scopes_and_no_reason(self):
        self.refused_with(REFUSED, CREATE, {"name": "good"})
        self.refused_with(REFUSED, CREATE, {"name": "good", "scopes": []})

    def test_keys_without_scopes_where_the_policy_forbids_them(self):
        self.refused_with(REFUSED, CREATE, {"name": "good", "unscoped_reason": "because"})

    def test_too_many_scopes(self):
        self.refused_with(REFUSED, CREATE, GOOD | {"scopes": MANY_SCOPES}, "256")

    def test_too_many_scopes_in_one_verification(self):
        with self.daemon.verifier() as verifier:
            with self.assertRaises(VarlinkError) as refused:
                verifier.call("io.claviger.Verify.Verify", key="any", scopes=MANY_SCOPES[:65])
            self.assertEqual((refused.exception.name, refused.exception.parameters), (INVALID, {"parameter": "scopes"}))
            self.assertFalse(verifier.call("io.claviger.Verify.Verify", key="any", scopes=MANY_SCOPES[:64])["valid"])

    def test_addresses_that_are_none(self):
        with self.daemon.verifier() as verifier:
            for address in ("", "localhost", "256.0.0.1", "1.2.3", "::1%lo", "1" * 60):
                with self.subTest(address), self.assertRaises(VarlinkError) as refused:
                    verifier.call("io.claviger.Verify.Verify", key="any", remote_address=address)
                self.assertEqual(refused.exception.parameters, {"parameter": "remote_address"})

    def test_bad_expiries(self):
        for expiry in ("2020-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                       "292277026596-12-04T15:30:08Z", "tomorrow", "2026-13-01T00:00:00Z", "2027-02-30T00:00:00Z", ""):
            with self.subTest(expiry):
                self.assertIn(self.refusal(CREATE, **GOOD | {"expires_at": expiry}).name, (REFUSED, INVALID))

    def test_bad_lifetimes(self):
        for lifetime in (0, -1, 365 * 86400 + 1, 2**31, 2**62, 2**63 - 1, -2**63):
            with self.subTest(lifetime):
                self.assertIn(self.refusal(CREATE, **GOOD | {"lifetime": lifetime}).name, (REFUSED, INVALID))

    def test_numbers_that_are_no_integers_of_64_bits(self):
        for lifetime in (2**63, 1.5, "60", True):
            with self.subTest(lifetime):
                self.refused_with(INVALID, CREATE, GOOD | {"lifetime": lifetime}, "lifetime")

    def test_an_expiry_and_a_lifetime_together(self):
        self.assertIn(self.refusal(CREATE, **GOOD | {"lifetime": 60, "expires_at": "2999-01-01T00:00:00Z"}).name,
                      (REFUSED, INVALID))

    def test_unknown_missing_and_mistyped_parameters(self):
        self.refused_with(INVALID, CREATE, GOOD | {"nmae": "x"}, "nmae")
        self.refused_with(INVALID, CREATE, {"scopes": GOOD["scopes"]}, "name")
        self.refused_with(INVALID, CREATE, GOOD | {"name": 1}, "name")
        self.refused_with(INVALID, CREATE, GOOD | {"scopes": "read:policies:admin"}, "scopes")
        self.refused_with(INVALID, CREATE, GOOD | {"scopes": [1]}, "scopes")
        self.refused_with(INVALID, "io.claviger.Admin.GetStatus", {"verbose": True}, "verbose")

    def test_methods_and_interfaces_that_do_not_exist(self):
        self.refused_with("org.varlink.service.MethodNotFound", "io.claviger.Admin.MakeKey", {})
        self.refused_with("org.varlink.service.InterfaceNotFound", "io.example.Other.Method", {})

    def test_management_on_the_verify_socket(self):
        with self.daemon.verifier() as verifier, self.assertRaises(VarlinkError):
            verifier.call(CREATE, **GOOD)

    def test_keys_that_do_not_exist(self):
        for method in ("GetKey", "RotateKey", "RevokeKey"):
            for key_id in ("0" * 17, "", "x", "0" * 18, "../../etc"):
                with self.subTest(f"{method} {key_id}"):
                    self.assertIn(self.refusal(f"io.claviger.Admin.{method}", key_id=key_id).name,
                                  ("io.claviger.Admin.KeyNotFound", REFUSED, INVALID))

    def test_scopes_that_do_not_exist_are_answered_with_the_nearest(self):
        error = self.refusal("io.claviger.Admin.GetScope", name="read:policy:admin")
        self.assertEqual(error.name, "io.claviger.Admin.ScopeNotFound")
        self.assertEqual(error.parameters["nearest"], "read:policies:admin")

    def test_limits_of_lists(self):
        for limit in (0, -1, 501, 2**63 - 1):
            for method in ("ListKeys", "ListAudit"):
                with self.subTest(f"{method} {limit}"):
                    self.assertIn(self.refusal(f"io.claviger.Admin.{method}", limit=limit).name, (REFUSED, INVALID))


class Guessing(unittest.TestCase):
    def test_a_caller_with_too_many_bad_keys_is_limited_and_good_keys_are_not_locked(self):
        with Daemon(settings={"limits": {"failure_burst": 5, "failures_per_minute": 1}}) as daemon:
            key = daemon.create_key()["key"]
            self.assertTrue(daemon.verify(key)["valid"])
            codes = [daemon.verify(with_wrong_secret(key))["code"] for _ in range(10)]
            self.assertEqual(codes[:5], ["unknown"] * 5)
            self.assertEqual(codes[6:], ["rate_limited"] * 4)
            self.assertTrue(daemon.verify(key)["valid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
