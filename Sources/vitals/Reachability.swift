import LocalAPI

extension Console {
  /// In red, at the end of what is said: whose alerts nobody gets.
  func warn(unreachable: [Status.Unreachable]) {
    guard !unreachable.isEmpty else { return }
    for person in unreachable {
      say(StatusText.alertsReachNobody, ["person": person.patientName], .bad)
    }
    say(StatusText.alertsReachNobodyRemedy, [:], .bad)
  }
}
