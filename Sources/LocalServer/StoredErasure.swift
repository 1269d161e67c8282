import Store

/// The store's own erasure, named apart from the local API's as ``StoredConsent`` is.
typealias StoredErasure = Erasure
