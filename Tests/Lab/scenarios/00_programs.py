"""The rig's other half: receivers, a person's terminal, the database lock, bluetoothd, the kernel log."""
import asyncio
import datetime
import json
import sqlite3
import sys
import urllib.error
import urllib.request

from lab import OUT, RECEIVERS, Conversation, Daemon
from markers import FAMILY_NAME, selftest
from standardwebhooks import Webhook


# What a daemon says that tells too little of a person.
LOG = """\
2026-11-30T08:54:13+0700 info vitalsd: [Gateway] 1 alert rules hold
2026-11-30T08:54:15+0700 debug vitalsd: [Gateway] forwarding begins
2026-11-30T08:54:16+0700 info vitalsd: [Gateway] ble:F0:F1:F2:F3:F4:F5: paired
2026-11-30T08:54:17+0700 debug vitalsd: [Gateway] ble:F0:F1:F2:F3:F4:F5: 1 reading stored for p-4ft2m7
2026-11-30T08:54:18+0700 info vitalsd: [Gateway] record: delivered 1
"""


async def scenario(lab):
    lab.say("a marker that leaks is seen, whatever it looks like")
    lab.note = f"{selftest(lab, LOG)} leaks tried"

    lab.say("the FHIR receiver makes an observation once, and forgets nothing that it answered badly")
    fhir = await lab.fhir()
    bundle = (RECEIVERS / "examples" / "conforming-bundle.json").read_bytes()

    def post(url, body, headers):
        def send():
            request = urllib.request.Request(url, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=lab.limit(20)) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                return None
        return asyncio.get_running_loop().run_in_executor(None, send)

    kind = {"Content-Type": "application/fhir+json"}
    await fhir.mode("down")
    lab.equal(await post(fhir.url, bundle, kind), None, "the answer of a receiver that is down")
    await fhir.mode("lose-answer", times=1)
    lab.equal(await post(fhir.url, bundle, kind), None, "an answer that is lost")
    lab.equal(await post(fhir.url, bundle, kind), 200, "the answer to a Bundle")
    observation, = await fhir.receives(1)
    lab.check(fhir.component(observation, "8480-6") is not None, "the observation has a systolic pressure")
    lab.equal(len(await fhir.observations(fhir.HEART_RATE)), 1, "heart rates at the FHIR receiver")

    lab.say("the webhook receiver knows a good signature from a bad one")
    webhook = await lab.webhook()
    body, now = json.dumps({"type": "lab", "data": {}}), datetime.datetime.now(datetime.timezone.utc)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "Content-Type": "application/json"}
    good = Webhook(webhook.SECRET).sign("msg_1", now, body)
    lab.equal(await post(webhook.url, body.encode(), {**headers, "webhook-signature": good}), 204, "a good signature")
    lab.equal(await post(webhook.url, body.encode(), {**headers, "webhook-signature": good[:-4] + "AAA="}), 401, "a bad one")
    lab.equal([e["id"] for e in webhook.verified()], ["msg_1"], "what was verified")
    lab.equal(len(webhook.refused()), 1, "what was refused")

    lab.say("a terminal is one: a question, an answer, an exit status")
    conversation = Conversation(lab, [sys.executable, "-c",
                                      "import sys; assert sys.stdin.isatty(); n = input('Number? '); print('It is', n); "
                                      "sys.exit(3)"])
    lab.conversations.append(conversation)
    await conversation.expect("number\\?")
    conversation.type("123 456")
    await conversation.expect("it is 123 456")
    lab.equal(await conversation.ended(), 3, "the exit status")

    lab.say("the write lock holds commits back")
    daemon = Daemon(lab, {"data": str(lab.folder / "data")})
    writer = sqlite3.connect(daemon.database, timeout=0)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE observations (seq INTEGER PRIMARY KEY, content TEXT)")
    writer.commit()
    content = json.dumps({"provenance": {"bytes": [0x1E, 0x80]}})
    with daemon.locked():
        try:
            writer.execute("INSERT INTO observations (content) VALUES (?)", (content,))
            raise AssertionError("written beside the lock")
        except sqlite3.OperationalError as error:
            lab.check("locked" in str(error), f"another error: {error}")
    writer.execute("INSERT INTO observations (content) VALUES (?)", (content,))
    writer.commit()
    lab.equal(daemon.on_disk(), ["1e80"], "what is on disk")
    writer.close()

    lab.say("a daemon whose log names a person fails its scenario")
    lab.programs.append(daemon)
    for line, expected in (("debug vitalsd: a reading", 0), (f"debug vitalsd: a reading of {lab.called()}", 1)):
        daemon.log_path.write_text(line + "\n")
        faults = lab.leaks()
        lab.equal(len(faults), expected, f"faults of a log that says '{line}': {faults}")
    lab.check(FAMILY_NAME in faults[0], f"it does not say what leaked: {faults}")
    lab.programs.remove(daemon)

    lab.say("bluetoothd comes, owns its name on the bus, and goes")
    rival = await lab.bluetoothd()
    lab.check(rival.memory()["rss"] > 1000, "its memory can be read")
    await rival.stop()
    lab.check(not await rival.owns_its_name(), "the name is free again")
    traces = list(OUT.glob("live/00_programs/hci.btsnoop"))
    lab.check(traces and traces[0].read_bytes()[:8] == b"btsnoop\0", "there is an HCI trace")
