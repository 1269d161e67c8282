/// What `vitals rules test --since` hands to `vitalsd rules-test --history`: stored readings, and whose limits hold for whom.
package struct RuleStory: Hashable, Sendable, Codable {
  package var readings: [Reading]
  /// ``Patient/group`` by ``Patient/id``; whoever is not in it counts as an adult.
  package var groups: [String: String]

  package init(readings: [Reading], groups: [String: String]) {
    self.readings = readings
    self.groups = groups
  }

  /// Also takes a bare array of readings, which is what `vitals readings --json` prints.
  package init(from decoder: any Decoder) throws {
    if let readings = try? decoder.singleValueContainer().decode([Reading].self) {
      self.init(readings: readings, groups: [:])
      return
    }
    let story = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      readings: try story.decode([Reading].self, forKey: .readings),
      groups: try story.decodeIfPresent([String: String].self, forKey: .groups) ?? [:])
  }
}
