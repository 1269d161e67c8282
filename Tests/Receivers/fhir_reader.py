#!/usr/bin/env python3
"""Reads the gateway's local record as a stranger would: by PyPI's `fhirclient`, which follows next links, and judges what
it gets by fhircheck.py.

    FHIR_TOKEN=... fhir_reader.py --base http://127.0.0.1:PORT/fhir --patient ID --expect COUNT [--socket PATH]

0 = all of it as expected, 1 = something was not (said, a line each), 2 = could not run.
"""

import argparse
import http.client
import json
import os
import socket
import sys
import traceback

import fhircheck
import requests
from fhirclient import client
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.observation import Observation
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient

FAULTS = []


def expect(is_right, what):
    print("ok  " if is_right else "FAIL", what)
    if not is_right:
        FAULTS.append(what)


def pages(server, chosen):
    """Every Observation of the person, over as many pages as it takes."""
    search = Observation.where({"patient": chosen.patient, "_count": "400"})
    seen = {}
    for resource in search.perform_resources_iter(server):
        expect_type = isinstance(resource, Observation)
        if not expect_type:
            expect(False, f"a {resource.resource_type} among the Observations")
        seen[resource.id] = seen.get(resource.id, 0) + 1
        if resource.subject.reference != f"Patient/{chosen.patient}":
            expect(False, f"{resource.id} is about {resource.subject.reference}")
    print(f"{len(seen)} Observations")
    expect(len(seen) == chosen.expect, f"{chosen.expect} Observations are there")
    expect(max(seen.values(), default=0) == 1, "none of them comes twice")


def reading_by_id(server, chosen):
    newest = Observation.where({"patient": chosen.patient, "code": "http://loinc.org|85354-9", "_count": "1"})
    panel = newest.perform_resources(server)[0]
    again = Observation.read(panel.id, server)
    expect(again.as_json() == panel.as_json(), "an Observation read by id is the one that was found")
    expect(panel.subject.resolved(Patient).id == chosen.patient, "its subject can be resolved")
    values = {part.code.coding[1].code: part.valueQuantity.value for part in panel.component}
    expect(values == {"8480-6": 128, "8462-4": 82}, f"systolic is 8480-6 and diastolic 8462-4: {values}")
    statement = CapabilityStatement.read_from("metadata", server)
    kinds = {resource.type for resource in statement.rest[0].resource}
    expect(kinds == {"Observation", "Patient", "Device"}, "metadata names what there is")


def bad_queries(base, headers):
    for query, status in [
        ("Observation?date=yesterday", 400), ("Observation?_count=x", 400), ("Observation?code:below=1", 400),
        ("Observation/nothing-1", 404), ("Medication?code=1", 404), ("Observation?_page=none", 400),
        ("Observation?_format=application/fhir%2Bxml", 406),
    ]:
        answer = requests.get(f"{base}/{query}", headers=headers, timeout=60)
        outcome = OperationOutcome(answer.json())
        problems = fhircheck.problems(answer.json())
        expect(
            answer.status_code == status and outcome.issue[0].severity == "error" and not problems,
            f"{query} is refused with {status} and an OperationOutcome ({answer.status_code}, {problems})")
    strict = requests.get(f"{base}/Observation?no=1", headers=headers | {"Prefer": "handling=strict"}, timeout=60)
    expect(strict.status_code == 400 and strict.json()["resourceType"] == "OperationOutcome", "strict is strict")
    put = requests.put(f"{base}/Observation/x", headers=headers, json={}, timeout=60)
    expect(put.status_code == 405 and put.json()["resourceType"] == "OperationOutcome", "nothing can be put")
    expect(requests.get(f"{base}/metadata", timeout=60).status_code == 401, "without the token: 401")


def judged(base, headers, chosen):
    for path in [
        "metadata", "Patient", "Device", "Observation?_count=30", f"Patient/{chosen.patient}/$everything?_count=30",
        "Observation?_count=3&favourite=1",
    ]:
        resource = requests.get(f"{base}/{path}", headers=headers, timeout=60).json()
        problems = fhircheck.problems(resource)
        for entry in resource.get("entry", []):
            problems += fhircheck.problems(entry["resource"])
        expect(not problems, f"{path} passes the four checks: {problems[:5]}")
    # The judge is awake.
    spoilt = requests.get(f"{base}/Observation?code=85354-9&_count=1", headers=headers, timeout=60).json()
    del spoilt["entry"][0]["resource"]["subject"]
    expect(fhircheck.problems(spoilt["entry"][0]["resource"]), "a resource without a subject is refused by the judge")


def over_the_socket(path, chosen):
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.connect(path)
    connection.request("GET", f"/fhir/Observation?patient={chosen.patient}&_count=5")
    answer = connection.getresponse()
    page = json.loads(answer.read())
    expect(answer.status == 200 and len(page["entry"]) == 5, "the Unix socket answers the same, without a token")
    connection.request("GET", page["link"][1]["url"].removeprefix("http://localhost"))
    following = json.loads(connection.getresponse().read())
    both = {entry["resource"]["id"] for entry in page["entry"] + following["entry"]}
    expect(len(both) == 10, "and its next link leads on")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--base", required=True)
    arguments.add_argument("--patient", required=True)
    arguments.add_argument("--expect", type=int, required=True, help="how many Observations there are")
    arguments.add_argument("--socket", help="the Unix socket, to be read too")
    chosen = arguments.parse_args()
    headers = {"Authorization": f"Bearer {os.environ['FHIR_TOKEN']}"}
    server = client.FHIRClient(settings={"app_id": "stranger", "api_base": chosen.base}).server
    server.session.headers.update(headers)
    pages(server, chosen)
    reading_by_id(server, chosen)
    bad_queries(chosen.base, headers)
    judged(chosen.base, headers, chosen)
    if chosen.socket:
        over_the_socket(chosen.socket, chosen)
    sys.exit(1 if FAULTS else 0)


if __name__ == "__main__":
    try:
        main()
    except SystemExit:
        raise
    except BaseException:
        traceback.print_exc()
        sys.exit(2)  # a crash is no verdict
