"""The configuration is read anew, good and bad, while a cuff is in mid-session: nothing is dropped; a box starts by the last good one."""
import asyncio
import json
import signal

LIMIT = 300


async def scenario(lab):
    webhook = await lab.webhook()
    template = lab.folder / "chat.mustache"
    template.write_text('{"text": "{{data.value}}"}')
    chat = lab.webhook_destination(webhook, "chat")
    chat["template"] = str(template)
    # Port 9 is nobody's: what is for it waits.
    gone = lab.webhook_destination(webhook, "gone")
    gone["url"] = "http://127.0.0.1:9/"
    watch = {"id": "configuration", "kind": "gateway", "condition": "configuration-refused", "severity": "warning",
             "source": "lab"}

    def severe(limit=180):
        return {"id": "severe-systolic", "kind": "threshold", "component": "systolic", "at-least": limit,
                "clear-below": 170, "severity": "urgent", "source": "lab"}
    profile = lab.profiles(quiet=None) / "sig" / "blood-pressure" / "profile.yaml"
    profile.write_text(profile.read_text().replace("idle: 20", "idle: 120"))
    await lab.vitalsd([lab.webhook_destination(webhook), chat, gone], rules=[severe(), watch])
    await lab.patient()
    for name in ("family", "gone"):
        await lab.consent(destination=name)
    config, rules = lab.daemon.config_path, lab.folder / "rules" / "rules.yaml"
    good = {file: file.read_text() for file in (config, rules, template, webhook.secret_file, profile)}

    async def reload(status):
        answer = await lab.vitals("reload", "--json", check=False)
        lab.equal(answer.status, status, f"the exit status of a reload that said {answer.out[:300]}")
        return answer.json

    def told(kind):
        return [entry["message"]["data"] for entry in webhook.verified() if entry["message"].get("type") == kind]
    cuff = await lab.paired_cuff(187, 99, hangs_up=True)
    await lab.until(lambda: [one for one in told("alert.firing") if one["rule"] == "severe-systolic"], 60, "the alert")

    lab.say("bad files, each while the cuff is in mid-session")
    bad = {config: good[config] + "timezone: Nowhere/Land\n", rules: good[rules] + "- 1\n", template: "{{#open}}",
           webhook.secret_file: "no secret\n", profile: good[profile] + "no-such-field: 1\n"}
    burst = cuff.burst(2 * len(bad) + 3, systolic=182)
    gate, indicate = asyncio.Semaphore(0), cuff.indicate

    async def slowly(uuid, value, handle=None):
        """A cuff that sends its next reading when it is told to, so that its session lasts as long as it has to."""
        if uuid == "2A35":
            await gate.acquire()
        await indicate(uuid, value, handle)
    cuff.indicate = slowly
    begin = lab.journal.here
    sent = iter(burst)

    async def one_more():
        value = next(sent)
        if value is not burst[0]:
            lab.check(cuff.connection, "the session is over")
        gate.release()
        await lab.event(cuff, "confirmed", since=begin, value=value.hex(), limit=60)
    await cuff.remember(burst)
    await one_more()
    for file, text in bad.items():
        file.write_text(text)
        await one_more()
        answer = await reload(1)
        await one_more()
        lab.check(not answer["applied"] and answer["changes"] == [], "a bad file was taken")
        first = answer["errors"][0]
        lab.check(first["message"] and first["file"].startswith(str(lab.folder)), f"it says {first}")
        lab.check(file == profile or str(file) in first["file"] or file == webhook.secret_file, f"{file}: {first}")
        file.write_text(good[file])
    await lab.warning("configuration-refused")
    refused = await lab.until(lambda: [one for one in told("alert.firing") if one.get("condition")], 60, "that it is told")
    # The alert opens with whichever of the files was bad when the rules looked.
    lab.check(any(file.name in refused[0]["detail"] for file in bad), f"it says {refused[0]}")

    lab.say("and a good one, which takes a rule and a destination away")
    rules.write_text(good[rules].replace("180", "185"))
    config.write_text(good[config].replace('name: "gone"', 'name: "went"'))
    answer = await reload(0)
    await one_more()
    lab.equal([(one["what"], one["name"], one["change"]) for one in answer["changes"]],
              [("rule", "severe-systolic", "changed"), ("destination", "gone", "removed"),
               ("destination", "went", "added")], "the changes")
    await one_more()
    await lab.event(cuff, "memory sent", since=begin, limit=60)
    lab.equal(len(cuff.events("connected", since=begin)), 1, "links of the cuff")
    await lab.readings_become(1 + len(burst))
    lab.check(answer["closedDeliveries"] >= 1, "nothing waited for the destination that is no more")
    await lab.until(lambda: [one for one in told("alert.resolved") if one.get("stage") == "rule-changed"], 60,
                    "that the alert is closed with its rule")
    await lab.warning("deliveries-closed:gone")
    await lab.no_warning("configuration-refused")
    cancelled = json.loads((await lab.vitals("deliveries", "--destination", "gone", "--json")).out)
    lab.equal({one["state"] for one in cancelled}, {"cancelled"}, "what waited for it")

    lab.say("SIGHUP, and a destination that comes back gets nothing that was closed")
    config.write_text(good[config])
    lab.daemon.signal(signal.SIGHUP)
    await lab.until(lambda: lab.daemon.log().count("the configuration was read anew") == 2, 60, "the signal to be heeded")
    again = json.loads((await lab.vitals("deliveries", "--destination", "gone", "--json")).out)
    lab.equal([one["state"] for one in again], ["cancelled"] * len(cancelled), "what was closed")

    lab.say("what needs a restart is refused with words")
    config.write_text(good[config] + "record: {patient-system: 'urn:another'}\n")
    answer = await reload(1)
    lab.check("restart" in answer["errors"][0]["message"], f"it says {answer['errors']}")

    lab.say("the box starts by the last good one")
    config.write_text("data: " + str(lab.folder / "data") + "\nnonsense: [\n")
    await lab.daemon.restart()
    await lab.warning("configuration-refused")
    lab.equal([one["name"] for one in (await lab.status())["destinations"]], ["family", "chat", "gone"], "destinations")
    config.write_text(good[config])
    await reload(0)
    await lab.no_warning("configuration-refused")
