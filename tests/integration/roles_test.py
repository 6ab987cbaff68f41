"""Who may do what: roles follow from the peer's uid, gid and groups, for each method, on open connections too."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, HarnessError, VarlinkError  # noqa: E402
from key_string import with_unknown_id  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
WHO = "io.claviger.Verify.WhoAmI"
DENIED = "org.varlink.service.PermissionDenied"
READ = "read:policies:admin"
# Ids that no account of a host has.
ISSUER, OTHER_ISSUER, AUDITOR, VERIFIER_GROUP, AUDITOR_GROUP, NOBODY = 912345, 912346, 912347, 912348, 912349, 912350
ROLES = {
    "admin": ["uid:0"],
    "issuer": [f"uid:{ISSUER}", f"uid:{OTHER_ISSUER}"],
    "auditor": [f"uid:{AUDITOR}", f"gid:{AUDITOR_GROUP}"],
    "verifier": [f"gid:{VERIFIER_GROUP}"],
}
CEILING = [{"members": ["*"], "scopes": ["read:*"], "owners": ["*"], "maximum_lifetime": "30d"}]
ABSENT_ID = "0" * 17
# Each method, with parameters that change nothing, and the roles that may call it.
METHODS = (
    ("CreateKey", {"name": ""}, {"admin", "issuer"}),
    ("PreviewKey", {"name": ""}, {"admin", "issuer"}),
    ("EditKey", {"key_id": ABSENT_ID}, {"admin", "issuer"}),
    ("RotateKey", {"key_id": ABSENT_ID}, {"admin", "issuer"}),
    ("RevokeKey", {"key_id": ABSENT_ID}, {"admin", "issuer"}),
    ("RevokeKeys", {"key_ids": [ABSENT_ID]}, {"admin", "issuer"}),
    ("PauseKeys", {"key_ids": [ABSENT_ID]}, {"admin", "issuer"}),
    ("ResumeKeys", {"key_ids": [ABSENT_ID]}, {"admin", "issuer"}),
    ("PurgeKeys", {"key_ids": [ABSENT_ID]}, {"admin"}),
    ("ReportLeak", {"key": "none"}, {"admin", "auditor", "issuer"}),
    ("AnnounceExpiries", {"unknown": 1}, {"admin"}),
    ("ListKeys", {}, {"admin", "auditor", "issuer"}),
    ("CountKeys", {}, {"admin", "auditor", "issuer"}),
    ("GetKey", {"key_id": ABSENT_ID}, {"admin", "auditor", "issuer"}),
    ("GetReview", {}, {"admin", "auditor"}),
    ("GetPolicy", {}, {"admin", "auditor", "issuer"}),
    ("CheckPolicy", {}, {"admin", "auditor"}),
    ("ListScopes", {"action": "delete"}, {"admin", "auditor", "issuer"}),
    ("GetScope", {"name": READ}, {"admin", "auditor", "issuer"}),
    ("ListBundles", {}, {"admin", "auditor", "issuer"}),
    ("ReloadCatalogue", {"unknown": 1}, {"admin"}),
    ("ListAudit", {"limit": 1}, {"admin", "auditor"}),
    ("VerifyAudit", {}, {"admin", "auditor"}),
    ("CheckpointAudit", {"unknown": 1}, {"admin"}),
    ("SetLogLevel", {"unknown": 1}, {"admin"}),
    ("Reload", {"unknown": 1}, {"admin"}),
    ("MakeBackup", {"unknown": 1}, {"admin"}),
    ("ListBackups", {}, {"admin", "auditor"}),
    ("PlanRestore", {"unknown": 1}, {"admin"}),
    ("RestoreBackup", {"unknown": 1}, {"admin"}),
    ("GetStatus", {}, {"admin", "auditor", "issuer"}),
    ("GetStatistics", {}, {"admin", "auditor"}),
    ("GetTokenStatus", {}, {"admin", "auditor", "issuer"}),
    ("Diagnose", {}, {"admin", "auditor"}),
    ("InitialiseToken", {"unknown": 1}, {"admin"}),
    ("Unlock", {"unknown": 1}, {"admin"}),
    ("Lock", {"unknown": 1}, {"admin"}),
)
PEERS = {  # role -> uid, gid, supplementary groups
    "admin": (0, 0, ()),
    "issuer": (ISSUER, ISSUER, ()),
    "auditor": (AUDITOR, AUDITOR, ()),
    "verifier": (NOBODY, VERIFIER_GROUP, ()),
    "none": (NOBODY, NOBODY, ()),
}


def setUpModule():
    if os.getuid() != 0:
        raise HarnessError("these tests connect as other users; run them as root")


def open_to_everyone(daemon):
    """Lets every user connect, so that nothing but the roles decides."""
    os.chmod(daemon.root, 0o755)
    for path in (daemon.verify_socket, daemon.admin_socket):
        os.chmod(path, 0o666)


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(settings={"roles": ROLES, "ceiling": CEILING})
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        open_to_everyone(cls.daemon)

    def peer(self, uid, gid, groups=(), path=None):
        return self.enterContext(connect_as(path or self.daemon.admin_socket, uid, gid, groups))

    def assert_denied(self, peer, method, **parameters):
        with self.assertRaises(VarlinkError, msg=method) as refused:
            peer.call(method, **parameters)
        self.assertEqual((refused.exception.name, refused.exception.parameters), (DENIED, {}), method)

    def create(self, peer, **parameters):
        return peer.call(ADMIN + "CreateKey", name="of a role", scopes=[READ], **parameters)

    def test_each_method_is_denied_to_exactly_those_without_a_role_for_it(self):
        for role, (uid, gid, groups) in PEERS.items():
            peer = self.peer(uid, gid, groups)
            for method, parameters, allowed in METHODS:
                with self.subTest(f"{role} {method}"):
                    try:
                        peer.call(ADMIN + method, **parameters)
                        denied = False
                    except VarlinkError as error:
                        denied = error.name == DENIED
                    self.assertEqual(denied, role not in allowed)

    def test_the_table_of_this_test_names_every_method_of_the_interface(self):
        with self.daemon.admin() as admin:
            reply = admin.call("org.varlink.service.GetInterfaceDescription", interface="io.claviger.Admin")
        methods = {line.split("(")[0].split()[1] for line in reply["description"].splitlines()
                   if line.startswith("method ")}
        self.assertEqual(methods, {method for method, _, _ in METHODS})

    def test_only_verifiers_and_admins_verify_on_either_socket(self):
        key = self.daemon.create_key()["key"]
        for path in (self.daemon.verify_socket, self.daemon.admin_socket):
            for role, (uid, gid, groups) in PEERS.items():
                with self.subTest(f"{role} {path}"):
                    peer = self.peer(uid, gid, groups, path)
                    if role in ("admin", "verifier"):
                        self.assertTrue(peer.call(VERIFY, key=key)["valid"])
                    else:
                        self.assert_denied(peer, VERIFY, key=key)

    def test_a_denial_says_nothing_of_what_was_asked_for(self):
        nobody = self.peer(NOBODY, NOBODY)
        key_id = self.daemon.create_key()["record"]["key_id"]
        for parameters in ({"key_id": key_id}, {"key_id": ABSENT_ID}, {"key_id": "malformed"}, {"nonsense": 1}, {}):
            self.assert_denied(nobody, ADMIN + "RevokeKey", **parameters)

    def test_management_is_not_found_on_the_verify_socket_by_anyone(self):
        for role, (uid, gid, groups) in PEERS.items():
            peer = self.peer(uid, gid, groups, self.daemon.verify_socket)
            for method, parameters, _ in METHODS:
                with self.subTest(f"{role} {method}"):
                    with self.assertRaises(VarlinkError) as refused:
                        peer.call(ADMIN + method, **parameters)
                    self.assertEqual(refused.exception.name, "org.varlink.service.InterfaceNotFound")
            self.assertNotIn("io.claviger.Admin", peer.call("org.varlink.service.GetInfo")["interfaces"])

    def test_who_am_i_tells_ids_and_roles_to_everyone(self):
        for role, (uid, gid, groups) in PEERS.items():
            with self.subTest(role):
                who = self.peer(uid, gid, groups, self.daemon.verify_socket).call(WHO)
                self.assertEqual((who["uid"], who["gid"], who["roles"]), (uid, gid, [] if role == "none" else [role]))
                self.assertEqual(who.get("user"), "root" if uid == 0 else None)

    def test_supplementary_groups_count_and_roles_add_up(self):
        both = self.peer(NOBODY, NOBODY, [NOBODY, AUDITOR_GROUP, VERIFIER_GROUP])
        self.assertEqual(both.call(WHO)["roles"], ["auditor", "verifier"])
        both.call(ADMIN + "ListAudit", limit=1)
        self.assertEqual(both.call(VERIFY, key="none")["code"], "malformed")
        self.assert_denied(both, ADMIN + "CreateKey", name="x")
        many = self.peer(NOBODY, NOBODY, [*range(700000, 700500), AUDITOR_GROUP])
        self.assertEqual(many.call(WHO)["roles"], ["auditor"])

    def test_a_uid_is_no_gid_and_a_gid_no_uid(self):
        self.assertEqual(self.peer(NOBODY, ISSUER).call(WHO)["roles"], [])
        self.assertEqual(self.peer(NOBODY, NOBODY, [0, ISSUER, AUDITOR]).call(WHO)["roles"], [])
        self.assertEqual(self.peer(VERIFIER_GROUP, NOBODY).call(WHO)["roles"], [])

    def test_an_issuer_changes_what_it_issued_or_owns_and_nothing_else(self):
        issuer, other = self.peer(ISSUER, ISSUER), self.peer(OTHER_ISSUER, OTHER_ISSUER)
        own = self.create(issuer)["record"]
        self.assertEqual((own["creator"], own["owner"]), (f"uid:{ISSUER}", f"uid:{ISSUER}"))
        given = self.create(other, owner=f"uid:{ISSUER}")["record"]
        for record in (own, given):
            self.assertEqual(issuer.call(ADMIN + "RotateKey", key_id=record["key_id"])["record"]["generation"], 2)
        self.assertEqual(issuer.call(ADMIN + "RevokeKey", key_id=own["key_id"])["record"]["state"], "revoked")
        self.assertEqual(other.call(ADMIN + "RevokeKey", key_id=given["key_id"])["record"]["state"], "revoked")

    def test_an_issuer_is_denied_the_keys_of_others_and_leaves_them_as_they_are(self):
        issuer = self.peer(ISSUER, ISSUER)
        foreign = self.create(self.peer(OTHER_ISSUER, OTHER_ISSUER))["record"]
        of_root = self.daemon.create_key()["record"]
        for record in (foreign, of_root):
            self.assert_denied(issuer, ADMIN + "RotateKey", key_id=record["key_id"])
            self.assert_denied(issuer, ADMIN + "RevokeKey", key_id=record["key_id"])
            self.assertEqual(issuer.call(ADMIN + "GetKey", key_id=record["key_id"])["record"]["version"], 1)
        with self.daemon.admin() as admin:
            acts = admin.call(ADMIN + "ListAudit", subject=foreign["key_id"])["records"]
        self.assertEqual([act["act"] for act in acts], ["key.create"])

    def test_an_admin_changes_the_keys_of_everyone(self):
        record = self.create(self.peer(ISSUER, ISSUER))["record"]
        with self.daemon.admin() as admin:
            admin.call(ADMIN + "RotateKey", key_id=record["key_id"])
            self.assertEqual(admin.call(ADMIN + "RevokeKey", key_id=record["key_id"])["record"]["state"], "revoked")

    def test_the_request_ids_of_one_user_are_not_those_of_another(self):
        first = self.create(self.peer(ISSUER, ISSUER), request_id="mine")["record"]
        second = self.create(self.peer(OTHER_ISSUER, OTHER_ISSUER), request_id="mine")["record"]
        self.assertNotEqual(first["key_id"], second["key_id"])

    def test_the_record_names_who_acted(self):
        record = self.create(self.peer(ISSUER, 4242))["record"]
        with self.daemon.admin() as admin:
            act = admin.call(ADMIN + "ListAudit", subject=record["key_id"])["records"][0]
        self.assertEqual((act["user"], act["uid"], act["gid"]), (f"uid:{ISSUER}", ISSUER, 4242))

    def test_guesses_of_one_user_do_not_limit_another(self):
        limits = {"failure_burst": 1, "failures_per_minute": 1}
        with Daemon(settings={"roles": {"verifier": ["*"]}, "limits": limits}) as daemon:
            open_to_everyone(daemon)
            key = daemon.create_key()["key"]
            unknown = with_unknown_id(key)
            with connect_as(daemon.verify_socket, ISSUER, ISSUER) as guesser:
                codes = [guesser.call(VERIFY, key=unknown)["code"] for _ in range(3)]
                self.assertEqual(codes, ["unknown", "rate_limited", "rate_limited"])
            self.assertTrue(daemon.verify(key)["valid"])
            with connect_as(daemon.verify_socket, ISSUER, ISSUER) as again:
                self.assertEqual(again.call(VERIFY, key=unknown)["code"], "rate_limited")


class Sockets(unittest.TestCase):
    def test_the_sockets_are_closed_to_users_outside_their_group(self):
        with Daemon(settings={"roles": {"admin": ["*"], "verifier": ["*"]}}) as daemon:
            os.chmod(daemon.root, 0o755)
            for path in (daemon.verify_socket, daemon.admin_socket):
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
                self.assertRaises(PermissionError, connect_as, path, NOBODY, NOBODY)
                group = os.stat(path).st_gid
                with connect_as(path, NOBODY, NOBODY, [group]) as member:
                    self.assertEqual(member.call(WHO)["uid"], NOBODY)


class Reload(unittest.TestCase):
    def reload(self, daemon, roles):
        said = len(daemon.log())
        daemon.write_config({"roles": roles})
        daemon.reload()
        daemon.wait_log("settings and catalogue are in force", after=said)

    def test_an_open_connection_has_the_roles_of_the_settings_in_force(self):
        with Daemon(settings={"roles": ROLES}) as daemon:
            open_to_everyone(daemon)
            with connect_as(daemon.admin_socket, ISSUER, ISSUER) as peer:
                self.assertEqual(peer.call(WHO)["roles"], ["issuer"])
                self.reload(daemon, ROLES | {"issuer": [], "auditor": [f"uid:{ISSUER}"]})
                self.assertEqual(peer.call(WHO)["roles"], ["auditor"])
                peer.call(ADMIN + "ListAudit", limit=1)
                with self.assertRaises(VarlinkError) as refused:
                    peer.call(ADMIN + "CreateKey", name="no longer", scopes=[READ])
                self.assertEqual(refused.exception.name, DENIED)
                self.reload(daemon, ROLES | {"issuer": []})
                self.assertEqual(peer.call(WHO)["roles"], [])

    def test_an_admin_that_a_reload_has_removed_is_denied_at_once(self):
        with Daemon() as daemon, daemon.admin() as admin:
            admin.call(ADMIN + "GetStatus")
            self.reload(daemon, {"admin": [f"uid:{ISSUER}"]})
            with self.assertRaises(VarlinkError) as refused:
                admin.call(ADMIN + "GetStatus")
            self.assertEqual(refused.exception.name, DENIED)


if __name__ == "__main__":
    unittest.main(verbosity=2)
