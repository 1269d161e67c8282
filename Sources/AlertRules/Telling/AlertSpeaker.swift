import Foundation
import Observations

/// Puts one alert into words: the small parts that every sentence is made of.
struct AlertSpeaker {
  let transition: AlertTransition
  let context: AlertTextContext
  /// Told well after it was measured, so that its time is the first thing to say.
  let isLate: Bool

  /// - Parameter hasWaited: what is told was held up on its way.
  init(_ transition: AlertTransition, _ context: AlertTextContext, hasWaited: Bool = false) {
    self.transition = transition
    self.context = context
    // The time of an acknowledgement is its own, and not the reading's.
    isLate = transition.isLate || (hasWaited && transition.stage != .acknowledged)
  }

  /// Both languages side by side, so that neither is changed without the other.
  func say(_ en: String, _ vi: String) -> String { context.language == .vi ? vi : en }

  /// With a capital letter in front and a full stop behind.
  func sentence(_ text: String) -> String { capitalised(text) + "." }

  func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  // MARK: Numbers and times

  func number(_ value: Decimal) -> String {
    let text = "\(value)"
    return say(text, text.replacing(".", with: ","))
  }

  func unit(of component: AlertComponent) -> String {
    switch component {
    case .systolic, .diastolic, .mean: "mmHg"
    case .pulse, .heartRate: say("a minute", "lần một phút")
    }
  }

  func amount(_ value: Decimal, of component: AlertComponent) -> String {
    "\(number(value)) \(unit(of: component))"
  }

  func days(_ count: Decimal) -> String {
    say(count == 1 ? "1 day" : "\(number(count)) days", "\(number(count)) ngày")
  }

  func readings(_ count: Decimal) -> String {
    say(count == 1 ? "1 reading" : "\(number(count)) readings", "\(number(count)) lần đo")
  }

  /// Seconds, as people say them.
  func span(_ seconds: TimeInterval) -> String {
    let minutes = Decimal(Int((seconds / 60).rounded()))
    if seconds < 120 { return say("\(Int(seconds)) seconds", "\(Int(seconds)) giây") }
    return say("\(number(minutes)) minutes", "\(number(minutes)) phút")
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// `3:12 am`, `3 giờ 12`.
  func clock(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = context.timeZone
    let parts = calendar.dateComponents([.hour, .minute], from: date)
    let (hour, minute) = (parts.hour ?? 0, parts.minute ?? 0)
    let minutes = (minute < 10 ? "0" : "") + "\(minute)"
    return say(
      "\(hour % 12 == 0 ? 12 : hour % 12):\(minutes) \(hour < 12 ? "am" : "pm")",
      minute == 0 ? "\(hour) giờ" : "\(hour) giờ \(minutes)")
  }

  /// `3:12 am on 5 March`, `3 giờ 12 ngày 5 tháng 3`; never "today": it may be read tomorrow.
  ///
  /// - Parameter isShort: for a title.
  func time(_ date: Date, isShort: Bool = false) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = context.timeZone
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    let (day, month) = (parts.day ?? 1, parts.month ?? 1)
    let otherYear = parts.year == calendar.component(.year, from: transition.decidedAt) ? nil : parts.year
    let clock = clock(date)
    switch context.language {
    case .en:
      let name = Self.months[month - 1]
      return isShort
        ? "\(clock), \(day) \(name.prefix(3))"
        : "\(clock) on \(day) \(name)" + (otherYear.map { " \($0)" } ?? "")
    case .vi:
      return isShort
        ? "\(clock) ngày \(day)/\(month)"
        : "\(clock) ngày \(day) tháng \(month)" + (otherYear.map { " năm \($0)" } ?? "")
    }
  }

  // MARK: People

  /// How a Vietnamese name may begin that says already how the person is addressed.
  private static let forms: Set<String> = [
    "ông", "bà", "cụ", "bác", "cô", "chú", "dì", "cậu", "mợ", "anh", "chị", "em", "má", "mẹ", "ba", "bố", "cha", "thầy",
  ]

  /// The name as it is said; nil: none was given.
  var name: String? {
    guard let person = context.person?.trimmingCharacters(in: .whitespaces), !person.isEmpty else { return nil }
    guard context.language == .vi else { return person }
    let first = person.split(separator: " ")[0].lowercased()
    return Self.forms.contains(first) ? person : "Ông/Bà \(person)"
  }

  /// Nobody knows whose alert it is.
  var isUnassigned: Bool { transition.patient == nil && transition.fact == nil }

  /// Whether the person whose alert it is is spoken to.
  var isToPatient: Bool { context.isToPatient && !isUnassigned }

  /// What the person is called who is spoken to: in Vietnamese by the form that their name begins with.
  private var you: String {
    let form = context.person?.split(separator: " ").first.map { $0.lowercased() }
    return say("you", form.flatMap { Self.forms.contains($0) ? $0 : nil } ?? "ông/bà")
  }

