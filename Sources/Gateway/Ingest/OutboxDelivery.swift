package import Store

/// The store's delivery, where `LocalAPI` has one of its own: the module `Store` cannot be named before its class `Store`.
package typealias OutboxDelivery = Delivery
