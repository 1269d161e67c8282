"""Writes the definitions beside it: a transcription by hand of the constraints in HL7/phd, tag 2.0.0 (5af8412),
input/fsh/*.fsh, as StructureDefinition differentials. Not an official artefact: HL7 publishes the guide as FSH only."""

import json
import os

B = "http://hl7.org/fhir/uv/phd/StructureDefinition/"
H = "http://hl7.org/fhir/StructureDefinition/"
MDC = "urn:iso:std:iso:11073:10101"
UCUM = "http://unitsofmeasure.org"


def V(*paths, rules="open"):
    return {"discriminator": [{"type": "value", "path": p} for p in paths], "rules": rules}


def sd(name, base, rtype, els):
    out = []
    for e in els:
        eid, rest = e[0], e[1] if len(e) > 1 else {}
        d = {"id": eid, "path": ".".join(s.split(":")[0] for s in eid.split("."))}
        d.update(rest)
        out.append(d)
    json.dump(
        {
            "resourceType": "StructureDefinition",
            "id": name,
            "url": B + name,
            "name": name,
            "status": "draft",
            "fhirVersion": "4.0.1",
            "kind": "resource" if rtype != "Extension" else "complex-type",
            "abstract": False,
            "type": rtype,
            "baseDefinition": base,
            "derivation": "constraint",
            "description": "Hand transcription of HL7/phd 2.0.0 FSH for checking only",
            "differential": {"element": out},
        },
        open(os.path.join(os.path.dirname(os.path.abspath(__file__)), f"StructureDefinition-{name}.json"), "w"),
        indent=1,
    )


ref = lambda *t: {"type": [{"code": "Reference", "targetProfile": [(B if x.startswith("Ph") else H) + x for x in t]}]}
MSTAT = "http://hl7.org/fhir/uv/pocd/CodeSystem/measurement-status"
base = [
    (
        "Observation",
        {
            "constraint": [
                {
                    "key": "mdc-1",
                    "severity": "warning",
                    "human": "A published MDC Code is preferred",
                    "expression": "code.coding.where(system = 'urn:iso:std:iso:11073:10101').exists()",
                }
            ]
        },
    ),
    ("Observation.extension", {"slicing": V("url")}),
    ("Observation.extension:GatewayDevice", {"min": 1, "max": "1"}),
    ("Observation.extension:GatewayDevice.url", {"fixedUri": H + "observation-gatewayDevice"}),
    ("Observation.extension:GatewayDevice.value[x]", {"min": 1, **ref("PhgDevice")}),
    ("Observation.extension:CoincidentTimeStamp", {"min": 0, "max": "1"}),
    ("Observation.extension:CoincidentTimeStamp.url", {"fixedUri": B + "CoincidentTimeStampReference"}),
    ("Observation.extension:CoincidentTimeStamp.value[x]", {"min": 1, **ref("PhdCoincidentTimeStampObservation")}),
    ("Observation.category", {"slicing": V("coding.code", "coding.system")}),
    ("Observation.category:PHD-Observation", {"min": 1, "max": "1"}),
    ("Observation.category:PHD-Observation.coding", {"min": 1}),
    (
        "Observation.category:PHD-Observation.coding.system",
        {"min": 1, "fixedUri": "http://hl7.org/fhir/uv/phd/CodeSystem/PhdObservationCategories"},
    ),
    ("Observation.category:PHD-Observation.coding.code", {"min": 1, "fixedCode": "phd"}),
    ("Observation.identifier", {"slicing": V("system")}),
    ("Observation.identifier:conditionalCreate", {"min": 0, "max": "1"}),
    ("Observation.identifier:conditionalCreate.type", {"max": "0"}),
    ("Observation.identifier:conditionalCreate.system", {"fixedUri": B + "PhdBaseObservation"}),
    ("Observation.identifier:conditionalCreate.value", {"min": 1}),
    ("Observation.subject", {"min": 1, **ref("Patient", "PhdDevice")}),
    ("Observation.effective[x]", {"min": 1, "type": [{"code": "dateTime"}, {"code": "Period"}]}),
    ("Observation.interpretation.coding", {"slicing": V("system")}),
    ("Observation.interpretation.coding:MsmtStatusInterpretation", {"min": 1, "max": "1"}),
    ("Observation.interpretation.coding:MsmtStatusInterpretation.system", {"min": 1, "fixedUri": MSTAT}),
    ("Observation.interpretation.coding:MsmtStatusInterpretation.code", {"min": 1}),
    ("Observation.device", {"min": 1, **ref("PhdDevice")}),
    ("Observation.device.reference", {"min": 1, "max": "1"}),
    (
        "Observation.dataAbsentReason",
        {"binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/data-absent-reason"}},
    ),
]
sd("PhdBaseObservation", H + "Observation", "Observation", base)
q = lambda p: [(p + ".value", {"min": 1}), (p + ".system", {"min": 1, "fixedUri": UCUM}), (p + ".code", {"min": 1})]
sd(
    "PhdNumericObservation",
    B + "PhdBaseObservation",
    "Observation",
    [("Observation", {}), ("Observation.value[x]", {"type": [{"code": "Quantity"}]})] + q("Observation.value[x]"),
)
# every component that is not the supplemental-types (68193) component is treated as a 'compound' slice member
sd(
    "PhdCompoundNumericObservation",
    B + "PhdBaseObservation",
    "Observation",
    [
        (
            "Observation",
            {
                "constraint": [
                    {
                        "key": "phd-comp-mdc",
                        "severity": "error",
                        "human": "each numeric component carries exactly one MDC code",
                        "expression": "component.where(value is Quantity or dataAbsentReason.exists()).all(code.coding.where(system = 'urn:iso:std:iso:11073:10101').count() = 1)",
                    },
                    {
                        "key": "phd-comp-ucum",
                        "severity": "error",
                        "human": "each Quantity component has UCUM system, code and value",
                        "expression": "component.value.where($this is Quantity).all(system = 'http://unitsofmeasure.org' and code.exists() and value.exists())",
                    },
                ]
            },
        ),
        ("Observation.value[x]", {"max": "0"}),
    ],
)
sd(
    "PhdBitsEnumerationObservation",
    B + "PhdBaseObservation",
    "Observation",
    [
        (
            "Observation",
            {
                "constraint": [
                    {
                        "key": "phd-bits",
                        "severity": "error",
                        "human": "bit components carry an ASN1ToHL7 code and a boolean (or dataAbsentReason)",
                        "expression": "component.where(code.coding.exists(system = 'http://terminology.hl7.org/CodeSystem/ASN1ToHL7')).all(value is boolean or dataAbsentReason.exists())",
                    }
                ]
            },
        ),
        ("Observation.value[x]", {"max": "0"}),
    ],
)
sd(
    "PhdCoincidentTimeStampObservation",
    H + "Observation",
    "Observation",
    [
        ("Observation", {}),
        ("Observation.status", {"fixedCode": "final"}),
        (
            "Observation.code",
            {
                "constraint": [
                    {
                        "key": "phd-clock",
                        "severity": "error",
                        "human": "code is one of MDC 68225, 67975, 67983 (exactly one)",
                        "expression": "coding.where(system = 'urn:iso:std:iso:11073:10101' and (code = '68225' or code = '67975' or code = '67983')).count() = 1",
                    }
                ]
            },
        ),
        ("Observation.subject", {"min": 1, **ref("PhdDevice")}),
        ("Observation.subject.reference", {"min": 1}),
        ("Observation.value[x]", {"type": [{"code": "dateTime"}, {"code": "Quantity"}]}),
        ("Observation.device", {"min": 1, **ref("PhgDevice")}),
        ("Observation.device.reference", {"min": 1}),
        ("Observation.derivedFrom", {"max": "0"}),
        ("Observation.hasMember", {"max": "0"}),
        ("Observation.specimen", {"max": "0"}),
        ("Observation.focus", {"max": "0"}),
    ],
)
ids = [("Device.identifier", {"min": 1, "slicing": V("type")})]
for n, code, sysm in (
    ("systemIdIdentifier", "SYSID", "urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680"),
    ("btmacAddressIdentifier", "BTMAC", "http://hl7.org/fhir/sid/eui-48/bluetooth"),
    ("macAddressIdentifier", "ETHMAC", "http://hl7.org/fhir/sid/eui-48/ethernet"),
):
    ids += [
        (f"Device.identifier:{n}", {"min": 0, "max": "1"}),
        (
            f"Device.identifier:{n}.type",
            {
                "min": 1,
                "patternCodeableConcept": {
                    "coding": [
                        {"system": "http://terminology.hl7.org/CodeSystem/ContinuaDeviceIdentifiers", "code": code}
                    ]
                },
            },
        ),
        (f"Device.identifier:{n}.system", {"min": 1, "fixedUri": sysm}),
        (f"Device.identifier:{n}.value", {"min": 1}),
    ]
