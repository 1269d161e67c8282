#!/usr/bin/env python3
"""A double of a FHIR R4 server: transaction Bundles, conditional create and update, update as create with versions,
conditional references, read, search by identifier, and a CapabilityStatement that says so.

It is not a server to trust with anything: it exists so that an upload can be judged by checks that nobody wrote for this
gateway (fhircheck.py), and so that a second upload can be seen to add nothing.

    POST / (or any path)  a transaction Bundle        GET /Type/id        GET /Type?identifier=system|value
    GET /metadata         GET /_stats   {"Observation": 3, ...}             the rest: see receiver.py
    POST /_change         {"add" or "merge" or "remove": resource or "Type/id"}: what somebody does at the server

Faults of a server that a test can choose: `--offers` conditional, update or nothing; `--ignores-conditions`: every POST
makes a new one; `--races`: what one transaction creates is created twice, as two nodes do that saw no other; `--limit`: a
larger body is answered 413.
"""

import json
import re
import urllib.parse
import uuid

import receiver

STORE = {}  # "Type/id" -> resource
BY_IDENTIFIER = {}  # (type, system, value) -> ["Type/id"]
FHIR = "application/fhir+json"


def outcome(*sentences):
    issues = [{"severity": "error", "code": "invalid", "diagnostics": sentence} for sentence in sentences]
    return json.dumps({"resourceType": "OperationOutcome", "issue": issues}).encode()


def search(kind, query):
    """Keys of the resources that a conditional create or a search by identifier means."""
    value = dict(urllib.parse.parse_qsl(query, keep_blank_values=True)).get("identifier")
    if value is None:
        raise ValueError(f"only identifier is searched: {query}")
    system, _, code = value.rpartition("|")
    plain = [re.sub(r"\\([\\,|$])", r"\1", text) for text in (system, code)]
    return BY_IDENTIFIER.get((kind, *plain), [])


class Refusal(Exception):
    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


def target(reference, places):
    """Where a reference leads: a temporary name of the Bundle, a conditional reference, or a resource that is here."""
    if reference in places:
        return places[reference]
    kind, asks, condition = reference.partition("?")
    if asks:
        found = search(kind, condition)
        if len(found) != 1:
            raise Refusal(412, f"the reference {reference} meets {len(found)} resources")
        return found[0]
    if reference not in STORE and not reference.startswith("urn:"):
        raise Refusal(400, f"the resource {reference} is not here")
    return reference


def resolved(value, places):
    """The same with references led to where they lead."""
    if isinstance(value, dict):
        return {
            name: (
                target(inner, places) if name == "reference" and isinstance(inner, str) else resolved(inner, places)
            )
            for name, inner in value.items()
        }
    return [resolved(inner, places) for inner in value] if isinstance(value, list) else value


def store(key, resource):
    version = int(STORE.get(key, {}).get("meta", {}).get("versionId", 0)) + 1
    isNew = key not in STORE
    meta = {**resource.get("meta", {}), "versionId": str(version)}
    STORE[key] = {**resource, "id": key.split("/")[1], "meta": meta}
    if not isNew:
        return
    identifiers = resource.get("identifier", [])
    for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
        name = (resource["resourceType"], identifier.get("system", ""), identifier.get("value"))
        BY_IDENTIFIER.setdefault(name, []).append(key)


def shown(resource):
    """What the journal says of a resource: its kind and the identifier it was sent under."""
    first = next(iter(resource.get("identifier", [])), {})
    return {"type": resource["resourceType"], "system": first.get("system"), "value": first.get("value")}


