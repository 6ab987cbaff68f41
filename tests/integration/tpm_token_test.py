"""A token that cannot generate the purpose keys and holds imported ones: tpm2-pkcs11 over a TPM in software."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import software_tpm  # noqa: E402
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from token_life import TokenLife  # noqa: E402


@unittest.skipIf(software_tpm.missing(), software_tpm.missing())
class TpmTokenTest(TokenLife, unittest.TestCase):
    """One TPM for all tests: its keys take seconds to import. Each test has a daemon and a database of its own."""

    module = software_tpm.module()

    @classmethod
    def setUpClass(cls):
        cls.tpm = software_tpm.SoftwareTpm(cls.pin)
        cls.addClassCleanup(cls.tpm.__exit__, None, None, None)
        cls.environment = cls.tpm.environment

    def setUp(self):
        self.start_daemon()

    def change_pin(self, old, new):
        self.tpm.change_pin(old, new)

    def test_only_the_worker_loads_the_library_that_has_a_sqlite_of_its_own(self):
        def libraries(pid):
            with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
                return {os.path.basename(line.split()[-1]).split(".")[0] for line in maps if "/lib" in line}
        (worker,) = self.daemon.worker_pids()
        self.assertIn("libsqlite3", libraries(worker))
        self.assertNotIn("libsqlcipher", libraries(worker))
        self.assertIn("libsqlcipher", libraries(self.daemon.process.pid))
        self.assertNotIn("libsqlite3", libraries(self.daemon.process.pid))


@unittest.skipIf(software_tpm.missing(), software_tpm.missing())
class UnfinishedTpmTokenTest(unittest.TestCase):
    PIN = "12341234"

    @classmethod
    def setUpClass(cls):
        cls.tpm = software_tpm.SoftwareTpm(cls.PIN)
        cls.addClassCleanup(cls.tpm.__exit__, None, None, None)

    def refusal(self):
        with Daemon(settings={"token": {"module": software_tpm.module()}}, initialise=False, start=False,
                    environment=self.tpm.environment) as daemon:
            os.chmod(daemon.pin_file, 0o600)
            with open(daemon.pin_file, "w", encoding="ascii") as file:
                file.write(self.PIN + "\n")
            daemon.start(ready=False)
            daemon.wait_token_state("uninitialised")
            with daemon.admin() as admin, self.assertRaises(VarlinkError) as refused:
                admin.call("io.claviger.Admin.InitialiseToken")
            return refused.exception.parameters["message"]

    def test_keys_that_are_marked_extractable_are_not_used(self):
        self.tpm.close_keys(extractable="yes")
        self.addCleanup(self.tpm.close_keys)
        self.assertIn("can be read out of the token", self.refusal())

    def test_a_key_that_was_not_imported_is_named(self):
        self.tpm.tool("objdel", str(self.tpm.object_ids()[1]))
        self.addCleanup(self.tpm.import_key, "claviger/verify/1", self.PIN)
        message = self.refusal()
        self.assertIn("claviger/verify/1", message)
        self.assertIn("import", message)


if __name__ == "__main__":
    unittest.main(verbosity=2)
