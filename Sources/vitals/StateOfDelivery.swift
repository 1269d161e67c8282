import ArgumentParser

/// How a delivery stands, as an argument; the daemon's own words.
enum StateOfDelivery: String, ExpressibleByArgument, CaseIterable, Sendable {
  case waiting, delivered, rejected, cancelled
}
