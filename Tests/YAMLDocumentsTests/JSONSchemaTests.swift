import Testing
import YAMLDocuments

@Suite struct JSONSchemaTests {
  static let schema = """
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "type": "object",
      "required": ["name", "driver"],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9-]+$", "description": "vendor/model in small letters", "examples": ["sig/blood-pressure"]},
        "driver": {"type": "string", "minLength": 1, "description": "which driver reads it"},
        "session": {"$ref": "#/$defs/session"},
        "limits": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 10}, "propertyNames": {"pattern": "^[a-z]+$"}},
        "steps": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/$defs/step"}},
        "secret": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["file"], "properties": {"file": {"type": "string"}}}]}
      },
      "$defs": {
        "session": {
          "type": "object",
          "additionalProperties": false,
          "description": "how a visit goes",
          "properties": {
            "bond": {"enum": ["required", "preferred", "never"]},
            "simulated": {"type": "boolean"},
            "idle": {"type": "integer", "exclusiveMinimum": 0},
            "version": {"const": 1}
          }
        },
        "step": {
          "oneOf": [
            {"type": "object", "additionalProperties": false, "required": ["value"],
             "properties": {"kind": {"const": "indicate"}, "value": {"type": "string"}}},
            {"type": "object", "additionalProperties": false, "required": ["seconds"],
             "properties": {"kind": {"const": "wait"}, "seconds": {"type": "number"}}}
          ]
        }
      }
    }
    """

  static func diagnose(_ text: String) throws -> [String] {
    let schema = try JSONSchema(json: Self.schema, name: "test.schema.json")
    return schema.validate(try YAMLDocument(text: text, file: "f.yaml")).map(\.description)
  }

  @Test func aGoodDocumentHasNothingToSay() throws {
    let text = """
      name: sig/heart-rate
      driver: gatt-heart-rate
      session: {bond: never, simulated: true, idle: 60, version: 1}
      limits: {rate: 2.5, count: 3}
      steps: [{kind: indicate, value: "00"}, {kind: wait, seconds: 1}]
      secret: plain
      """
    #expect(try Self.diagnose(text) == [])
    #expect(try Self.diagnose(text.replacing("secret: plain", with: "secret: {file: x}")) == [])
  }

  @Test(arguments: [
    ("driver: x", "f.yaml:1:1: name: is missing: vendor/model in small letters"),
    ("- a", "f.yaml:1:1: expected a mapping of names to values, found a list"),
    (
      "name: Sig\ndriver: x",
      "f.yaml:1:7: name: Sig has not the expected form (vendor/model in small letters, for example sig/blood-pressure)"
    ),
    ("name: a/b\ndriver: ''", "f.yaml:2:9: driver: is empty (which driver reads it)"),
    (
      "name: a/b\ndriver: 12",
      "f.yaml:2:9: driver: expected text, found the number 12; put it in quotes if it is text (which driver reads it)"
    ),
    (
      "name: a/b\ndriver: x\nsesion: {}",
      "f.yaml:3:1: sesion: unknown name; known here: session, secret, limits, steps, name, driver"
    ),
    (
      "name: a/b\ndriver: x\nsession: {bond: require}",
      "f.yaml:3:17: session.bond: require is not known; known here: required, preferred, never"
    ),
    (
      "name: a/b\ndriver: x\nsession:\n  simulated: yes",
      "f.yaml:4:14: session.simulated: expected true or false, found the text yes; write true or false"
    ),
    (
      "name: a/b\ndriver: x\nsession: {idle: 0}",
      "f.yaml:3:17: session.idle: 0 is too small; expected more than 0"
    ),
    (
      "name: a/b\ndriver: x\nsession: {idle: 1.5}",
      "f.yaml:3:17: session.idle: expected a whole number, found the number 1.5"
    ),
    ("name: a/b\ndriver: x\nsession: {version: 2}", "f.yaml:3:20: session.version: expected 1, found 2"),
    (
      "name: a/b\ndriver: x\nlimits: {a: -1}", "f.yaml:3:13: limits.a: -1 is too small; expected at least 0"
    ),
    (
      "name: a/b\ndriver: x\nlimits: {a: 11}", "f.yaml:3:13: limits.a: 11 is too large; expected at most 10"
    ),
    (
      "name: a/b\ndriver: x\nlimits: {A: 1}",
      "f.yaml:3:10: limits.A: the name has not the expected form; expected ^[a-z]+$"
    ),
    ("name: a/b\ndriver: x\nsteps: []", "f.yaml:3:8: steps: has 0 items; expected at least 1"),
    (
      "name: a/b\ndriver: x\nsteps: [{value: '00'}]",
      "f.yaml:3:9: steps[0].kind: is missing; known here: indicate, wait"
    ),
    (
      "name: a/b\ndriver: x\nsteps: [{kind: wat}]",
      "f.yaml:3:16: steps[0].kind: wat is not known; known here: wait, indicate"
    ),
    (
      "name: a/b\ndriver: x\nsteps: [{kind: wait, value: x, seconds: 1}]",
      "f.yaml:3:22: steps[0].value: unknown name; known here: kind, seconds"
    ),
    ("name: a/b\ndriver: x\nsteps: [{kind: wait}]", "f.yaml:3:9: steps[0].seconds: is missing"),
    (
      "name: a/b\ndriver: x\nsteps: [wait]", "f.yaml:3:9: steps[0]: expected a mapping with `kind`, found the text wait"
    ),
    (
      "name: a/b\ndriver: x\nsecret: 5",
      "f.yaml:3:9: secret: expected text or a mapping of names to values, found the number 5"
    ),
    ("name: a/b\ndriver: x\nsecret: {}", "f.yaml:3:9: secret.file: is missing"),
  ])
  func eachFaultIsNamedWithItsPlace(text: String, expected: String) throws {
    #expect(try Self.diagnose(text) == [expected])
  }

