"""A crisis is answered by a button in ntfy: the box fetches the answer and listens to nobody. Then by a link, where it may."""
import asyncio
import http.client
import os
import pathlib
import urllib.parse

from markers import FAMILY_NAME

LIMIT = 500


def listens(process):
    """The TCP ports on which a process listens, by the kernel's tables (proc(5): state 0A) and its own descriptors."""
    sockets = set()
    for descriptor in pathlib.Path(f"/proc/{process}/fd").iterdir():
        try:
            sockets.add(os.readlink(descriptor))
        except OSError:
            continue
    ports = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                ports.append(int(fields[1].rsplit(":", 1)[1], 16))
    return ports


def opened(url, method="GET", body=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    connection.request(method, parts.path, body=body,
                       headers={"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


async def scenario(lab):
    ntfy = await lab.ntfy()
    token = lab.folder / "ntfy.token"
    token.write_text(ntfy.TOKEN + "\n")
    template = lab.folder / "ntfy.mustache"
    template.write_text("""{
      "topic": "to-family",
      "message": "{{type}} {{data.stage}}",
      "actions": [{{#data.ack.token}}{"action": "http", "label": "Tôi đã biết", "method": "POST",
        "url": "{{data.ack.replyUrl}}", "body": "{{data.ack.token}}", "clear": true,
        "headers": {"Authorization": "Bearer TOKEN"}}{{/data.ack.token}}]
    }""".replace("TOKEN", ntfy.TOKEN))
    webhook = await lab.webhook()
    destinations = [
        {"name": "phone", "kind": "webhook", "url": ntfy.url, "template": str(template), "allow-private": True,
         "retry": {"first": "1s", "most": "3s"}},
        lab.webhook_destination(webhook, "letters"),
    ]
    reply = {"url": f"{ntfy.url}/answers", "token-file": str(token), "allow-private": True}
    more = {
        "contacts": [{"name": "mai", "role": "caregiver", "destinations": ["phone", "letters"]}],
        "escalation": {"steps": [{"tell": ["mai"], "wait": "30m"}]}}
    await lab.vitalsd(destinations, answers={"reply": reply}, **more)
    await lab.patient()
    for name in ("phone", "letters"):
        await lab.consent(destination=name)
    cuff = await lab.paired_cuff(121, 80)
    await lab.until(lambda: ntfy.subscriptions(), 60, "the box to read the topic for answers")
    lab.equal(listens(lab.daemon.process.pid), [], "the ports on which the box listens")

    await cuff.measure(190, 120)
    sent, = await lab.until(lambda: ntfy.published("to-family"), 90, "the alert in ntfy")
    button, = sent["actions"]
    lab.check("190" not in str(sent), "a value went along")

    async def open_alert():
        return next(e for e in (await lab.vitals("alerts", "--open", "--json")).json if not e.get("held"))
    lab.check("acknowledgedBy" not in await open_alert(), "a message that arrived is no answer")

    lab.say("forged answers")
    # Not its last character: of that one four bits mean nothing (RFC 4648, 3.5), and the answer would be the right one.
    right = button["body"]
    for text in ("ok", right[:40] + ("A" if right[40] != "A" else "B") + right[41:], "A" * 90):
        await ntfy.write("answers", text)

    async def refused():
        return (await lab.status())["answers"]["refused"]
    await lab.until(lambda: _equal(refused, {"forged": 3}), 60, "three answers to be refused")
    lab.check("acknowledgedBy" not in await open_alert(), "a forged answer was taken")

    lab.say("the box is killed; meanwhile the button is pressed")
    await lab.daemon.kill()
    await ntfy.press(sent["id"])
    await lab.daemon.start()

    async def answered():
        return (await open_alert()).get("acknowledgedBy")

    async def reopened():
        return "acknowledgedBy" not in await open_alert()
    lab.equal(await lab.until(answered, 90, "the answer to be taken"), "mai", "who answered")
    last = (await lab.vitals("alerts", "--history", "all", "--json")).json[-1]["alert"]
    lab.equal((last["stage"], last["by"], last["way"]), ("acknowledged", "mai", "reply"), "the history")
    lab.check("by a reply from outside" in (await lab.vitals("alerts", "--history", "all", "--lang", "en")).out, "its words")
    lab.equal(listens(lab.daemon.process.pid), [], "the ports on which the box listens")

    lab.say("pressed once more")
    await ntfy.press(sent["id"])
    await lab.until(lambda: _equal(refused, {"used": 1}), 60, "the second press to be refused")

    lab.say("worse; now with a page")
    await lab.daemon.stop()
    port = lab.port()
    page = {"listen": f"127.0.0.1:{port}", "address": f"http://127.0.0.1:{port}"}
    await lab.vitalsd(destinations, answers={"reply": reply, "page": page}, **more)
    await lab.until(lambda: listens(lab.daemon.process.pid) == [port], 60, "the page to be served")
    await lab.asleep(cuff)
    await cuff.measure(205, 121)
    letter = (await lab.until(
        lambda: [e["message"] for e in webhook.verified() if e["message"]["data"].get("stage") == "reopened"], 90,
        "the news in a letter"))[0]
    link = letter["data"]["ack"]["url"]
    lab.check(letter["data"]["ack"]["token"] != button["body"], "the same token twice")

    lab.say("the link is opened by programs")
    for method in ("GET", "HEAD", "POST"):
        status, text = await asyncio.to_thread(opened, link, method)
        lab.equal(status, 403 if method == "POST" else 200, f"{method} without a press")
        lab.check("205" not in text and FAMILY_NAME not in text, "the page says too much")
    lab.check(await reopened(), "opening the link was taken for an answer")

    lab.say("its button is pressed")
    lab.equal((await asyncio.to_thread(opened, link, "POST", "know=yes"))[0], 200, "the press")
    lab.equal(await answered(), "mai", "who answered")
    lab.equal((await asyncio.to_thread(opened, link, "POST", "know=yes"))[0], 410, "a second press")
    last = (await lab.vitals("alerts", "--history", "all", "--json")).json[-1]["alert"]
    lab.equal((last["by"], last["way"]), ("mai", "link"), "the history")

    log = lab.daemon.log()
    for secret in (button["body"], link.rsplit("/", 1)[1], ntfy.TOKEN, "/answer/"):
        lab.check(secret not in log, "a token stands in the log")


async def _equal(what, value):
    return await what() == value
