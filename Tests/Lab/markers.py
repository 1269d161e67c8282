"""What no log may hold, planted by the lab's own set-up: people's names, identifiers and words, keys and secrets. At the end
of every scenario they are looked for: where they belong they must be found, and in no log, in whatever coding.

One more thing to plant is one more `markers.person(...)` or `markers.secret(...)` where the set-up makes it.
"""
import base64
import json
import re
import sqlite3

# Each stands nowhere by chance.
FAMILY_NAME = "Zqhoten"
# A citizen's number (twelve digits) and an insured person's (two letters, thirteen digits), of a province that there is not.
CITIZEN_NUMBER, INSURANCE_NUMBER = "099199777311", "GD4997777731142"
BEARER_TOKEN = "tkZqBearer-4nobody-shall-see"

# Commands whose output tells of the machine: nobody asks them for a person.
ABOUT_THE_MACHINE = {"doctor", "check", "scan", "deliveries", "unpair", "key", "decode", "rules", "webhooks"}
# Says whose alerts reach nobody, and says it loudly.
LOUD = {"status"}
# A log of a daemon that came so far says this much at least.
LEAST_LINES = 5


def codings(octets):
    """(name of the coding, what to look for, whether capitals count): how a program may show octets without meaning to."""
    octets = bytes(octets)
    for order, one in (("", octets), (" reversed", octets[::-1])):
        for mark, between in (("", "without marks"), (":", "with colons"), (" ", "with spaces"), ("-", "with hyphens")):
            yield f"hex {between}{order}", mark.join(f"{octet:02x}" for octet in one), False
        for mark in (", ", ","):
            yield f"decimal numbers{order}", mark.join(str(octet) for octet in one), True
        for before in range(3):
            # In the middle of something longer its first and last characters hold bits of the neighbours.
            text = base64.b64encode(bytes(before) + one).decode()
            text = text[(0, 2, 3)[before]:len(text) - (0, 3, 2)[(before + len(one)) % 3]]
            yield f"base64{order}", text, True
            if "+" in text or "/" in text:
                yield f"base64url{order}", text.replace("+", "-").replace("/", "_"), True


class Marker:
    """`kind`: `person` (people's commands may show it) or `secret` (nothing shows it)."""

    def __init__(self, kind, what, text=None, octets=None):
        self.kind, self.what = kind, what
        self.text = text
        self._wanted = [("text", text.casefold(), False)] if text else []
        self._wanted += codings(text.encode() if octets is None else octets)

    def found(self, text, folded=None):
        """The coding in which the text holds it, or None."""
        folded = text.casefold() if folded is None else folded
        return next((coding for coding, wanted, strict in self._wanted if wanted in (text if strict else folded)), None)