  @Test(arguments: [
    ("driver: x", "name: còn thiếu: hãng/mẫu bằng chữ thường"),
    ("name: UA\ndriver: x", "name: 'UA' không đúng dạng (hãng/mẫu bằng chữ thường, ví dụ sig/blood-pressure)"),
    ("name: 5\ndriver: x", "name: cần chữ, nhưng ở đây là số 5; nếu là chữ, hãy đặt trong dấu nháy"),
    // Nobody has said that in Vietnamese yet.
    ("name: a/b\ndriver: ''", "driver: đang để trống (which driver reads it)"),
    ("name: a/b\ndriver: x\nlimits: {rate: 11}", "limits.rate: 11 quá lớn; cần nhiều nhất 10"),
    ("name: a/b\ndriver: x\nsteps: []", "steps: có 0 mục; cần ít nhất 1"),
    ("name: a/b\ndriver: x\nsteps: [{kind: wat}]", "steps[0].kind: không có 'wat'; ở đây dùng được: wait, indicate"),
    (
      "name: a/b\ndriver: x\nsteps: [wait]",
      "steps[0]: cần các mục, trong đó có `kind`, nhưng ở đây là chữ wait"
    ),
    (
      "name: a/b\ndriver: x\nsecret: 5",
      "secret: cần chữ hoặc các mục dạng tên: giá trị, nhưng ở đây là số 5"
    ),
    ("name: a/b\ndriver: x\nsessio: {}", "sessio: không có tên này; ở đây dùng được: session, "),
    ("name: a/b\ndriver: x\nsession: {simulated: yes}", "nhưng ở đây là chữ yes; hãy viết true hoặc false"),
  ])
  func faultsAreSaidInVietnamese(text: String, expected: String) throws {
    let schema = try JSONSchema(
      json: Self.schema, name: "test.schema.json",
      vietnamese: ["vendor/model in small letters": "hãng/mẫu bằng chữ thường"])
    let found = schema.validate(try YAMLDocument(text: text, file: "f.yaml"))
    #expect(found.first?.sentence(isVietnamese: true).contains(expected) == true, "\(found.map(\.vi))")
  }

  @Test func allFaultsAreNamedInTheOrderOfTheText() throws {
    let found = try Self.diagnose("session: {idle: -1, bnd: never}\nname: X")
    #expect(found.count == 4)
    #expect(found.map { $0.contains("is missing") } == [true, false, false, false])
  }

  @Test(arguments: [
    ("{\"patternProperties\": {}}", "this keyword of JSON Schema is not checked here"),
    ("{\"type\": \"strng\"}", "unknown type; known here: string"),
    ("{\"$ref\": \"#/$defs/a\"}", "refers to #/$defs/a, which is not there"),
    ("{\"$ref\": \"other.json\"}", "only #/$defs/NAME is followed"),
    ("{\"pattern\": \"(\"}", "is not a regular expression"),
    ("{\"oneOf\": [{\"type\": \"object\"}, {\"type\": \"object\"}]}", "the branches must differ"),
    ("{\"minLength\": -1}", "expected a whole number from 0"),
    ("[]", "a schema is an object"),
  ])
  func aSchemaThatPromisesWhatIsNotCheckedIsRefused(json: String, expected: String) throws {
    let error = try #require(throws: Diagnostic.self) { try JSONSchema(json: json, name: "s.json") }
    #expect(error.message.contains(expected), "\(error)")
    #expect(error.file == "s.json")
  }

  @Test func referencesInACircleEnd() throws {
    let schema = try JSONSchema(
      json: "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"$ref\": \"#/$defs/a\"}}}", name: "s")
    #expect(schema.validate(try YAMLDocument(text: "1", file: "f")).count == 1)
  }

  @Test func nearestNamesComeFirst() {
    let known = KnownNames(["heart-rate", "blood-pressure", "glucose"])
    #expect(known.nearestFirst(to: "glucos") == ["glucose", "heart-rate", "blood-pressure"])
    #expect(known.answer(to: "hart-rate", limit: 1) == "known here: heart-rate, and 2 more")
    #expect(KnownNames([String]()).answer(to: "x") == "no names are known here")
  }
}