  /// The third person or the second.
  func has(_ third: String = "has", you second: String = "have") -> String { isToPatient ? second : third }

  /// The person as the subject of a sentence.
  var who: String {
    if isToPatient { return you }
    if isUnassigned { return say("somebody at home", "một người trong nhà") }
    return name ?? say("the person of this alert", "người được theo dõi")
  }

  /// Who said that they know; nil: nobody did.
  var answerer: String? {
    guard let acknowledgement = transition.acknowledgement else { return nil }
    if let by = acknowledgement.by { return capitalised(by.rawValue) }
    return say("somebody at home", "một người ở nhà")
  }

  /// The number to call, or whom.
  var help: String {
    context.emergencyNumber ?? say("the doctor or the emergency service", "bác sĩ hoặc cấp cứu")
  }

  // MARK: Values

  /// One value with its name.
  struct Part {
    var name: String
    var amount: String
  }

  /// What a reading holds, both pressures in one, the value that the alert is about first.
  func parts(_ values: [AlertComponent: Decimal]) -> [Part] {
    var parts: [Part] = []
    if let systolic = values[.systolic], let diastolic = values[.diastolic] {
      let pair = say("\(number(systolic)) over \(number(diastolic))", "\(number(systolic)) trên \(number(diastolic))")
      parts.append(Part(name: say("blood pressure", "huyết áp"), amount: "\(pair) mmHg"))
    } else {
      for component in [AlertComponent.systolic, .diastolic] {
        if let value = values[component] { parts.append(part(component, value)) }
      }
    }
    if transition.component == .mean, let mean = values[.mean] { parts.insert(part(.mean, mean), at: 0) }
    for component in [AlertComponent.pulse, .heartRate] {
      guard let value = values[component] else { continue }
      parts.insert(part(component, value), at: transition.component == component ? 0 : parts.count)
    }
    return parts
  }

  private func part(_ component: AlertComponent, _ value: Decimal) -> Part {
    Part(name: plainName(component), amount: amount(value, of: component))
  }

  /// Without an article.
  func plainName(_ component: AlertComponent) -> String {
    switch component {
    case .systolic: say("upper number", "số trên")
    case .diastolic: say("lower number", "số dưới")
    case .mean: say("mean pressure", "huyết áp trung bình")
    case .pulse: say("pulse", "mạch")
    case .heartRate: say("heart rate", "nhịp tim")
    }
  }

  func name(_ component: AlertComponent) -> String { say("the \(plainName(component))", plainName(component)) }

  /// The values that this telling is of.
  var values: [AlertComponent: Decimal] {
    // What was not repeated is the reading that opened it, whatever was measured within the rest.
    if transition.stage == .notRepeated, let opened = transition.openedWith { return opened }
    if let component = transition.component {
      guard let values = transition.values, values[component] != nil else { return [component: transition.value] }
      return values
    }
    return transition.values ?? [:]
  }

  /// `a blood pressure of 187 over 102 mmHg and a pulse of 88 a minute`.
  func listed(_ values: [AlertComponent: Decimal]) -> String {
    let parts = parts(values)
    switch context.language {
    case .vi: return parts.map { "\($0.name) \($0.amount)" }.joined(separator: ", ")
    case .en:
      return parts.map { "\($0.name.hasPrefix("u") ? "an" : "a") \($0.name) of \($0.amount)" }
        .joined(separator: " and ")
    }
  }

  /// The first part by itself: `187 over 102 mmHg`.
  func pair(_ values: [AlertComponent: Decimal]) -> String { parts(values).first?.amount ?? "" }

  // MARK: Limits

  /// `above the limit of 180 mmHg`.
  func beyond(_ value: Decimal, _ limit: String, than number: Decimal) -> String {
    if value == number { return say("at the limit of \(limit)", "bằng ngưỡng \(limit)") }
    return value > number
      ? say("above the limit of \(limit)", "cao hơn ngưỡng \(limit)")
      : say("below the limit of \(limit)", "thấp hơn ngưỡng \(limit)")
  }

  /// Of an alert that is over: where the value is now.
  func calm(_ value: Decimal, _ comparison: Comparison, _ limit: String, than number: Decimal) -> String {
    if comparison.holds(value, number) {
      return comparison.isUpward
        ? say("still above the calm level of \(limit)", "vẫn chưa xuống dưới mức yên tâm \(limit)")
        : say("still below the calm level of \(limit)", "vẫn chưa lên trên mức yên tâm \(limit)")
    }
    if value == number { return say("back at \(limit)", "đã trở lại mức \(limit)") }
    return comparison.isUpward
      ? say("back below \(limit)", "đã xuống dưới \(limit)") : say("back above \(limit)", "đã lên lại trên \(limit)")
  }
}
