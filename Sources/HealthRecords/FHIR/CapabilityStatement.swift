package import Foundation

/// What this gateway's own record can be asked (FHIR R4 CapabilityStatement, `GET metadata`).
package enum CapabilityStatement {
  /// A search parameter: its name, its type, and where R4 defines it.
  package struct Parameter: Hashable, Sendable {
    package let name: String
    let type: String
    let definition: String?
    let documentation: String?

    init(_ name: String, _ type: String, _ definition: String? = nil, _ documentation: String? = nil) {
      self.name = name
      self.type = type
      self.definition = definition.map { "http://hl7.org/fhir/SearchParameter/\($0)" }
      self.documentation = documentation
    }

    var json: JSONValue {
      .object([
        "name": .string(name), "definition": definition.map(JSONValue.string), "type": .string(type),
        "documentation": documentation.map(JSONValue.string),
      ])
    }
  }

  package static let observation =
    [
      Parameter("_id", "token", "Resource-id"),
      Parameter(
        "_lastUpdated", "date", "Resource-lastUpdated",
        "When the reading arrived, was given to its person, or got its certain time."),
      Parameter("patient", "reference", "clinical-patient"), Parameter("subject", "reference", "Observation-subject"),
      Parameter("code", "token", "clinical-code"), Parameter("category", "token", "Observation-category"),
      Parameter("date", "date", "clinical-date", "Prefixes eq, ne, gt, lt, ge, le, sa, eb."),
      Parameter("identifier", "token", "clinical-identifier"), Parameter("status", "token", "Observation-status"),
      Parameter("device", "reference", "Observation-device"),
    ]
  package static let patient = [
    Parameter("_id", "token", "Resource-id"), Parameter("identifier", "token", "Patient-identifier"),
  ]
  package static let device = [
    Parameter("_id", "token", "Resource-id"), Parameter("identifier", "token", "Device-identifier"),
  ]

  /// - Parameters:
  ///   - base: the address of the server's root.
  ///   - date: since when it can be asked this: when the daemon started.
  ///   - needsToken: asked at the loopback port.
  package static func json(
    base: String, softwareVersion: String, date: Date, timeZone: TimeZone, needsToken: Bool
  ) -> JSONValue {
    .object([
      "resourceType": "CapabilityStatement",
      "status": "active",
      "date": .string(FHIRDateTime.text(date, in: timeZone)),
      "kind": "instance",
      "software": .object(["name": "vitals-gateway", "version": .string(softwareVersion)]),
      "implementation": .object([
        "description": "The readings that this gateway keeps of its household", "url": .string(base),
      ]),
      "fhirVersion": "4.0.1",
      "format": ["application/fhir+json", "json"],
      "implementationGuide": ["http://hl7.org/fhir/uv/phd/ImplementationGuide/hl7.fhir.uv.phd"],
      "rest": [
        .object([
          "mode": "server",
          "documentation": .string(
            "Read only. A search of Observation answers what is said of people; the comparisons of a device's clock with "
              + "the gateway's are read by id, and come with Patient/$everything."),
          "security": needsToken
            ? .object(["description": "A bearer token, which the household has."])
            : .object(["description": "Users of the machine that the socket's file mode lets in."]),
          "resource": [
            resource(
              "Observation", observation,
              profiles: [
                Terminology.bloodPressureProfile, Terminology.heartRateProfile, Terminology.oxygenSaturationProfile,
              ]),
            resource(
              "Patient", patient, profiles: [Terminology.phdProfile("PhdPatient")],
              operation: "Patient-everything"),
            resource(
              "Device", device,
              profiles: [Terminology.phdProfile("PhdDevice"), Terminology.phdProfile("PhgDevice")]),
          ],
        ])
      ],
    ])
  }

  private static func resource(
    _ type: String, _ parameters: [Parameter], profiles: [String], operation: String? = nil
  ) -> JSONValue {
    .object([
      "type": .string(type), "supportedProfile": .array(profiles.map(JSONValue.string)),
      "interaction": [.object(["code": "read"]), .object(["code": "search-type"])],
      "versioning": "no-version",
      "searchParam": .array(parameters.map(\.json)),
      "operation": operation.map { name in
        [
          .object([
            "name": "everything", "definition": .string("http://hl7.org/fhir/OperationDefinition/\(name)"),
          ])
        ]
      },
    ])
  }
}
