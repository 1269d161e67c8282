import Synchronization

/// What the service runs by now.
package final class RunningConfiguration: Sendable {
  private let value: Mutex<LoadedConfiguration>

  package init(_ loaded: LoadedConfiguration) { value = Mutex(loaded) }

  package var loaded: LoadedConfiguration {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }

  package var configuration: Configuration { loaded.configuration }
}
