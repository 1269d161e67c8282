"""What happened, in order: every peripheral, the adapter and the scenario itself write into one of these.

An event is a dict with `n` (its place), `t` (seconds of CLOCK_MONOTONIC), `who`, `event` and whatever else is to be said.
Scenarios wait for events, never for fixed times.
"""
import asyncio
import json
import time


class Journal:
    def __init__(self, path=None):
        self.events, self.path = [], path
        self._file = open(path, "a", buffering=1) if path else None
        self._changed = asyncio.Event()

    def write(self, who, event, **more):
        entry = {"n": len(self.events), "t": round(time.monotonic(), 6), "who": who, "event": event, **more}
        self.events.append(entry)
        if self._file:
            self._file.write(json.dumps(entry) + "\n")
        self._changed.set()
        return entry

    def close(self):
        if self._file:
            self._file.close()
            self._file = None

    @property
    def here(self):
        """The place after the newest event; `since=` of the methods below takes it."""
        return len(self.events)

    def find(self, who=None, event=None, since=0, **more):
        """All events of this kind whose other fields are as given, in order."""
        return [e for e in self.events[since:]
                if (who is None or e["who"] == who) and (event is None or e["event"] == event)
                and all(e.get(k) == v for k, v in more.items())]

    async def wait(self, who=None, event=None, since=0, limit=30, count=1, **more):
        """The `count`th event of this kind at or after `since`; TimeoutError past `limit` seconds."""
        deadline = time.monotonic() + limit
        while True:
            found = self.find(who, event, since, **more)
            if len(found) >= count:
                return found[count - 1]
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no '{event}' of {who or 'anybody'}"
                                   + (f" (number {count})" if count > 1 else "") + f" in {limit:.0f} s; the newest events: "
                                   + "; ".join(describe(e) for e in self.find(who)[-6:]))
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                pass


def describe(event):
    more = " ".join(f"{k}={v}" for k, v in event.items() if k not in ("n", "t", "who", "event"))
    return f"{event['t']:.3f} {event['who']} {event['event']} {more}".rstrip()
