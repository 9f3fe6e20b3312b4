"""The database servers that DATABASE_URL names, one of which takes writes at a time."""

COMMIT_LIMIT_S = 5

_last_used = {}  # (host, port) by all hosts; a new connection tries this one first, and waits for no dead one


class Servers:
    def __init__(self, settings):
        self._hosts = str(settings.get("HOST") or "")
        ports = str(settings.get("PORT") or "").split(",")
        hosts = self._hosts.split(",")
        self._pairs = list(zip(hosts, ports if len(ports) == len(hosts) else ports * len(hosts), strict=True))
        self.are_several = len(hosts) > 1
        self.must_write = (settings.get("OPTIONS") or {}).get("target_session_attrs") == "read-write"
        self.commit_limit = COMMIT_LIMIT_S if self.are_several else None

    def last_used_first(self):
        """Arguments for a new connection."""
        if not self.are_several:
            return {}
        pairs = sorted(self._pairs, key=lambda pair: pair != _last_used.get(self._hosts))
        hosts, ports = zip(*pairs, strict=True)
        return {"host": ",".join(hosts), "port": ",".join(ports).strip(",")}

    def note_used(self, info):
        if self.are_several:
            _last_used[self._hosts] = next(
                (pair for pair in self._pairs if pair[0] == info.host and pair[1] in ("", str(info.port))), None
            )
