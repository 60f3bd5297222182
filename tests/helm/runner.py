"""Runs the tests of this folder and ends with a line that counts them."""

import sys
import time
import unittest
from pathlib import Path

import rig

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))


class Outcome(unittest.TextTestResult):
    """Keeps count of what passed."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def tests(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from tests(one)
        else:
            yield one


def main(arguments):
    rig.UPDATE = "--update" in arguments
    rig.ACCEPT_IMMUTABLE = "--accept-immutable" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")]
    found = unittest.defaultTestLoader.loadTestsFromNames(MODULES)
    chosen = unittest.TestSuite(
        test for test in tests(found) if not names or any(name in test.id() for name in names)
    )
    begun = time.monotonic()
    outcome = unittest.TextTestRunner(sys.stdout, resultclass=Outcome, verbosity=2).run(chosen)
    failed = len(outcome.failures) + len(outcome.errors)
    for test, why in outcome.skipped:
        print(f"left out: {test.id()}: {why}")
    print(f"{time.monotonic() - begun:.1f} s")
    print(f"{outcome.passed} passed, {failed} failed")
    return 0 if failed == 0 and outcome.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