class Markers:
    """Those of one scenario, and what the command line said."""

    def __init__(self):
        self.planted, self.said = {}, []
        self.present, self.erased = {}, {}
        self.person("a family name", FAMILY_NAME)
        self.person("a citizen's number", CITIZEN_NUMBER)
        self.person("an insured person's number", INSURANCE_NUMBER)

    # Planting

    def person(self, what, text):
        self.planted[text] = Marker("person", what, text)
        return text

    def secret(self, what, text=None, octets=None):
        """A text, or octets; of a text that is a coding of something else, give that, too."""
        self.planted[text or bytes(octets)] = Marker("secret", what, text, octets)
        return text

    def stored(self, whose, text):
        """This text must stand in the files of the data folder from now on, until its person is erased."""
        self.present.setdefault(whose, []).append(text)

    def erase(self, whose):
        """From now on what is the person's must stand in no file."""
        self.erased.setdefault(whose, []).extend(self.present.pop(whose, []))

    def heard(self, words, out, err):
        """A program that was run ended, and this is what it wrote."""
        self.said.append(([str(word) for word in words], out, err))

    # Looking

    def leaks(self, text, where, kinds=("person", "secret")):
        """Sentences about what stands in the text."""
        folded = text.casefold()
        for marker in self.planted.values():
            coding = marker.found(text, folded) if marker.kind in kinds else None
            if coding:
                line = next((line for line in text.splitlines() if marker.found(line)), "")
                yield f"{marker.what} stands in {where} ({coding}): {line[:160]!r}"

    def leaks_of_commands(self):
        for words, out, err in self.said:
            name = words[0].rsplit("/", 1)[-1]
            command = next((word for word in words[1:] if not word.startswith("-")), "")
            where = f"{{}} of '{name} {command}'"
            yield from self.leaks(out + "\n" + err, where.format("the output"), ("secret",))
            typed = " ".join(words[1:])
            quiet = [("the errors", err)] if command not in LOUD else []
            if command in ABOUT_THE_MACHINE:
                quiet.append(("the output", out))
            for stream, text in quiet:
                # What a person typed may be said back.
                own = [m for m in self.planted.values() if m.kind == "person" and not m.found(typed)]
                for marker in own:
                    if marker.found(text):
                        yield f"{marker.what} stands in {where.format(stream)}: {text[-300:]!r}"

    def leaks_of_log(self, program):
        """Of a daemon, at level debug; a log that says nothing proves nothing."""
        text = program.log()
        yield from self.leaks(text, program.log_path.name)
        if program.came_up:
            lines = text.splitlines()
            if len(lines) < LEAST_LINES or not any(re.search(r"\bdebug\b", line) for line in lines):
                yield f"{program.log_path.name} has {len(lines)} lines and nothing of level debug: it proves nothing"

    def faults_of_files(self, folder):
        """Of a data folder: what is somebody's stands in it, what was an erased person's does not."""
        files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        if not files:
            return
        for whose, texts in self.present.items():
            for text in texts:
                if not any(text.encode() in octets for octets in files.values()):
                    yield f"{text!r} of {whose} stands in no file of {folder.name}: looking for it in logs proves nothing"
        for whose, texts in self.erased.items():
            for text in texts:
                for path, octets in files.items():
                    if text.encode() in octets:
                        yield f"{text!r} of {whose}, who was erased, stands in {path.name}"

    def faults_of_keys(self, database):
        """Each long-term key that is kept is one that a peripheral made, so that those looked for are the ones that count."""
        with sqlite3.connect(database, timeout=10) as connection:
            rows = connection.execute("SELECT address, value FROM long_term_keys").fetchall()
        connection.close()
        secrets = [marker for marker in self.planted.values() if marker.kind == "secret"]
        for address, value in rows:
            text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            if not any(marker.found(text) for marker in secrets):
                yield f"the key of {address} in the database is none that a peripheral of the lab made"

    def take_settings(self, database):
        """The secrets that the daemon made for itself: settings of sixteen octets or more."""
        with sqlite3.connect(database, timeout=10) as connection:
            rows = connection.execute("SELECT key, value FROM settings").fetchall()
        connection.close()
        for key, value in rows:
            if re.fullmatch(r"(?:[0-9a-f]{2}){16,}", value):
                self.secret(f"the setting {key}", octets=bytes.fromhex(value))

    def faults(self, programs, database=None):
        """All of it, after everything ended; sentences."""
        faults = []
        if database is not None and database.exists():
            try:
                faults += self.faults_of_keys(database)
                self.take_settings(database)
            except sqlite3.Error as error:
                faults.append(f"the markers in the database cannot be looked for: {error}")
            faults += self.faults_of_files(database.parent)
        for program in programs:
            faults += self.leaks_of_log(program)
        return faults + list(self.leaks_of_commands())