common = ids + [
    ("Device.type", {"min": 1}),
    ("Device.parent", {"max": "0"}),
    ("Device.version", {"min": 1}),
    ("Device.specialization", {"min": 1}),
    ("Device.specialization.systemType.coding", {"min": 1}),
    ("Device.version.component", {"max": "0"}),
]
fmt = {
    "key": "phd-eui",
    "severity": "error",
    "human": "SYSID/MAC values are dash-separated upper-case hex octets",
    "expression": "identifier.where(system = 'urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680').value.all(matches('^([0-9A-F]{2}-){7}[0-9A-F]{2}$')) and identifier.where(system.startsWith('http://hl7.org/fhir/sid/eui-48/')).value.all(matches('^([0-9A-F]{2}-){5}[0-9A-F]{2}$'))",
}
sd(
    "PhdDevice",
    H + "Device",
    "Device",
    [
        (
            "Device",
            {
                "constraint": [
                    fmt,
                    {
                        "key": "phd-type",
                        "severity": "error",
                        "human": "type has MDC 65573",
                        "expression": "type.coding.where(system = 'urn:iso:std:iso:11073:10101' and code = '65573').count() = 1",
                    },
                    {
                        "key": "phd-spec",
                        "severity": "error",
                        "human": "a specialization has a version",
                        "expression": "specialization.all(version.exists())",
                    },
                ]
            },
        ),
        ("Device.manufacturer", {"min": 1}),
        ("Device.modelNumber", {"min": 1}),
    ]
    + common,
)
sd(
    "PhgDevice",
    H + "Device",
    "Device",
    [
        (
            "Device",
            {
                "constraint": [
                    fmt,
                    {
                        "key": "phg-type",
                        "severity": "error",
                        "human": "type has MDC 531981",
                        "expression": "type.coding.where(system = 'urn:iso:std:iso:11073:10101' and code = '531981').count() = 1",
                    },
                ]
            },
        )
    ]
    + common,
)
sd(
    "PhdPatient",
    H + "Patient",
    "Patient",
    [
        (
            "Patient",
            {
                "constraint": [
                    {
                        "key": "phd-pid",
                        "severity": "warning",
                        "human": "an identifier typed with v2-0203",
                        "expression": "identifier.type.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v2-0203').exists()",
                    }
                ]
            },
        )
    ],
)
