import Foundation
import Observations

/// One made-up alert, for a page of every text there is, and for tests.
package struct AlertTextExample: Sendable {
  /// Which of the texts of an alert.
  package enum Form: String, Hashable, Sendable, CaseIterable {
    case full, thin, withdrawn
  }

  /// The part of the page that it belongs to.
  package var section: String
  /// What it is an example of.
  package var label: String
  package var transition: AlertTransition
  package var form: Form = .full
  package var person: String?
  package var emergencyNumber: String? = "115"
  /// What one message says of several changes, ``transition`` the one to say first; nil: it says that alone.
  package var digest: AlertDigest?
  /// To the person whose alert it is.
  package var isToPatient = false

  package func text(in language: AlertLanguage) -> AlertText {
    let context = AlertTextContext(
      language: language, timeZone: TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt, person: person,
      emergencyNumber: emergencyNumber, isToPatient: isToPatient)
    if let digest { return form == .thin ? .thin(digest, context) : AlertText(digest, context) }
    return switch form {
    case .full: AlertText(transition, context)
    case .thin: .thin(transition, context)
    case .withdrawn: .withdrawn(transition, context)
    }
  }

  /// Every kind of rule in every direction, at every stage and every severity; then who is told next, what makes a reading
  /// doubtful, and the texts without values.
  package static var all: [AlertTextExample] {
    thresholds + held + confirmed + counts + means + changes + missing + old + told + things + doubtful + together
      + toPatient + thin + withdrawn
  }

  /// What is said otherwise to whoever it is about: one of each, of what is urgent.
  private static var toPatient: [AlertTextExample] {
    let all = thresholds + held + confirmed + counts + means + changes + missing + told + thin
    return all.filter { $0.transition.severity == .urgent && $0.transition.patient != nil && !$0.label.contains("low") }
      .map { example in
        var example = example
        example.section = "To the person whose alert it is"
        example.label += example.form == .thin ? ", thin, to the person" : ", to the person"
        example.isToPatient = true
        return example
      }
  }

  private static var together: [AlertTextExample] {
    let lower: Limit = (.diastolic, .atLeast, 120, 110)
    let fast: Limit = (.pulse, .atLeast, 131, 120)
    func at(_ minutes: Double, _ rule: String, _ made: AlertTransition) -> AlertTransition {
      var made = made
      made.at = night.addingTimeInterval(minutes * 60)
      made.decidedAt = made.at
      made.observation = ObservationID(rawValue: "example-\(minutes)")
      made.rule = RuleID(rawValue: rule)
      made.episode = EpisodeID(rawValue: rule)
      return made
    }
    func answered(_ minutes: Double) -> AlertTransition {
      var made = at(minutes, "high", transition(.urgent, .firing, high, reading(187, 102, 88), .acknowledged))
      made.acknowledgement = Acknowledgement(
        by: ContactID(rawValue: "lan"), role: .caregiver, at: made.at, value: made.value)
      return made
    }
    let began = at(0, "high", transition(.urgent, .firing, high, reading(187, 102, 88)))
    let ended = at(60, "high", transition(.urgent, .resolved, high, reading(158, 90, 80)))
    let quick = [
      at(70, "fast", transition(.warning, .firing, fast, reading(130, 80, 134))),
      at(80, "fast", transition(.warning, .resolved, fast, reading(130, 80, 112))),
    ]
    let both = reading(190, 121, 88)
    let digests: [(label: String, digest: AlertDigest)] = [
      (
        "one reading, two limits",
        AlertDigest([
          at(0, "high", transition(.urgent, .firing, high, both)),
          at(0, "lower", transition(.urgent, .firing, lower, both)),
        ])
      ),
      ("after an outage, over", AlertDigest([began, answered(10), ended])),
      ("after an outage, answered", AlertDigest([began, answered(10)])),
      ("after an outage, several", AlertDigest([began, answered(10), ended] + quick)),
      (
        "held back by a limit",
        AlertDigest(
          quick + [at(90, "fast", transition(.warning, .firing, fast, reading(130, 80, 136)))],
          waits: [.flood, .flood, .flood])
      ),
      (
        "many changes",
        AlertDigest(
          (0..<12).flatMap { number in
            [
              at(Double(number) * 20, "fast", transition(.warning, .firing, fast, reading(130, 80, 134))),
              at(Double(number) * 20 + 10, "fast", transition(.warning, .resolved, fast, reading(130, 80, 112))),
            ]
          })
      ),
    ]
    return digests.flatMap { label, digest in
      [Form.full, .thin].map { form in
        AlertTextExample(
          section: "Several changes in one message", label: form == .thin ? "\(label), thin" : label,
          transition: digest.lead, form: form, digest: digest)
      }
    }
  }

  // MARK: Making them up

  /// 5 March 2026, 3:12 in Việt Nam.
  private static let night = Date(timeIntervalSince1970: 1_772_655_120)

  private typealias Limit = (component: AlertComponent, comparison: Comparison, limit: Decimal, clear: Decimal)

  private static let high: Limit = (.systolic, .atLeast, 180, 170)
  private static let low: Limit = (.systolic, .atMost, 90, 100)

  private static func reading(_ systolic: Decimal, _ diastolic: Decimal, _ pulse: Decimal) -> [AlertComponent: Decimal]
  {
    [.systolic: systolic, .diastolic: diastolic, .pulse: pulse]
  }

  private static func transition(
    _ severity: AlertSeverity, _ to: AlertPhase, _ limit: Limit, _ values: [AlertComponent: Decimal],
    _ stage: AlertStage? = nil, openedWith: [AlertComponent: Decimal]? = nil
  ) -> AlertTransition {
    AlertTransition(
      episode: EpisodeID(rawValue: "example"), rule: RuleID(rawValue: "example"), severity: severity,
      patient: PatientID(rawValue: "p-example"), device: DeviceID(rawValue: "sim:example"),
      from: to == .resolved ? .firing : nil, to: to, at: night, decidedAt: night,
      observation: ObservationID(rawValue: "example"), component: limit.component,
      value: values[limit.component] ?? 0, comparison: limit.comparison,
      limit: to == .resolved ? limit.clear : limit.limit, unit: limit.component.unit, isSimulated: false, stage: stage,
      values: values, openedWith: openedWith)
  }

  private static func number(
    _ severity: AlertSeverity, _ to: AlertPhase, _ value: Decimal, limit: Decimal, _ unit: UCUMUnit,
    _ stage: AlertStage? = nil, basis: AlertBasis? = nil
  ) -> AlertTransition {
    var made = transition(severity, to, high, [:], stage)
    (made.component, made.value, made.comparison, made.limit, made.unit) = (nil, value, .atLeast, limit, unit)
    (made.values, made.basis) = (nil, basis)
    return made
  }

  /// One example at each severity.
  private static func each(
    _ section: String, _ label: String, _ make: (AlertSeverity) -> AlertTransition
  ) -> [AlertTextExample] {
    AlertSeverity.allCases.reversed().map {
      AlertTextExample(section: section, label: "\(label), \($0.rawValue)", transition: make($0))
    }
  }

  private static func each(
    _ section: String, _ makes: [(label: String, make: (AlertSeverity) -> AlertTransition)]
  ) -> [AlertTextExample] {
    makes.flatMap { each(section, $0.label, $0.make) }
  }

  // MARK: By kind of rule

  private static var thresholds: [AlertTextExample] {
    let section = "A limit for one reading (`threshold`)"
    let cases: [(String, Limit, [AlertComponent: Decimal], [AlertComponent: Decimal])] = [
      ("upper number high", high, reading(187, 102, 88), reading(158, 90, 80)),
      ("upper number at its limit", high, reading(180, 98, 84), reading(169, 90, 80)),
      ("lower number high", (.diastolic, .atLeast, 120, 110), reading(172, 124, 92), reading(150, 96, 80)),
      ("upper number low", low, reading(84, 52, 58), reading(108, 66, 64)),
      ("pulse high", (.pulse, .atLeast, 131, 120), reading(128, 80, 138), reading(124, 78, 96)),
      ("pulse low", (.pulse, .atMost, 40, 45), reading(118, 70, 38), reading(120, 72, 55)),
      ("only one pressure known", high, [.systolic: 187], [.systolic: 158]),
      ("mean pressure high", (.mean, .atLeast, 130, 120), [.mean: 136], [.mean: 112]),
    ]
    return cases.flatMap { label, limit, worrying, calm in
      each(
        section,
        [
          (label, { transition($0, .firing, limit, worrying) }),
          ("\(label), over", { transition($0, .resolved, limit, calm) }),
        ])
    }
  }

  private static var held: [AlertTextExample] {
    let section = "A live value beyond a limit for a while (`sustained`, or `threshold` with `for`)"
    let cases: [(String, Limit, Decimal, Decimal)] = [
      ("heart rate high", (.heartRate, .atLeast, 131, 120), 142, 96),
      ("heart rate low", (.heartRate, .atMost, 40, 45), 36, 58),
    ]
    func made(_ severity: AlertSeverity, _ to: AlertPhase, _ limit: Limit, _ value: Decimal) -> AlertTransition {
      var made = transition(severity, to, limit, [limit.component: value])
      made.basis = to == .firing ? .held(600) : nil
      made.observation = nil
      return made
    }
    return cases.flatMap { label, limit, worrying, calm in
      each(
        section,
        [
          (label, { made($0, .firing, limit, worrying) }), ("\(label), over", { made($0, .resolved, limit, calm) }),
        ])
    }
  }

  private static var confirmed: [AlertTextExample] {
    confirmed("high", high, reading(187, 102, 88), reading(191, 104, 90), reading(158, 90, 80), reading(174, 94, 82))
      + confirmed("low", low, reading(84, 52, 58), reading(82, 50, 60), reading(108, 66, 64), reading(95, 58, 62))
  }

  /// - Parameter between: neither severe nor calm.
  private static func confirmed(
    _ label: String, _ limit: Limit, _ first: [AlertComponent: Decimal], _ second: [AlertComponent: Decimal],
    _ calm: [AlertComponent: Decimal], _ between: [AlertComponent: Decimal]
  ) -> [AlertTextExample] {
    func silent(_ severity: AlertSeverity) -> AlertTransition {
      var made = transition(severity, .firing, limit, first, .notRepeated, openedWith: first)
      made.observation = nil
      made.at = night.addingTimeInterval(900)
      made.decidedAt = made.at
      return made
    }
    return each(
      "A severe reading that is to be repeated (`confirm`)",
      [
        ("\(label), first reading", { transition($0, .firing, limit, first, .first) }),
        ("\(label), confirmed", { transition($0, .firing, limit, second, .confirmed, openedWith: first) }),
        ("\(label), not confirmed", { transition($0, .resolved, limit, calm, .notConfirmed, openedWith: first) }),
        (
          "\(label), not confirmed, and not calm",
          { transition($0, .resolved, limit, between, .notConfirmed, openedWith: first) }
        ),
        ("\(label), not repeated", silent),
        ("\(label), over", { transition($0, .resolved, limit, calm, openedWith: first) }),
      ])
  }

  private static var counts: [AlertTextExample] {
    let section = "Something seen again and again (`count`)"
    let conditions = [
      RuleCondition(component: .systolic, comparison: .atLeast, limit: 135),
      RuleCondition(component: .diastolic, comparison: .atLeast, limit: 85),
    ]
    let cases: [(String, CountRule.Sign, of: Int?, seen: Decimal, limit: Decimal)] = [
      ("irregular pulse, of readings", .flag(.irregularPulse), 3, 2, 2),
      ("irregular pulse, on days", .flag(.irregularPulse), nil, 2, 2),
      ("movement, of readings", .flag(.bodyMovement), 6, 4, 3),
      ("readings beyond a limit", .any(conditions), 10, 6, 5),
      (
        "low readings",
        .any([RuleCondition(component: .systolic, comparison: .atMost, limit: 100)]), nil, 3, 3
      ),
    ]
    return cases.flatMap { label, sign, of, seen, limit in
      let basis = AlertBasis.count(sign, of: of)
      let left = of == nil ? seen - 1 : 0
      return each(
        section,
        [
          (label, { number($0, .firing, seen, limit: limit, .count, basis: basis) }),
          ("\(label), over", { number($0, .resolved, left, limit: limit, .count, basis: basis) }),
        ])
    }
  }

  private static var means: [AlertTextExample] {
    let section = "The mean of home readings (`average`)"
    func mean(
      _ severity: AlertSeverity, _ to: AlertPhase, _ limit: Limit, _ systolic: Decimal, _ diastolic: Decimal
    ) -> AlertTransition {
      var made = transition(severity, to, limit, [.systolic: systolic, .diastolic: diastolic])
      made.basis = .mean(days: 7)
      return made
    }
    let half = Decimal(sign: .plus, exponent: -1, significand: 5)
    let (high, low): (Limit, Limit) = ((.systolic, .atLeast, 135, 135), (.systolic, .atMost, 100, 105))
    return each(
      section,
      [
        ("high", { mean($0, .firing, high, 141 + half, 88) }),
        ("high, over", { mean($0, .resolved, high, 131, 82 + half) }),
        ("low", { mean($0, .firing, low, 97 + half, 60) }), ("low, over", { mean($0, .resolved, low, 108, 64) }),
      ])
  }

  private static var changes: [AlertTextExample] {
    let section = "Away from the person's own usual readings (`change`)"
    func change(
      _ severity: AlertSeverity, _ to: AlertPhase, _ comparison: Comparison, now: Decimal, limit: Decimal
    ) -> AlertTransition {
      var made = transition(
        severity, to, (.systolic, comparison, limit, limit), [.systolic: now], openedWith: [.systolic: 128])
      made.basis = .change(recent: 3)
      return made
    }
    return each(
      section,
      [
        ("rise", { change($0, .firing, .atLeast, now: 152, limit: 148) }),
        ("rise, over", { change($0, .resolved, .atLeast, now: 134, limit: 148) }),
        ("fall", { change($0, .firing, .atMost, now: 104, limit: 108) }),
        ("fall, over", { change($0, .resolved, .atMost, now: 122, limit: 108) }),
      ])
  }

  private static var missing: [AlertTextExample] {
    let section = "Nothing measured (`missing`)"
    let half = Decimal(sign: .plus, exponent: -1, significand: 5)
    func silent(_ severity: AlertSeverity, _ stage: AlertStage?, _ value: Decimal) -> AlertTransition {
      var made = number(severity, .firing, value, limit: value, .day, stage)
      made.observation = nil
      return made
    }
    func over(_ severity: AlertSeverity) -> AlertTransition {
      var made = number(severity, .resolved, 3 + half, limit: 3, .day)
      made.values = reading(132, 80, 72)
      return made
    }
    return each(
      section,
      [("no reading", { silent($0, nil, 3) }), ("still no reading", { silent($0, .still, 7) }), ("over", over)])
  }

  private static var old: [AlertTextExample] {
    func summary(_ severity: AlertSeverity, count: Decimal, days: Double) -> AlertTransition {
      let condition = RuleCondition(component: .systolic, comparison: .atLeast, limit: 180)
      var made = number(severity, .firing, count, limit: 1, .count, .summary, basis: .old(condition))
      made.values = reading(201, 95, 90)
      made.since = night.addingTimeInterval(-days * 86_400 - 2 * 86_400)
      made.at = night.addingTimeInterval(-2 * 86_400)
      return made
    }
    let section = "Readings that were old when they came (summary)"
    // A summary is never urgent.
    return each(
      section,
      [("several", { summary($0, count: 5, days: 80) }), ("one", { summary($0, count: 1, days: 0) })]
    ).filter { $0.transition.severity < .urgent }
  }

  // MARK: Telling

  private static var told: [AlertTextExample] {
    told("high", high, reading(187, 102, 88)) + told("low", low, reading(84, 52, 58))
  }

  private static func told(_ label: String, _ limit: Limit, _ values: [AlertComponent: Decimal]) -> [AlertTextExample] {
    func again(_ severity: AlertSeverity, _ stage: AlertStage, after seconds: TimeInterval) -> AlertTransition {
      var made = transition(severity, .firing, limit, values, stage)
      made.decidedAt = night.addingTimeInterval(seconds)
      return made
    }
    func acknowledged(_ severity: AlertSeverity, _ by: String?, _ role: ContactRole) -> AlertTransition {
      var made = again(severity, .acknowledged, after: 600)
      made.at = made.decidedAt
      made.acknowledgement = Acknowledgement(
        by: by.map { ContactID(rawValue: $0) }, role: role, at: made.at, value: made.value)
      return made
    }
    return each(
      "Who is told next, and who answered",
      [
        ("\(label), escalated", { again($0, .escalated, after: 1200) }),
        ("\(label), unanswered", { again($0, .unanswered, after: 2400) }),
        ("\(label), reopened", { again($0, .reopened, after: 0) }),
        (
          "\(label), rule changed",
          {
            var made = again($0, .ruleChanged, after: 3600)
            (made.to, made.at) = (.resolved, made.decidedAt)
            return made
          }
        ),
        ("\(label), acknowledged by a contact", { acknowledged($0, "mai", .caregiver) }),
        ("\(label), acknowledged by the person", { acknowledged($0, "lan", .patient) }),
        ("\(label), acknowledged by nobody named", { acknowledged($0, nil, .patient) }),
      ])
  }

  private static var things: [AlertTextExample] {
    func made(
      _ name: GatewayCondition.Name, _ severity: AlertSeverity, _ to: AlertPhase, _ stage: AlertStage? = nil
    ) -> AlertTransition {
      var made = number(severity, to, 60, limit: 30, .minute, stage)
      made.observation = nil
      made.patient = nil
      made.device = name.subject == .device ? made.device : .gateway
      let condition =
        switch name.subject {
        case .device: GatewayCondition(name, device: made.device)
        case .destination: GatewayCondition(name, destination: DestinationID(rawValue: "clinic"))
        case .box: GatewayCondition(name)
        }
      made.fact = GatewayFact(
        condition, holds: to == .firing, label: name.subject == .device ? "A&D UA-651BLE" : nil)
      made.fact?.since = night.addingTimeInterval(-3600)
      if name == .databaseDamaged {
        made.fact?.rebuilt = RebuiltDatabase(
          copyMadeAt: night.addingTimeInterval(-43_200), restored: 1204, salvaged: 3, missing: 1)
      }
      if stage == .acknowledged {
        made.acknowledgement = Acknowledgement(by: ContactID(rawValue: "mai"), role: .caregiver, at: night, value: 60)
      }
      return made
    }
    let section = "The gateway and its devices (`device`, `gateway`)"
    return GatewayCondition.Name.allCases.flatMap { name in
      [
        AlertTextExample(section: section, label: name.rawValue, transition: made(name, .warning, .firing)),
        AlertTextExample(
          section: section, label: "\(name.rawValue), over", transition: made(name, .warning, .resolved)),
      ]
    }
      + [("no copy", nil, 0), ("unknown loss", night.addingTimeInterval(-43_200), nil)].map { label, copy, missing in
        var one = made(.databaseDamaged, .urgent, .firing)
        one.fact?.rebuilt = RebuiltDatabase(
          copyMadeAt: copy, restored: copy == nil ? 0 : 1204, salvaged: copy == nil ? 17 : 0, missing: missing)
        return AlertTextExample(section: section, label: "database-damaged, \(label)", transition: one)
      }
      + each(
        section,
        [AlertStage.still, .acknowledged, .escalated, .unanswered].map { stage in
          ("destination-down, \(stage.rawValue)", { made(.destinationDown, $0, .firing, stage) })
        })
  }

  private static var doubtful: [AlertTextExample] {
    let section = "Late, doubtful, simulated, unassigned, named"
    let base = transition(.urgent, .firing, high, reading(187, 102, 88))
    func with(_ label: String, _ change: (inout AlertTextExample) -> Void) -> AlertTextExample {
      var example = AlertTextExample(section: section, label: label, transition: base)
      change(&example)
      return example
    }
    return [
      with("late") { $0.transition.decidedAt = night.addingTimeInterval(4 * 3600) },
      with("late, over") {
        $0.transition = transition(.urgent, .resolved, high, reading(158, 90, 80))
        $0.transition.decidedAt = night.addingTimeInterval(4 * 3600)
      },
      with("time uncertain") { $0.transition.timeIsUncertain = true },
      with("not stored") { $0.transition.notStored = true },
      with("simulated") { $0.transition.isSimulated = true },
      with("unassigned") { $0.transition.patient = nil },
      with("unassigned, confirmed") {
        $0.transition = transition(
          .urgent, .firing, high, reading(191, 104, 90), .confirmed, openedWith: reading(187, 102, 88))
        $0.transition.patient = nil
      },
      with("with a name") { $0.person = "Nguyễn Thị Lan" },
      with("with a name that says how to address") { $0.person = "Bà Nội" },
      with("with a long name") { $0.person = "Công Tằng Tôn Nữ Thị Phương Dung Maria Magdalena" },
      with("without an emergency number") { $0.emergencyNumber = nil },
    ]
      + MeasurementFlag.allCases.map { flag in with("flag \(flag.rawValue)") { $0.transition.flags = [flag] } }
      + [
        with("everything at once") {
          $0.transition.flags = [.bodyMovement, .cuffTooLoose, .irregularPulse]
          $0.transition.stage = .escalated
          $0.transition.decidedAt = night.addingTimeInterval(4 * 3600)
          $0.transition.timeIsUncertain = true
          $0.transition.notStored = true
          $0.person = "Nguyễn Thị Lan"
          $0.emergencyNumber = nil
        }
      ]
  }

  private static var thin: [AlertTextExample] {
    let values = reading(187, 102, 88)
    func staged(_ severity: AlertSeverity, _ stage: AlertStage) -> AlertTransition {
      var made = transition(severity, stage.isEnd ? .resolved : .firing, high, values, stage)
      if stage == .acknowledged {
        made.acknowledgement = Acknowledgement(by: ContactID(rawValue: "mai"), role: .caregiver, at: night, value: 187)
      }
      return made
    }
    func firing(_ severity: AlertSeverity, _ change: (inout AlertTransition) -> Void) -> AlertTransition {
      var made = transition(severity, .firing, high, values)
      change(&made)
      return made
    }
    var makes: [(label: String, make: (AlertSeverity) -> AlertTransition)] = [
      ("firing", { firing($0) { _ in } }), ("resolved", { transition($0, .resolved, high, reading(158, 90, 80)) }),
    ]
    makes += AlertStage.allCases.map { stage in (stage.rawValue, { staged($0, stage) }) }
    makes += [
      ("late", { firing($0) { $0.decidedAt = night.addingTimeInterval(4 * 3600) } }),
      ("time uncertain", { firing($0) { $0.timeIsUncertain = true } }),
      ("unassigned", { firing($0) { $0.patient = nil } }),
      ("simulated", { firing($0) { $0.isSimulated = true } }),
    ]
    return each("Without values, for ways that may not carry them", makes)
      .filter { $0.transition.stage != .summary || $0.transition.severity < .urgent }
      .map { example in
        var example = example
        example.form = .thin
        return example
      }
  }

  private static var withdrawn: [AlertTextExample] {
    let section = "Taken back"
    let example = AlertTextExample(
      section: section, label: "withdrawn", transition: transition(.urgent, .firing, high, reading(187, 102, 88)),
      form: .withdrawn)
    var trial = example
    trial.label = "withdrawn, simulated"
    trial.transition.isSimulated = true
    return [example, trial]
  }
}
