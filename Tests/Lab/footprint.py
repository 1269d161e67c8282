"""What a process holds: descriptors, threads, memory."""
import collections
import os
import pathlib
import re


def held(pid):
    """Descriptors without those of the database: readers of it are made when they are needed, five at most, and kept."""
    folder = pathlib.Path(f"/proc/{pid}")
    kinds = collections.Counter()
    for one in (folder / "fd").iterdir():
        try:
            target = os.readlink(one)
        except FileNotFoundError:
            continue
        if "vitals.sqlite" not in target:
            kinds[re.sub(r"\d+", "N", target)] += 1
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return {"descriptors": kinds.total(), "kinds": dict(kinds), "threads": int(status["Threads"]),
            "rss": int(status["VmRSS"].split()[0])}


async def holds_what_it_held(lab, before, rounds):
    """After so many rounds the daemon holds no more descriptors and threads than before, and little more memory."""
    def as_before():
        now = held(lab.daemon.pid)
        return now["descriptors"] <= before["descriptors"] and now["threads"] <= before["threads"] + 2
    await lab.until(as_before, 60, f"descriptors and threads to be what they were ({before}, {held(lab.daemon.pid)})", every=1)
    after = held(lab.daemon.pid)
    grown = after["rss"] - before["rss"]
    lab.check(grown < 8192 + 200 * rounds, f"the daemon has grown by {grown} KiB over {rounds} rounds: {before}, {after}")
    lab.note += f"; descriptors {before['descriptors']}→{after['descriptors']}, threads " \
                f"{before['threads']}→{after['threads']}, RSS {before['rss']}→{after['rss']} KiB"