def capabilities(offers):
    """A CapabilityStatement, as short as one may be that says what matters here."""
    resource = {"conditionalCreate": offers == "conditional", "updateCreate": offers in ("conditional", "update")}
    return {
        "resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
        "fhirVersion": "4.0.1", "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "resource": [{"type": kind, **resource} for kind in ("Patient", "Device", "Observation")],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


class FHIRReceiver(receiver.Receiver):
    problems = staticmethod(lambda bundle: [])
    offers = "conditional"
    ignores_conditions = False
    races = False
    limit = None
    prefix = ""

    def stats(self):
        counts = {}
        for key in STORE:
            counts[key.split("/")[0]] = counts.get(key.split("/")[0], 0) + 1
        return counts

    def look_up(self, url):
        path = url.path.strip("/").removeprefix(self.prefix).strip("/")
        if path == "metadata":
            return self.answer(200, FHIR, json.dumps(capabilities(self.offers)).encode())
        if path in STORE:
            return self.answer(200, FHIR, json.dumps(STORE[path]).encode())
        if "/" not in path and url.query:
            found = [{"resource": STORE[key], "search": {"mode": "match"}} for key in search(path, url.query)]
            bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": found}
            return self.answer(200, FHIR, json.dumps(bundle).encode())
        self.answer(404, FHIR, outcome("not found"))

    def change(self, order):
        if "add" in order:
            resource = order["add"]
            store(f"{resource['resourceType']}/{resource.get('id') or uuid.uuid4()}", resource)
        elif "merge" in order:
            store(order["merge"], {**STORE[order["merge"]], "active": False, "link": [{"type": "replaced-by"}]})
        else:
            gone = STORE.pop(order["remove"])
            for identifier in gone.get("identifier", []):
                name = (gone["resourceType"], identifier.get("system", ""), identifier.get("value"))
                BY_IDENTIFIER.get(name, []).remove(order["remove"])

    def receive(self, path, headers, body):
        def refused(status, *sentences):
            return status, FHIR, outcome(*sentences), {"refused": sentences}

        if self.limit and len(body) > self.limit:
            return refused(413, f"at most {self.limit} bytes")
        if headers.get("Content-Type", "").split(";")[0] != FHIR:
            return refused(415, f"Content-Type must be {FHIR}")
        try:
            bundle = json.loads(body)
        except ValueError as error:
            return refused(400, f"not JSON: {error}")
        if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
            return refused(400, "a transaction Bundle was expected")
        problems = self.problems(bundle)
        if problems:
            return refused(422, *problems)
        try:
            return self.transact(bundle, headers)
        except Refusal as refusal:
            return refused(refusal.status, str(refusal))

    def transact(self, bundle, headers):
        places, plan = {}, []
        for entry in bundle["entry"]:
            request = entry["request"]
            place, _, updated = request["url"].partition("?")
            kind, _, name = place.partition("/")
            replaces = request["method"] == "PUT"
            if name:
                if not re.fullmatch(r"[A-Za-z0-9.-]{1,64}", name) or entry["resource"].get("id") != name:
                    raise Refusal(400, "the id of the resource is not that of the address")
                found = [place] if place in STORE else []
                if not found and self.offers == "nothing":
                    raise Refusal(405, "ids are given here")
                wanted = request.get("ifMatch")
                if wanted and (not found or wanted != f'W/"{STORE[place]["meta"]["versionId"]}"'):
                    raise Refusal(412, f"{place} is not at {wanted}")
                key = place
            else:
                if replaces and not updated:
                    raise Refusal(400, "a PUT without an id or a condition")
                condition = updated if replaces else request.get("ifNoneExist")
                if self.ignores_conditions and not replaces:
                    condition = None
                found = search(kind, condition) if condition else []
                if len(found) > 1:
                    raise Refusal(412, f"several resources match {condition}")
                key = found[0] if found else f"{kind}/{uuid.uuid4()}"
            places[entry["fullUrl"]] = key
            plan.append((key, entry["resource"], bool(found), replaces))
        ready = [(key, resolved(resource, places), exists, replaces) for key, resource, exists, replaces in plan]
        answers, created, replaced = [], [], []
        for key, resource, exists, replaces in ready:
            if exists and replaces:
                store(key, resource)
                replaced.append({**shown(resource), "status": resource.get("status")})
            elif not exists:
                store(key, resource)
                created.append(shown(resource))
                if self.races:
                    store(f"{key.split('/')[0]}/{uuid.uuid4()}", resource)
            version = STORE[key]["meta"]["versionId"]
            answers.append(
                {
                    "response": {
                        "status": "200 OK" if exists else "201 Created",
                        "location": f"{key}/_history/{version}",
                        "etag": f'W/"{version}"',
                    }
                }
            )
        response = {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}
        entry = {
            "entries": len(plan), "created": created, "replaced": replaced,
            "authorization": headers.get("Authorization"),
        }
        return 200, FHIR, json.dumps(response).encode(), entry


def options(parser):
    parser.add_argument("--offers", choices=["conditional", "update", "nothing"], default="conditional")
    parser.add_argument("--ignores-conditions", action="store_true")
    parser.add_argument("--races", action="store_true")
    parser.add_argument("--limit", type=int)
    return parser


def choose(chosen):
    FHIRReceiver.offers = chosen.offers
    FHIRReceiver.ignores_conditions = chosen.ignores_conditions
    FHIRReceiver.races = chosen.races
    FHIRReceiver.limit = chosen.limit
    if not chosen.no_validate:
        import fhircheck

        fhircheck.definitions()
        FHIRReceiver.problems = staticmethod(fhircheck.problems)


def main():
    chosen = options(receiver.arguments(__doc__)).parse_args()
    choose(chosen)
    receiver.serve(FHIRReceiver, chosen)


if __name__ == "__main__":
    main()
