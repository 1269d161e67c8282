import Store

/// The store's own consent, named in a file that does not see the local API's: the module's name can't set them apart, since
/// its class is called the same.
typealias StoredConsent = Consent
