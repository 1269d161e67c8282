import AlertRules
import Foundation
import Observations
import Testing

/// What an alert says to a person, over every text there is.
@Suite struct AlertTextTests {
  static let everything = AlertTextExample.all

  @Test func everyStageSeverityAndComponentHasATextInBothLanguages() {
    let full = Self.everything.filter { $0.form == .full }
    for severity in AlertSeverity.allCases {
      let ofSeverity = full.filter { $0.transition.severity == severity }
      for stage in AlertStage.allCases where !(stage == .summary && severity == .urgent) {
        #expect(ofSeverity.contains { $0.transition.stage == stage }, "\(stage), \(severity)")
      }
      for component in AlertComponent.allCases {
        for phase in [AlertPhase.firing, .resolved] {
          #expect(
            ofSeverity.contains { $0.transition.component == component && $0.transition.to == phase },
            "\(component), \(phase), \(severity)")
        }
      }
      for stage in AlertStage.allCases where !(stage == .summary && severity == .urgent) {
        #expect(
          Self.everything.contains {
            $0.form == .thin && $0.transition.stage == stage && $0.transition.severity == severity
          })
      }
    }
    for flag in MeasurementFlag.allCases {
      #expect(full.contains { $0.transition.flags == [flag] })
    }
    for example in Self.everything {
      let texts = AlertLanguage.allCases.map { example.text(in: $0) }
      #expect(Set(texts).count == texts.count, "\(example.section): \(example.label)")
    }
  }

  @Test func everyTextIsShort() {
    for example in Self.everything {
      for language in AlertLanguage.allCases {
        let text = example.text(in: language)
        let place = Comment(rawValue: "\(example.label), \(language): \(text)")
        // None had to be cut off.
        #expect(!text.title.isEmpty && text.title.count <= AlertText.longestTitle && !text.title.contains("…"), place)
        #expect(text.body.count <= AlertText.longestBody, place)
        let sentences = text.body.matches(of: #/[.!?](?: |$)/#).count
        #expect((2...(example.digest == nil ? 4 : 8)).contains(sentences), place)
        #expect(text.body.first?.isUppercase == true || text.body.first?.isNumber == true, place)
        // What a voice reads wrongly, and what a missing word leaves behind.
        for sign in ["≥", "≤", "/min", "  ", " ,", " .", "; .", "mm[Hg]"] {
          #expect(!text.title.contains(sign) && !text.body.contains(sign), place)
        }
        #expect(text.body.firstMatch(of: #/\d\/\d/#) == nil, place)
      }
    }
  }

  @Test func whoeverItIsAboutIsSpokenTo() {
    let examples = Self.everything.filter { $0.isToPatient && $0.transition.patient != nil }
    #expect(examples.count > 20)
    for example in examples {
      let (en, vi) = (example.text(in: .en).body, example.text(in: .vi).body)
      for words in ["They ", "they feel", "the person of this alert", "go there", "You has", "You is"] {
        #expect(!en.contains(words), "\(example.label): \(en)")
      }
      for words in ["người được theo dõi", "đến xem"] {
        #expect(!vi.lowercased().contains(words), "\(example.label): \(vi)")
      }
    }
    let context = AlertTextContext(language: .vi, timeZone: .gmt, person: "Bà Tư", isToPatient: true)
    let first = examples.first { $0.transition.stage == .first }?.transition
    #expect(first.map { AlertText($0, context).body.hasPrefix("Bà có huyết áp") } == true)
    // Nobody knows whose it is, so nobody is told that it is theirs.
    let unknown = first.map { transition in
      var transition = transition
      transition.patient = nil
      return AlertText(transition, context).body
    }
    #expect(unknown?.hasPrefix("Một người trong nhà") == true)
  }

  @Test func noTextNamesAnIllness() {
    let forbidden = [
      "diagnos", "hypertens", "hypotens", "crisis", "stroke", "heart attack", "fibrillation", "tachycard", "bradycard",
      "tăng huyết áp", "cao huyết áp", "tụt huyết áp", "hạ huyết áp", "chẩn đoán", "đột quỵ", "nhồi máu", "rung nhĩ",
      "bệnh",
      "danger", "nguy hiểm", "nguy kịch",
    ]
    for example in Self.everything {
      for language in AlertLanguage.allCases {
        let text = example.text(in: language)
        let words = (text.title + " " + text.body).lowercased()
        for word in forbidden { #expect(!words.contains(word), "\(example.label), \(language): \(word)") }
      }
    }
  }

  @Test func aTextWithAValueSaysTheValueTheUnitAndTheLimit() {
    for example in Self.everything where example.form == .full && example.transition.fact == nil {
      let transition = example.transition
      // Closed with its rule: nothing was measured.
      guard transition.stage != .ruleChanged else { continue }
      for language in AlertLanguage.allCases {
        let body = example.text(in: language).body
        func spoken(_ number: Decimal) -> String {
          language == .vi ? "\(number)".replacing(".", with: ",") : "\(number)"
        }
        let unit =
          switch (transition.component, transition.unit) {
          case (.systolic?, _), (.diastolic?, _), (.mean?, _): "mmHg"
          case (.pulse?, _), (.heartRate?, _): language == .vi ? "lần một phút" : "a minute"
          case (nil, .day): language == .vi ? "ngày" : "day"
          case (nil, _):
            if case .count(_, of: nil) = transition.basis {
              language == .vi ? "ngày" : "day"
            } else {
              language == .vi ? "lần đo" : "reading"
            }
          }
        let place = Comment(rawValue: "\(example.label), \(language): \(body)")
        #expect(says(body, spoken(transition.value)), place)
        #expect(body.contains(unit), place)
        let limit: Decimal =
          if case .old(let condition?) = transition.basis { condition.limit } else { transition.limit }
        #expect(says(body, spoken(limit)), place)
        for value in (transition.stage == .notRepeated ? transition.openedWith : transition.values)?.values
          ?? [:].values
        {
          #expect(says(body, spoken(value)), place)
        }
      }
    }
  }

  /// Whether the number stands there by itself.
  private func says(_ body: String, _ number: String) -> Bool {
    body.split { !$0.isNumber && $0 != "." && $0 != "," }
      .contains { $0.trimmingCharacters(in: CharacterSet(charactersIn: ".,")) == number }
  }

  @Test func aThinTextAndAWithdrawnOneHoldNoMeasuredValue() {
    for example in Self.everything where example.form != .full {
      for language in AlertLanguage.allCases {
        let text = example.text(in: language)
        for number in ["187", "102", "88", "158", "180", "mmHg"] {
          #expect(!text.title.contains(number) && !text.body.contains(number), "\(example.label): \(text)")
        }
      }
    }
  }

  private func example(_ label: String) throws -> AlertTextExample {
    try #require(Self.everything.first { $0.label == label })
  }

  @Test func whatIsLateSaysItsTimeFirst() throws {
    let late = try example("late")
    #expect(late.text(in: .en).title == "3:12 am, 5 Mar, urgent: blood pressure 187 over 102 mmHg")
    #expect(late.text(in: .en).body.hasPrefix("At 3:12 am on 5 March, "))
    #expect(late.text(in: .vi).title == "3 giờ 12 ngày 5/3, khẩn: huyết áp 187 trên 102 mmHg")
    #expect(late.text(in: .vi).body.hasPrefix("Lúc 3 giờ 12 ngày 5 tháng 3, "))
    #expect(try !example("upper number high, urgent").text(in: .en).body.contains("March"))
  }

  @Test func aNameIsSaidOnlyWhenItIsGiven() throws {
    let unnamed = try example("upper number high, urgent")
    #expect(unnamed.text(in: .en).body.hasPrefix("The person of this alert measured"))
    #expect(!unnamed.text(in: .vi).body.contains("Ông/Bà"))
    #expect(try example("with a name").text(in: .vi).body.hasPrefix("Ông/Bà Nguyễn Thị Lan có huyết áp"))
    #expect(try example("with a name").text(in: .en).body.hasPrefix("Nguyễn Thị Lan measured"))
    #expect(try example("with a name that says how to address").text(in: .vi).title.hasPrefix("Khẩn: Bà Nội, "))
    // It would be told of somebody else otherwise.
    var stranger = try example("unassigned")
    stranger.person = "Nguyễn Thị Lan"
    #expect(!stranger.text(in: .vi).body.contains("Lan") && !stranger.text(in: .vi).title.contains("Lan"))
  }

  @Test func whomToCallIsTheConfiguredNumber() throws {
    let configured = try example("upper number high, urgent")
    #expect(configured.text(in: .en).body.contains("Call 115 at once if"))
    #expect(configured.text(in: .vi).body.hasSuffix("xin gọi ngay 115."))
    let none = try example("without an emergency number")
    #expect(none.text(in: .en).body.contains("Call the doctor or the emergency service at once if"))
    #expect(none.text(in: .vi).body.hasSuffix("xin gọi ngay bác sĩ hoặc cấp cứu."))
  }

  @Test func aTrialAsksNobodyToCall() throws {
    let trial = try example("simulated")
    #expect(trial.text(in: .en).title.hasPrefix("Trial: ") && !trial.text(in: .en).body.contains("115"))
    #expect(trial.text(in: .vi).title.hasPrefix("Thử máy: ") && !trial.text(in: .vi).body.contains("115"))
  }

  @Test func aReadingThatIsNotCalmIsNotCalledCalm() throws {
    let between = try example("high, not confirmed, and not calm, urgent")
    #expect(between.text(in: .en).body.contains("still above the calm level of 170 mmHg"))
    #expect(try example("high, not confirmed, urgent").text(in: .en).body.contains("back below 170 mmHg"))
  }

  @Test func whatTheRulesTellHoldsTheWholeReadingAndWhatTheDeviceSaidOfIt() throws {
    var house = Household(crisis(clear: 170))
    var sample = systolic(187, at: 10)
    sample.values[.diastolic] = 102
    sample.values[.pulse] = 88
    sample.flags = [.bodyMovement]
    let told = try #require(house.see(sample).first)
    #expect(told.values == sample.values)
    #expect(told.flags == [.bodyMovement])
    #expect(told.basis == nil)
    let text = AlertText(told, AlertTextContext(language: .en, timeZone: .gmt))
    #expect(text.body.contains("187 over 102 mmHg and a pulse of 88 a minute"))
    #expect(text.body.contains("movement during the measurement"))
    // A hold that ran out was made by no one reading.
    var patient = Household(crisis(hold: .seconds(600)))
    _ = patient.see(systolic(187, at: 1000))
    let fired = try #require(patient.tick(1020).first)
    #expect(fired.basis == .held(600))
    #expect(fired.flags == nil && fired.values == nil)
  }
}
