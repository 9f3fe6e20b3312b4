"""A small disk of memory, which can be filled and made read-only. Only root can mount it."""

import errno
import os
import subprocess
from pathlib import Path


class SmallDisk:
    def __init__(self, folder, megabytes):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self._run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", self.folder)

    def fill(self):
        with (self.folder / "filler").open("wb") as filler:
            piece = bytes(1024 * 1024)
            while len(piece) >= 512:
                try:
                    os.write(filler.fileno(), piece)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    piece = piece[: len(piece) // 2]

    def free(self):
        (self.folder / "filler").unlink()

    def make_read_only(self, *, yes):
        self._run("mount", "-o", f"remount,{'ro' if yes else 'rw'}", self.folder)

    def unmount(self):
        self._run("umount", "--lazy", self.folder)

    def _run(self, *command):
        subprocess.run(command, check=True, capture_output=True)