def selftest(lab, log):
    """Each way in which a marker can leak is tried on the very functions that judge a scenario. `log`: a daemon's log as it
    is without a leak."""
    class Program:
        came_up, log_path = True, lab.folder / "leaking.log"

        def log(self):
            return self.log_path.read_text()

    markers, key = Markers(), bytes(range(0x61, 0x71))
    markers.secret("a bond key", octets=key)
    markers.secret("a webhook's secret", "whsec_bGFiLXNlY3JldA")
    program, tried = Program(), 0

    def judged(text, expected, what):
        nonlocal tried
        program.log_path.write_text(text)
        faults = markers.faults([program])
        lab.check(bool(faults) == expected, f"{what}: {faults or 'not seen'}")
        tried += 1

    judged(log, False, "a log without a leak")
    judged("", True, "an empty log")
    judged(re.sub(r"\bdebug\b", "info", log), True, "a log without anything of level debug")
    for marker in list(markers.planted.values()):
        for coding, wanted, strict in marker._wanted:
            judged(f"{log}\n2026-11-30T08:54:13+0700 debug vitalsd: it is {wanted}\n", True, f"{marker.what}, {coding}")
            if not strict:
                judged(f"{log}\n{wanted.upper()}\n", True, f"{marker.what}, {coding}, in capitals")
    # By another program's hand.
    for text in (base64.b64encode(b"x" + key + b"y").decode(), base64.b64encode(b"xy" + key).decode(), str(list(key)),
                 key.hex(), json.dumps({"name": f"An {FAMILY_NAME}"}), repr(f"Bình {FAMILY_NAME}".encode())):
        judged(f"{log}\n{text}\n", True, text)
    program.log_path.write_text(log)

    def heard(words, out, err, expected):
        nonlocal tried
        markers.said = []
        markers.heard(words, out, err)
        faults = markers.faults([program])
        lab.check(bool(faults) == expected, f"'{' '.join(words)}' that said {out!r} {err!r}: {faults or 'not seen'}")
        tried += 1
    name = f"An {FAMILY_NAME}"
    heard(["vitals", "patients", "list"], name, "", False)
    heard(["vitals", "patients", "list"], "", name, True)
    heard(["vitals", "status", "--json"], name, name, False)
    heard(["vitals", "status", "--json"], "", key.hex(), True)
    heard(["vitals", "doctor", "--json"], name, "", True)
    heard(["vitals", "claim", "x", "--patient", name], "", f"nobody here is called '{name}'", False)
    heard(["vitals", "claim", "x", "--patient", name], "", CITIZEN_NUMBER, True)
    heard(["vitals", "devices"], f"key {key.hex()}", "", True)
    markers.said = []

    folder = lab.folder / "leaking"
    folder.mkdir()
    database = folder / "vitals.sqlite"
    with sqlite3.connect(database) as connection:
        connection.executescript("CREATE TABLE long_term_keys (address, value); CREATE TABLE settings (key, value); "
                                 "CREATE TABLE patients (name)")
        connection.execute("INSERT INTO patients VALUES (?)", (name,))
        connection.execute("INSERT INTO settings VALUES ('answer-key', ?)", ("5a" * 16,))
        connection.execute("INSERT INTO long_term_keys VALUES ('F0', ?)", (json.dumps({"value": list(key)}).encode(),))
    connection.close()
    markers.stored("An", name)
    lab.equal(markers.faults([program], database), [], "what is where it belongs")
    program.log_path.write_text(log + "\n" + "5A" * 16)
    lab.equal(len(markers.faults([program], database)), 1, "faults when the daemon's own secret is logged")
    program.log_path.write_text(log)
    markers.stored("Bình", "Bình Nowhere")
    lab.equal(len(markers.faults([program], database)), 1, "faults when a marker was never stored")
    markers.erase("Bình")
    lab.equal(markers.faults([program], database), [], "an erased person is in no file")
    markers.erase("An")
    lab.equal(len(markers.faults([program], database)), 1, "faults when an erased person's name is in the database")
    markers.erased.clear()
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO long_term_keys VALUES ('F1', ?)", (json.dumps({"value": [7] * 16}).encode(),))
    connection.close()
    lab.equal(len(markers.faults([program], database)), 1, "faults when a key is kept that nobody looks for")
    return tried
