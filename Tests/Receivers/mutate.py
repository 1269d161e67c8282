#!/usr/bin/env python3
"""Does the checker catch anything? Each fault is put into a conforming Bundle; every one must be found.

mutate.py [-v]          0 = all caught, 1 = some missed; -v names the layers that caught each
"""

import copy
import json
import os
import sys

import fhircheck

with open(os.path.join(fhircheck.HERE, "examples", "conforming-bundle.json"), encoding="utf-8") as text:
    CONFORMING = json.load(text)

# entries of the Bundle
PAT, PHG, DEV, CTS, BP, HR, ST = range(7)


def r(entry):
    return lambda bundle: bundle["entry"][entry]["resource"]


MUTATIONS = {
    "bp: no diastolic": lambda x: r(BP)(x)["component"].pop(1),
    "bp: two systolic": lambda x: r(BP)(x)["component"].append(copy.deepcopy(r(BP)(x)["component"][0])),
    "bp: unit code mmHg": lambda x: r(BP)(x)["component"][0]["valueQuantity"].update(code="mmHg"),
    "bp: no unit string": lambda x: r(BP)(x)["component"][0]["valueQuantity"].pop("unit"),
    "bp: no UCUM system": lambda x: r(BP)(x)["component"][1]["valueQuantity"].pop("system"),
    "bp: kPa": lambda x: r(BP)(x)["component"][0]["valueQuantity"].update(code="kPa", unit="kPa", value=20.3),
    "bp: value as string": lambda x: r(BP)(x)["component"][0]["valueQuantity"].update(value="152"),
    "bp: no panel LOINC (declared bp)": lambda x: r(BP)(x)["code"]["coding"].pop(1),
    "bp: wrong LOINC 55284-4 panel": lambda x: r(BP)(x)["code"]["coding"][1].update(code="55284-4"),
    "bp: no vital-signs category": lambda x: r(BP)(x)["category"].pop(0),
    "bp: no phd category": lambda x: r(BP)(x)["category"].pop(1),
    "bp: no effective": lambda x: r(BP)(x).pop("effectiveDateTime"),
    "bp: effective year-month": lambda x: r(BP)(x).update(effectiveDateTime="2026-03"),
    "bp: effective without zone": lambda x: r(BP)(x).update(effectiveDateTime="2026-03-10T07:00:05"),
    "bp: effectiveInstant": lambda x: r(BP)(x).update(effectiveInstant=r(BP)(x).pop("effectiveDateTime")),
    "bp: status valid-code typo": lambda x: r(BP)(x).update(status="complete"),
    "bp: no subject": lambda x: r(BP)(x).pop("subject"),
    "bp: valueQuantity at top": lambda x: r(BP)(x).update(
        valueQuantity={"value": 1, "system": "http://unitsofmeasure.org", "code": "mm[Hg]", "unit": "mmHg"}
    ),
    "bp: no gateway extension": lambda x: r(BP)(x)["extension"].pop(0),
    "bp: gateway extension is string": lambda x: r(BP)(x)["extension"].__setitem__(
        0, {"url": "http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice", "valueString": "x"}
    ),
    "bp: no device": lambda x: r(BP)(x).pop("device"),
    "bp: device -> Patient": lambda x: r(BP)(x).update(device={"reference": x["entry"][PAT]["fullUrl"]}),
    "bp: subject -> gateway Observation": lambda x: r(BP)(x).update(subject={"reference": x["entry"][CTS]["fullUrl"]}),
    "bp: interpretation H without measurement-status": lambda x: r(BP)(x).update(
        interpretation=[
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "H"}]}
        ]
    ),
    "bp: component lacks MDC": lambda x: r(BP)(x)["component"][2]["code"]["coding"].pop(0),
    "bp: component neither value nor reason": lambda x: r(BP)(x)["component"][2].pop("valueQuantity"),
    "bp: dataAbsentReason AND value": lambda x: r(HR)(x).update(
        dataAbsentReason={
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "error"}]
        }
    ),
    "bp: supplemental type as a component": lambda x: r(BP)(x)["component"].append(
        {
            "code": {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "68193"}]},
            "valueCodeableConcept": {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "150588"}]},
        }
    ),
    "bp: unknown element": lambda x: r(BP)(x).update(systolic=152),
    "hr: unit bpm code": lambda x: r(HR)(x)["valueQuantity"].update(code="{beats}/min"),
    "hr: value missing": lambda x: r(HR)(x).pop("valueQuantity"),
    "hr: identifier in another system twice": lambda x: r(HR)(x)["identifier"].append(
        copy.deepcopy(r(HR)(x)["identifier"][0])
    ),
    "bits: value integer": lambda x: r(ST)(x)["component"][0].update(
        valueInteger=r(ST)(x)["component"][0].pop("valueBoolean") and 4
    ),
    "bits: derivedFrom dangling": lambda x: r(ST)(x).update(
        derivedFrom=[{"reference": "urn:uuid:00000000-0000-4000-8000-0000000000ff"}]
    ),
    "cts: subject patient": lambda x: r(CTS)(x).update(subject={"reference": x["entry"][PAT]["fullUrl"]}),
    "cts: status preliminary": lambda x: r(CTS)(x).update(status="preliminary"),
    "cts: unknown clock code": lambda x: r(CTS)(x)["code"]["coding"][0].update(code="150020"),
    "dev: no model": lambda x: r(DEV)(x).pop("modelNumber"),
    "dev: SYSID with colons": lambda x: r(DEV)(x)["identifier"][0].update(value="71:10:00:FE:FF:5F:49:B0"),
    "dev: lower-case MAC": lambda x: r(DEV)(x)["identifier"][1].update(value="b0-49-5f-00-10-71"),
    "dev: wrong MDC type": lambda x: r(DEV)(x)["type"]["coding"][0].update(code="65572"),
    "phg: no version": lambda x: r(PHG)(x).pop("version"),
    "bundle: ifNoneExist not the identifier": lambda x: x["entry"][BP]["request"].update(
        ifNoneExist="identifier=urn:x%7Cy"
    ),
    "bundle: ifNoneExist with '?'": lambda x: x["entry"][BP]["request"].update(
        ifNoneExist="?" + x["entry"][BP]["request"]["ifNoneExist"]
    ),
    "bundle: no request": lambda x: x["entry"][BP].pop("request"),
    "bundle: POST to wrong type": lambda x: x["entry"][BP]["request"].update(url="Device"),
    "bundle: duplicate fullUrl": lambda x: x["entry"][HR].update(fullUrl=x["entry"][BP]["fullUrl"]),
    "bundle: type absent": lambda x: x.pop("type"),
}


def layers(issues):
    """The letters of the layers (fhircheck.py) that found something."""
    tags = {"[json-schema]": "A", "[fhir.resources]": "B", "[google-fhir-r4]": "D"}
    found = {next((letter for tag, letter in tags.items() if tag in text), "C") for _, _, text in issues}
    return "".join(sorted(found))


def main():
    baseline = fhircheck.problems(CONFORMING)
    if baseline:
        sys.exit("the example without a fault does not pass:\n" + "\n".join(baseline))
    missed = []
    for name, fault in MUTATIONS.items():
        bundle = copy.deepcopy(CONFORMING)
        fault(bundle)
        errors = [issue for issue in fhircheck.check(bundle)[0] if issue[0] == "ERROR"]
        if not errors:
            missed.append(name)
        if "-v" in sys.argv:
            print(f"{layers(errors) or 'MISSED':6} {name}: {errors[0][2][:120] if errors else ''}")
    print(
        f"{len(MUTATIONS)} faults, {len(MUTATIONS) - len(missed)} caught", *missed, sep="; missed: " if missed else ""
    )
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
