"""A code scanned into the lot field of a vial: its lot and expiry are shown for confirmation."""

from planning.sessions.scans import read_scan


class ScannedLotMixin:
    """Splits a scanned code into lot and expiry, which the user must compare and send again.

    Other parts of the code are ignored. The code is read before the text policy is applied, which rejects its
    separator. Text that is not a code is left to the policy, as typed.
    """

    scan = None
    expiry_before = ""

    def full_clean(self):
        if self.is_bound and self.scan is None:
            self._split()
        super().full_clean()

    def _split(self):
        lot, expiry = self.add_prefix("lot_number"), self.add_prefix("expiry")
        typed = self.data.get(lot)
        if typed == self.initial.get("lot_number"):
            return  # stored unchanged, and not scanned now
        self.scan = read_scan(typed)
        if self.scan is None:
            return
        self.data = self.data.copy()
        self.data[lot] = self.scan.lot
        if self.scan.expiry:
            self.expiry_before = self.data.get(expiry, "").strip()
            self.data[expiry] = self.scan.expiry

    def clean(self):
        cleaned = super().clean()
        if self.scan is not None:
            self.add_error(
                "lot_number",
                f"Read from the scanned code: {self.scan}. Compare with the box, then save. Not saved yet.",
            )
            if self.expiry_before not in ("", self.scan.expiry):
                self.add_error("expiry", f"“{self.expiry_before}” was here before the code was scanned.")
        return cleaned

    @property
    def scanned_fields(self):
        names = (self.add_prefix(name) for name in ("lot_number", "expiry"))
        return {name: self.data.get(name, "") for name in names}
