# SPDX-License-Identifier: MIT
"""Every kind of fault once on a bus with emitters, subscribers, a recorder and a mirror, in an order
that its printed seed gives; then ledgers and journal agree. tests/fault/soak is the long run."""
import importlib.machinery
import importlib.util
import sys

from harness import QUICK, ROOT

loader = importlib.machinery.SourceFileLoader("soak", str(ROOT / "tests" / "fault" / "soak"))
spec = importlib.util.spec_from_loader("soak", loader)
soak = importlib.util.module_from_spec(spec)
loader.exec_module(soak)

FEW = ["--faults", "8", "--rate", "40", "--emitters", "2", "--subscribers", "3"]
EACH = ["--faults", "20", "--rate", "100", "--emitters", "3", "--subscribers", "4"]

sys.exit(soak.run(soak.read_arguments(
    ["--minutes", "2", "--longest", "0.8", "--mirror", *(FEW if QUICK else EACH), *sys.argv[1:]])))
