"""Recording that a command of the backup ran."""

from clinic.backup.models import BackupKind, BackupRun
from clinic.records import audit_log
from clinic.records.actions import action, store

_WORDS = {
    (BackupKind.BACKUP, True): "made a backup",
    (BackupKind.BACKUP, False): "could not make a backup",
    (BackupKind.RESTORE, True): "restored a backup",
    (BackupKind.DRILL, True): "restored a backup in a drill",
    (BackupKind.DRILL, False): "could not restore a backup in a drill",
}


@action
def record_backup_run(*, by, kind, path, problem="", **facts):
    """`by` is None: who may run commands on the server is not a user of Collum."""
    succeeded = not problem
    shown = "".join(character if character.isprintable() else "�" for character in str(path))
    run = BackupRun(kind=kind, path=shown, problem=problem[:500], succeeded=succeeded, **facts)
    store(run, by=by)
    audit_log.record(_WORDS[kind, succeeded], run, by=by, outcome="done" if succeeded else "failed")
    return run
