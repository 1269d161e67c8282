#!/usr/bin/env python3
"""A double of a FHIR R4 server: transaction Bundles, conditional create and update, read, and search by identifier.

It is not a server to trust with anything: it exists so that an upload can be judged by checks that nobody wrote for this
gateway (fhircheck.py), and so that a second upload can be seen to add nothing.

    POST / (or any path)  a transaction Bundle        GET /Type/id        GET /Type?identifier=system|value
    GET /_stats           {"Observation": 3, ...}     the rest: see receiver.py
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


def resolved(value, places):
    """The same with the Bundle's temporary names replaced in references."""
    if isinstance(value, dict):
        return {
            name: (
                places.get(inner, inner) if name == "reference" and isinstance(inner, str) else resolved(inner, places)
            )
            for name, inner in value.items()
        }
    return [resolved(inner, places) for inner in value] if isinstance(value, list) else value


def store(key, resource):
    STORE[key] = {**resource, "id": key.split("/")[1]}
    identifiers = resource.get("identifier", [])
    for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
        name = (resource["resourceType"], identifier.get("system", ""), identifier.get("value"))
        BY_IDENTIFIER.setdefault(name, []).append(key)


def shown(resource):
    """What the journal says of a resource: its kind and the identifier it was sent under."""
    first = next(iter(resource.get("identifier", [])), {})
    return {"type": resource["resourceType"], "system": first.get("system"), "value": first.get("value")}


class FHIRReceiver(receiver.Receiver):
    problems = staticmethod(lambda bundle: [])

    def stats(self):
        counts = {}
        for key in STORE:
            counts[key.split("/")[0]] = counts.get(key.split("/")[0], 0) + 1
        return counts

    def look_up(self, url):
        path = url.path.strip("/")
        if path in STORE:
            return self.answer(200, FHIR, json.dumps(STORE[path]).encode())
        if "/" not in path and url.query:
            found = [{"resource": STORE[key]} for key in search(path, url.query)]
            bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": found}
            return self.answer(200, FHIR, json.dumps(bundle).encode())
        self.answer(404, FHIR, outcome("not found"))

    def receive(self, path, headers, body):
        def refused(status, *sentences):
            return status, FHIR, outcome(*sentences), {"refused": sentences}

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
        places, plan = {}, []
        for entry in bundle["entry"]:
            kind, _, updated = entry["request"]["url"].partition("?")
            replaces = entry["request"]["method"] == "PUT"
            if replaces and not updated:
                return refused(400, "only a conditional PUT is known here")
            condition = updated if replaces else entry["request"].get("ifNoneExist")
            found = search(kind, condition) if condition else []
            if len(found) > 1:
                return refused(412, f"several resources match {condition}")
            key = found[0] if found else f"{kind}/{uuid.uuid4()}"
            places[entry["fullUrl"]] = key
            plan.append((key, entry["resource"], bool(found), replaces))
        answers, created, replaced = [], [], []
        for key, resource, exists, replaces in plan:
            if exists and replaces:
                STORE[key] = {**resolved(resource, places), "id": key.split("/")[1]}
                replaced.append({**shown(resource), "status": resource.get("status")})
            elif not exists:
                store(key, resolved(resource, places))
                created.append(shown(resource))
            answers.append({"response": {"status": "200 OK" if exists else "201 Created", "location": key}})
        response = {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}
        entry = {"entries": len(plan), "created": created, "replaced": replaced, "authorization": headers.get("Authorization")}
        return 200, FHIR, json.dumps(response).encode(), entry


def main():
    chosen = receiver.arguments(__doc__).parse_args()
    if not chosen.no_validate:
        import fhircheck

        fhircheck.definitions()
        FHIRReceiver.problems = staticmethod(fhircheck.problems)
    receiver.serve(FHIRReceiver, chosen)


if __name__ == "__main__":
    main()
