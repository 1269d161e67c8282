import ArgumentParser
import Foundation
import LocalAPI
import Testing

@testable import vitals

@Suite struct ArgumentTests {
  @Test func everyCommandIsThereAndHasExamples() throws {
    let names = Vitals.configuration.subcommands.map { $0._commandName }
    #expect(
      names == [
        "pair", "scan", "unpair", "devices", "assign", "patients", "readings", "claim", "disown", "alerts",
        "announce", "ack", "silence", "consent", "webhooks", "deliveries", "status", "doctor", "check", "reload", "key",
        "decode", "learn", "rules", "export", "backup", "restore", "erase", "accesses", "whoami",
      ])
    for command in Vitals.configuration.subcommands {
      #expect(command.configuration.discussion.contains("vitals \(command._commandName)"), "\(command)")
    }
  }

  @Test func pairTakesItsOptions() throws {
    let parsed = try Vitals.parseAsRoot([
      "pair", "--address", "f0:f1:f2:f3:f4:f5", "--patient", "Mai", "--yes", "--passkey-stdin", "--profile",
      "sig/blood-pressure", "--wait", "24h", "--json",
    ])
    let pair = try #require(parsed as? Pair)
    #expect(pair.address == "f0:f1:f2:f3:f4:f5")
    #expect(pair.patient == "Mai")
    #expect(pair.yes && pair.passkeyStdin && pair.common.json)
    #expect(pair.profile == "sig/blood-pressure")
    #expect(pair.wait?.seconds == 86_400)
  }

  @Test func answersAndSilences() throws {
    let ack = try #require(try Vitals.parseAsRoot(["ack", "3f09", "--by", "mai"]) as? Ack)
    #expect(ack.alert == "3f09" && ack.by == "mai" && ack.patient == nil)
    let add = try Vitals.parseAsRoot(["silence", "add", "--for", "2h", "--reason", "new cuff", "--urgent"])
    let silence = try #require(add as? SilenceCommand.Add)
    #expect(silence.span.seconds == 7200 && silence.urgent && silence.rule == nil)
    let history = try #require(try Vitals.parseAsRoot(["alerts", "--history", "all", "--since", "2d"]) as? Alerts)
    #expect(history.history == "all")
    for wrong in [
      ["ack", "3f09", "--patient", "Mai"], ["ack", ""], ["silence", "add", "--for", "2h"],
      ["silence", "add", "--for", "2", "--reason", "x"], ["silence", "add", "--for", "2h", "--reason", " "],
      ["silence", "lift"], ["alerts", "--open", "--follow"], ["alerts", "--open", "--since", "2d"],
    ] {
      #expect(throws: (any Error).self) { _ = try Vitals.parseAsRoot(wrong) }
    }
  }

  @Test func webhooksAreNamed() throws {
    let test = try #require(try Vitals.parseAsRoot(["webhooks", "test", "daughter", "--json"]) as? Webhooks.Test)
    #expect(test.name == "daughter" && test.common.json)
    let messages = try #require(
      try Vitals.parseAsRoot(["webhooks", "messages", "daughter", "--state", "rejected", "--limit", "5"])
        as? Webhooks.Messages)
    #expect(messages.state == .rejected && messages.limit == 5)
    #expect((try Vitals.parseAsRoot(["webhooks", "redeliver", "msg_1"]) as? Webhooks.Redeliver)?.id == "msg_1")
    for wrong in [["webhooks", "test"], ["webhooks", "redeliver"], ["webhooks", "messages", "a", "--limit", "0"]] {
      #expect(throws: (any Error).self) { try Vitals.parseAsRoot(wrong) }
    }
  }

  @Test func rulesAreTriedOnFilesOrOnWhatIsStored() throws {
    let files = try #require(
      try Vitals.parseAsRoot(["rules", "test", "--lang", "en", "--rules", "r.d", "x.yaml"]) as? Rules.Test)
    #expect(files.arguments == ["rules-test", "--lang", "en", "--rules", "r.d", "--", "x.yaml"])
    let stored = try #require(
      try Vitals.parseAsRoot(["rules", "test", "--lang", "en", "--since", "30d", "--json"]) as? Rules.Test)
    #expect(stored.arguments == ["rules-test", "--lang", "en", "--json", "--history"])
    for wrong in [
      ["rules", "test"], ["rules", "test", "a.yaml", "--since", "30d"],
      ["rules", "test", "a.yaml", "--patient", "Mai"],
    ] {
      #expect(throws: (any Error).self) { try Vitals.parseAsRoot(wrong) }
    }
  }

  @Test func pairAgainTakesADevice() throws {
    let pair = try #require(try Vitals.parseAsRoot(["pair", "--again", "UA-651", "--wait", "1h"]) as? Pair)
    #expect(pair.again == "UA-651" && pair.address == nil)
  }

  @Test(arguments: [["--address", "F0:F1:F2:F3:F4:F5"], ["--profile", "a/b"], ["--patient", "Mai"]])
  func pairAgainKeepsWhatTheDeviceHas(others: [String]) {
    #expect(throws: (any Error).self) { try Vitals.parseAsRoot(["pair", "--again", "UA-651"] + others) }
  }

  @Test func consentHasNoDefaults() {
    let whole = [
      "--patient", "Mai", "--destination", "clinic", "--who", "Dr Lan", "--relationship", "doctor",
    ]
    #expect(throws: Never.self) { try Vitals.parseAsRoot(["consent", "grant"] + whole) }
    for index in stride(from: 0, to: whole.count, by: 2) {
      var part = whole
      part.removeSubrange(index...index + 1)
      #expect(throws: (any Error).self, "without \(whole[index])") {
        try Vitals.parseAsRoot(["consent", "grant"] + part)
      }
    }
    #expect(throws: (any Error).self) {
      try Vitals.parseAsRoot(["consent", "grant"] + whole.dropLast() + [" "])
    }
  }

  @Test(arguments: [
    ["readings", "--since", "yesterday"], ["readings", "--limit", "0"], ["status", "--lang", "fr"],
    ["pair", "--wait", "long"], ["scan", "--for", "11m"], ["decode", "16"],
    ["decode", "--characteristic", "2A35", "--profile", "a/b", "16"], ["decode", "--characteristic", "2A35", "1"],
    ["decode", "--characteristic", "2A35", "zz"], ["unpair"], ["nothing"],
    ["deliveries", "list", "--state", "xxx"], ["webhooks", "messages", "a", "--state", "zzz"],
    ["alerts", "--history", ""],
    ["silence", "add", "--for", "48h", "--urgent", "--reason", "x"],
    ["silence", "add", "--for", "999d", "--reason", "x"],
    ["patients", "add", ""], ["erase", " ", "--yes"], ["decode", "--characteristic", "zzzz", "16"],
    ["readings", "--since", "999999d"], ["unpair", ""], ["export", "--csv", "--json"],
  ])
  func wrongArgumentsAre64(arguments: [String]) {
    do {
      _ = try Vitals.parseAsRoot(arguments)
      Issue.record("accepted: \(arguments)")
    } catch {
      #expect(Vitals.exitCode(for: error).rawValue == 64)
    }
  }

  @Test func socketIsChosen() throws {
    let plain = try #require(try Vitals.parseAsRoot(["status"]) as? StatusCommand)
    #expect(plain.common.socketPath(environment: [:]) == "/run/vitals/vitals.sock")
    #expect(plain.common.socketPath(environment: ["VITALS_SOCKET": "/tmp/a"]) == "/tmp/a")
    #expect(plain.common.socketPath(environment: ["VITALS_SOCKET": ""]) == "/run/vitals/vitals.sock")
    let named = try #require(try Vitals.parseAsRoot(["status", "--socket", "/tmp/b"]) as? StatusCommand)
    #expect(named.common.socketPath(environment: ["VITALS_SOCKET": "/tmp/a"]) == "/tmp/b")
  }

  @Test func siblingProgramGetsTheArguments() throws {
    let check = try #require(try Vitals.parseAsRoot(["check", "--lang", "en", "--json", "a.yaml", "rules"]) as? Check)
    #expect(check.arguments == ["check", "--lang", "en", "--json", "--", "a.yaml", "rules"])
    #expect(
      (try Vitals.parseAsRoot(["check", "--lang", "en"]) as? Check)?.arguments == [
        "check", "--lang", "en", "--", "/etc/vitals",
      ])
    let decode = try #require(
      try Vitals.parseAsRoot(["decode", "--lang", "en", "--characteristic", "2A35", "16 80:00", "50"]) as? Decode)
    #expect(decode.arguments == ["decode", "--lang", "en", "--characteristic", "2A35", "16800050"])
    let profile = try #require(
      try Vitals.parseAsRoot(["decode", "--lang", "en", "--json", "--profile", "sig/blood-pressure", "1680"]) as? Decode
    )
    #expect(profile.arguments == ["decode", "--lang", "en", "--json", "--profile", "sig/blood-pressure", "1680"])
  }

  /// Of everything that is passed on, a person reads what the sibling says of it.
  @Test(arguments: [
    ["check", "a.yaml"], ["decode", "--characteristic", "2A35", "16"], ["rules", "test", "x.yaml"], ["key", "record"],
    ["devices", "--supported"], ["restore", "a.age"],
  ])
  func siblingProgramSpeaksTheSameLanguage(words: [String]) throws {
    func arguments(_ command: any ParsableCommand) -> [String]? {
      switch command {
      case let command as Check: command.arguments
      case let command as Decode: command.arguments
      case let command as Rules.Test: command.arguments
      case let command as Key: command.arguments
      case let command as Devices: command.arguments
      case let command as Restore: command.arguments
      default: nil
      }
    }
    for language in Language.allCases {
      let parsed = try Vitals.parseAsRoot(words + ["--lang", language.rawValue])
      let passed = try #require(arguments(parsed))
      let place = try #require(passed.firstIndex(of: "--lang"))
      #expect(passed[place + 1] == language.rawValue && place < (passed.firstIndex(of: "--") ?? .max))
    }
  }

  @Test func siblingProgramIsFoundBesideThenInPath() {
    func locate(_ there: Set<String>) -> String? {
      DaemonProgram.locate(besides: "/opt/v/bin/vitals", path: "/usr/bin:/bin", isExecutable: there.contains)
    }
    #expect(locate(["/opt/v/bin/vitalsd", "/usr/bin/vitalsd"]) == "/opt/v/bin/vitalsd")
    #expect(locate(["/bin/vitalsd"]) == "/bin/vitalsd")
    #expect(locate([]) == nil)
  }

  @Test(arguments: [
    (LocalClientError.socketMissing(path: "/x"), CommandStatus.daemonNotReachable),
    (.nobodyListens(path: "/x"), .daemonNotReachable), (.permissionDenied(path: "/x"), .daemonNotReachable),
    (.brokenOff(path: "/x"), .daemonNotReachable), (.timedOut(path: "/x", seconds: 60), .daemonNotReachable),
    (.protocolFailure(path: "/x", detail: "y"), .failed),
    (.refused(status: 404, APIError("not-found", "no")), .notFound),
    (.refused(status: 409, APIError("busy", "no")), .failed),
  ])
  func errorsHaveTheirExitCodesInBothLanguages(error: LocalClientError, status: CommandStatus) {
    for language in Language.allCases {
      let failure = CommandFailure(error, in: language)
      #expect(failure.status == status)
      #expect(!failure.sentence.isEmpty)
    }
  }

  @Test(
    arguments: [
      (
        APIError.Kind.unknownPerson, ["name": "Ba"], "Không có ai tên 'Ba'. Xem danh sách: 'vitals patients list'."
      ), (APIError.Kind.emptyName, nil, "Cần có tên."),
      // Without what it speaks of, and of a kind that is not known, the daemon's own words stay.
      (APIError.Kind.unknownPerson, nil, "Không tìm thấy: in English"), ("newer", nil, "Không tìm thấy: in English"),
    ] as [(String, [String: String]?, String)])
  func refusalsAreSaidInVietnamese(kind: String, parameters: [String: String]?, sentence: String) {
    let error = APIError("not-found", "in English", remedy: "remedy", kind: kind, parameters: parameters)
    let failure = CommandFailure(.refused(status: 404, error), in: .vi)
    #expect(failure.sentence == sentence)
    #expect((failure.remedy == nil) == !sentence.hasSuffix("English"))
    #expect(CommandFailure(.refused(status: 404, error), in: .en).sentence == "in English")
  }

  @Test func wordsOfTheParserAreSaidInVietnamese() {
    let page = """
      OVERVIEW: Tìm thiết bị.

      USAGE: vitals scan [--for <time>]

      OPTIONS:
        --for <time>            Tìm trong bao lâu. (default: 30s)
        --group <group>         Ngưỡng. (values: adult, child; default: adult)
        -h, --help              Show help information.
      """
    #expect(ParserWords.said(page, in: .en) == page)
    #expect(
      ParserWords.said(page, in: .vi) == """
        MÔ TẢ: Tìm thiết bị.

        CÁCH DÙNG: vitals scan [--for <time>]

        TÙY CHỌN:
          --for <time>            Tìm trong bao lâu. (mặc định: 30s)
          --group <group>         Ngưỡng. (giá trị: adult, child; mặc định: adult)
          -h, --help              Hiện trợ giúp này.
        """)
    #expect(
      ParserWords.said("Error: Unknown option '--x'\n  See 'vitals --help' for more information.", in: .vi)
        == "Lỗi: Không có tùy chọn '--x'\n  Xem 'vitals --help' để biết thêm.")
  }

  @Test func theVersionIsThatOfTheDaemon() {
    #expect(Vitals.configuration.version == Version.current)
  }

  @Test func missingPermissionNamesTheGroup() {
    for language in Language.allCases {
      let failure = CommandFailure(.permissionDenied(path: "/x"), in: language)
      #expect(failure.remedy?.contains("usermod -aG vitals") == true)
    }
  }
}
