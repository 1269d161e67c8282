"""A person tries their webhooks: a signed test, an alert, the same alert once more; a dead address and a service by template."""
import json

LIMIT = 300


async def scenario(lab):
    webhook = await lab.webhook()
    template = lab.folder / "chat.mustache"
    template.write_text('{"type": "{{type}}", "text": "{{#is.urgent}}URGENT {{/is.urgent}}{{data.value}}"}')
    plain = lab.webhook_destination(webhook, "chat")
    plain["template"] = str(template)
    dead = lab.webhook_destination(webhook, "dead")
    # Port 9 is nobody's; the path is a secret.
    dead["url"] = "http://127.0.0.1:9/secret-path"
    await lab.vitalsd([lab.webhook_destination(webhook), dead, plain])
    await lab.patient()
    for name in ("family", "chat"):
        await lab.consent(destination=name)

    lab.say("before anything has happened")
    listed = json.loads((await lab.vitals("webhooks", "list", "--json")).out)
    lab.equal([entry["name"] for entry in listed], ["family", "dead", "chat"], "the webhooks")
    lab.equal(listed[1]["address"], "http://127.0.0.1:9/…", "an address without its path")

    lab.say("a test arrives, signed, and says that it is one")
    tried = json.loads((await lab.vitals("webhooks", "test", "family", "--json")).out)
    lab.equal((tried["delivered"], "answer" in tried), (True, False), "the test")
    first, = webhook.verified()
    lab.equal((first["id"], first["message"]["type"]), (tried["message"], "test"), "what arrived")

    lab.say("what does not arrive is said, with its exit status")
    failed = await lab.vitals("webhooks", "test", "dead", check=False)
    lab.equal(failed.status, 1, "the exit status of a test that nobody took")
    lab.check("Connection refused" in failed.out and "secret-path" not in failed.out + failed.err, f"it says {failed.out}")
    lab.equal((await lab.vitals("webhooks", "test", "nobody", check=False)).status, 4, "a webhook that is none")
    lab.check("không nhận" in (await lab.vitals("webhooks", "test", "dead", "--lang", "vi", check=False)).out, "Vietnamese")

    cuff = lab.cuff()
    value = await cuff.measure(187, 99)
    await lab.pair(cuff)
    await lab.event(cuff, "confirmed", value=value.hex())

    def alerts():
        return [entry for entry in webhook.entries() if entry.get("message", {}).get("type") == "alert.firing"]
    await lab.until(lambda: len(alerts()) == 2, 90, "the alert, and the same by the template")
    chat = next(entry for entry in alerts() if "text" in entry["message"])
    lab.equal((chat["message"]["text"], chat["verified"]), ("URGENT 187", True), "what the template made")
    told = next(entry for entry in alerts() if "data" in entry["message"])
    lab.equal((told["message"]["version"], told["message"]["data"]["value"]), (1, 187), "the message")

    lab.say("told once more, under its id")
    newest = json.loads((await lab.vitals("webhooks", "messages", "family", "--json")).out)[0]
    lab.equal((newest["message"], newest["state"]), (told["id"], "delivered"), "the newest message")
    for name in (newest["id"], newest["message"]):
        again = json.loads((await lab.vitals("webhooks", "redeliver", name, "--json")).out)
        lab.equal((again["message"], again["delivered"]), (told["id"], True), "the redelivery")
    lab.equal([entry["new"] for entry in webhook.entries() if entry.get("id") == told["id"]], [True, False, False],
              "the receiver knows it again")
    lab.equal((await lab.vitals("webhooks", "redeliver", "9999", check=False)).status, 4, "a message that is none")
