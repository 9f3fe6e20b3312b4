"""The systemd units in deploy/: the server and the regular commands are confined in the same way."""

import glob
import re
import shutil
import subprocess

import pytest
from django.conf import settings

ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", ["collum.service", "collum@remind.service"])
def test_unit_is_confined_after_the_documented_copy(unit, tmp_path):
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    copied = glob.glob(f"{settings.BASE_DIR}/deploy/collum*.service*")
    subprocess.run(["cp", "-r", *copied, units], check=True)
    command = [ANALYZE, "security", "--offline=true", f"--root={tmp_path}", "--no-pager", unit]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    exposure = float(re.search(r"exposure level for \S+ ([\d.]+)", shown)[1])
    assert exposure < 2, shown
