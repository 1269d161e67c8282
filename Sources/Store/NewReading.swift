package import Observations

/// A reading that is to be kept, and what is known of when it was taken.
package struct NewReading: Hashable, Sendable {
  package var observation: Observation
  /// Taken just now; false: from the device's memory.
  package var live: Bool
  /// Our own clock is not known to be right: the rules see the reading, and its record waits for
  /// ``Store/settleTimes(in:policy:now:_:)``.
  package var uncertain: UncertainTime?

  package init(_ observation: Observation, live: Bool, uncertain: UncertainTime? = nil) {
    self.observation = observation
    self.live = live
    self.uncertain = uncertain
  }
}
