"""What issuers may grant, and to whose keys they may do what."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, HarnessError, VarlinkError  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
DENIED = "org.varlink.service.PermissionDenied"
REFUSED = ADMIN + "Refused"
READ, WRITE, DELETE = "read:policies:admin", "write:policies:admin", "delete:policies:admin"
DAY = 86400
# Ids that no account of a host has. READER and WRITER have ceilings, BARE has none.
READER, WRITER, BARE = 912345, 912346, 912347


def name(uid):
    return f"uid:{uid}"


SETTINGS = {
    "policy": {"unscoped": "allow-with-reason", "wildcards": "allow"},
    "roles": {"admin": ["uid:0"], "issuer": [name(READER), name(WRITER), name(BARE)]},
    "ceiling": [
        {"members": [name(READER), name(WRITER)], "scopes": ["read:*"], "owners": ["self", name(WRITER), "backup"],
         "maximum_lifetime": "10d"},
        {"members": [name(WRITER)], "scopes": [WRITE], "owners": ["backup"], "maximum_lifetime": "1d"},
    ],
}


def setUpModule():
    if os.getuid() != 0:
        raise HarnessError("these tests connect as other users; run them as root")


class Ceilings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(settings=SETTINGS)
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        os.chmod(cls.daemon.root, 0o755)
        os.chmod(cls.daemon.admin_socket, 0o666)

    def setUp(self):
        self.root = self.enterContext(self.daemon.admin())
        self.reader, self.writer, self.bare = (
            self.enterContext(connect_as(self.daemon.admin_socket, uid, uid)) for uid in (READER, WRITER, BARE))

    def assert_refused(self, peer, method, field, **parameters):
        with self.assertRaises(VarlinkError, msg=f"{method} {parameters}") as refused:
            peer.call(ADMIN + method, **parameters)
        error = refused.exception
        self.assertEqual((error.name, error.parameters.get("field")), (REFUSED, field), error)
        return error.parameters["message"]

    def assert_denied(self, peer, method, **parameters):
        with self.assertRaises(VarlinkError, msg=f"{method} {parameters}") as refused:
            peer.call(ADMIN + method, **parameters)
        self.assertEqual((refused.exception.name, refused.exception.parameters), (DENIED, {}))

    def issue(self, peer, **parameters):
        return peer.call(ADMIN + "CreateKey", **{"name": "of an issuer", "scopes": [READ]} | parameters)["record"]

    def version(self, key_id):
        return self.root.call(ADMIN + "GetKey", key_id=key_id)["record"]["version"]

    def test_what_a_ceiling_covers_is_issued_and_previewed(self):
        for parameters in ({"scopes": [READ]}, {"scopes": ["read:*"]}, {"scopes": ["read:*:admin"], "owner": "backup"},
                           {"lifetime": 10 * DAY}):
            self.issue(self.reader, **parameters)
            self.reader.call(ADMIN + "PreviewKey", **{"name": "x", "scopes": [READ]} | parameters)
        self.issue(self.writer, scopes=[WRITE], owner="backup", lifetime=DAY)

    def test_what_no_ceiling_covers_is_refused_with_the_field_and_what_is_allowed(self):
        for parameters, field, says in (({"scopes": [READ, WRITE]}, "scopes", "read:*"),
                                        ({"scopes": ["write:*"]}, "scopes", "read:*"),
                                        ({"owner": "alice"}, "owner", "backup"),
                                        ({"lifetime": 10 * DAY + 5}, "expires_at", "10d"),
                                        ({"scopes": None, "unscoped_reason": "all"}, "unscoped_reason", "admin")):
            for method in ("CreateKey", "PreviewKey"):
                with self.subTest(f"{method} {parameters}"):
                    asked = {"name": "x", "scopes": [READ]} | parameters
                    self.assertIn(says, self.assert_refused(self.reader, method, field, **asked))

    def test_two_ceilings_do_not_add_up(self):
        self.assert_refused(self.writer, "CreateKey", "scopes", name="x", scopes=[READ, WRITE], owner="backup",
                            lifetime=DAY)
        self.assert_refused(self.writer, "CreateKey", "owner", name="x", scopes=[WRITE], lifetime=DAY)
        self.assert_refused(self.writer, "CreateKey", "expires_at", name="x", scopes=[WRITE], owner="backup",
                            lifetime=2 * DAY)

    def test_an_issuer_without_a_ceiling_grants_nothing_and_ends_what_it_owns(self):
        self.assertIn("ceiling", self.assert_refused(self.bare, "CreateKey", "scopes", name="x", scopes=[READ]))
        owned = self.issue(self.root, owner=name(BARE))["key_id"]
        self.assertEqual(self.bare.call(ADMIN + "PauseKeys", key_ids=[owned])["done"], [owned])
        self.assertEqual(self.bare.call(ADMIN + "ResumeKeys", key_ids=[owned])["done"], [owned])
        self.assertEqual(self.bare.call(ADMIN + "RevokeKeys", key_ids=[owned])["done"], [owned])

    def test_an_admin_needs_no_ceiling(self):
        self.issue(self.root, scopes=[DELETE], owner="anyone", lifetime=365 * DAY)

    def test_nobody_widens_a_key_of_their_own_and_everybody_narrows_it(self):
        key_id = self.issue(self.reader, scopes=[READ, "read:orgs:admin"])["key_id"]
        self.assert_refused(self.reader, "EditKey", "scopes", key_id=key_id, scopes=["read:*"])
        self.assert_refused(self.reader, "EditKey", "scopes", key_id=key_id, scopes=["read:*"], dry_run=True)
        self.assertEqual(self.version(key_id), 1)
        edited = self.reader.call(ADMIN + "EditKey", key_id=key_id, scopes=[READ], name="narrower")
        self.assertEqual(edited["lost"], ["read:orgs:admin"])
        self.root.call(ADMIN + "EditKey", key_id=key_id, scopes=[READ, DELETE])

    def test_a_key_for_others_is_widened_within_the_ceiling_only(self):
        key_id = self.issue(self.reader, owner="backup", lifetime=DAY)["key_id"]
        self.reader.call(ADMIN + "EditKey", key_id=key_id, scopes=[READ, "read:orgs:admin"])
        self.assert_refused(self.reader, "EditKey", "scopes", key_id=key_id, scopes=[READ, WRITE])

    def test_a_key_is_given_only_to_those_that_the_ceiling_names(self):
        key_id = self.issue(self.reader)["key_id"]
        self.assert_refused(self.reader, "EditKey", "owner", key_id=key_id, owner="alice")
        self.assertEqual(self.reader.call(ADMIN + "EditKey", key_id=key_id, owner="backup")["record"]["owner"],
                         "backup")

    def test_a_rotation_gives_no_longer_life_than_the_ceiling(self):
        key_id = self.issue(self.reader, owner="backup", lifetime=DAY)["key_id"]
        self.assert_refused(self.reader, "RotateKey", "expires_at", key_id=key_id, lifetime=11 * DAY)
        self.reader.call(ADMIN + "RotateKey", key_id=key_id, lifetime=9 * DAY)

    def test_a_key_that_an_admin_widened_is_not_rotated_by_its_creator(self):
        key_id = self.issue(self.reader, owner="backup")["key_id"]
        self.root.call(ADMIN + "EditKey", key_id=key_id, scopes=[READ, DELETE])
        self.assert_refused(self.reader, "RotateKey", "scopes", key_id=key_id)
        self.assertEqual(self.version(key_id), 2)

    def test_the_keys_of_others_are_closed_to_every_change(self):
        key_id = self.issue(self.reader)["key_id"]
        self.assert_denied(self.writer, "EditKey", key_id=key_id, name="mine now")
        self.assert_denied(self.writer, "EditKey", key_id=key_id, name="mine now", dry_run=True)
        self.assert_denied(self.writer, "RotateKey", key_id=key_id)
        self.assert_denied(self.writer, "RotateKey", key_id=key_id, leaked=True)
        self.assert_denied(self.writer, "RevokeKey", key_id=key_id)
        self.assert_denied(self.writer, "PurgeKeys", key_ids=[key_id])
        self.assert_denied(self.writer, "CreateKey", name="heir", scopes=[READ], replaces=key_id)
        own = self.issue(self.writer)["key_id"]
        for method in ("RevokeKeys", "PauseKeys", "ResumeKeys"):
            reply = self.writer.call(ADMIN + method, key_ids=[key_id])
            self.assertEqual((reply["done"], reply["unchanged"]), ([], []))
            self.assertIn("someone else's", reply["refused"][0]["message"])
        self.assertEqual(self.writer.call(ADMIN + "RevokeKeys", key_ids=[key_id, own])["done"], [own])
        self.assertEqual(self.version(key_id), 1)

    def test_only_who_paused_a_key_or_an_admin_resumes_it(self):
        key_id = self.issue(self.reader)["key_id"]
        self.root.call(ADMIN + "PauseKeys", key_ids=[key_id], reason="under inquiry")
        reply = self.reader.call(ADMIN + "ResumeKeys", key_ids=[key_id])
        self.assertEqual((reply["done"], [entry["key_id"] for entry in reply["refused"]]), ([], [key_id]))
        self.assertEqual(self.root.call(ADMIN + "ResumeKeys", key_ids=[key_id])["done"], [key_id])

    def test_an_admin_takes_over_the_pause_of_an_issuer(self):
        key_id = self.issue(self.reader)["key_id"]
        self.reader.call(ADMIN + "PauseKeys", key_ids=[key_id], reason="mine")
        self.assertEqual(self.root.call(ADMIN + "PauseKeys", key_ids=[key_id], reason="under inquiry")["done"],
                         [key_id])
        self.assertEqual(self.reader.call(ADMIN + "PauseKeys", key_ids=[key_id])["unchanged"], [key_id])
        self.assertEqual(self.reader.call(ADMIN + "ResumeKeys", key_ids=[key_id])["done"], [])
        self.assertEqual(self.root.call(ADMIN + "GetKey", key_id=key_id)["record"]["end_reason"], "under inquiry")


class Reload(unittest.TestCase):
    def test_a_ceiling_that_a_reload_lowers_holds_at_once_on_open_connections(self):
        with Daemon(settings=SETTINGS) as daemon:
            os.chmod(daemon.root, 0o755)
            os.chmod(daemon.admin_socket, 0o666)
            with connect_as(daemon.admin_socket, READER, READER) as reader:
                reader.call(ADMIN + "CreateKey", name="before", scopes=[READ])
                said = len(daemon.log())
                daemon.write_config(SETTINGS | {"ceiling": []})
                daemon.reload()
                daemon.wait_log("settings and catalogue are in force", after=said)
                with self.assertRaises(VarlinkError) as refused:
                    reader.call(ADMIN + "CreateKey", name="after", scopes=[READ])
                self.assertEqual(refused.exception.parameters["field"], "scopes")


if __name__ == "__main__":
    unittest.main(verbosity=2)
