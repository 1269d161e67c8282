/// A term of ISO/IEEE 11073-10101: a partition and a code in it, as sent.
package struct NomenclatureTerm: Hashable, Sendable, Codable {
  package var partition: UInt16
  package var code: UInt16

  package init(partition: UInt16, code: UInt16) {
    self.partition = partition
    self.code = code
  }

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    partition = try reader.uint16("TYPE.partition")
    code = try reader.uint16("TYPE.code")
  }

  /// The term as one number, as FHIR writes it: partition × 65536 + code.
  package var code32: UInt32 { UInt32(partition) << 16 | UInt32(code) }

  package var json: JSON {
    .object([.init("partition", .integer(Int(partition))), .init("code", .integer(Int(code)))])
  }
}

/// The terms of the object partition (1) that the manager has to know to run an association (20601 Annex I). What a
/// measurement is, is carried through as a number.
package enum ObjectTerm {
  package static let numeric: UInt16 = 6
  package static let enumeration: UInt16 = 5
  package static let realTimeSampleArray: UInt16 = 9
  package static let episodicScanner: UInt16 = 18
  package static let periodicScanner: UInt16 = 19
  package static let pmStore: UInt16 = 61
  package static let pmSegment: UInt16 = 62

  package static let configurationNotification: UInt16 = 3356
  package static let scanReportFixed: UInt16 = 3357
  package static let scanReportVariable: UInt16 = 3358
  package static let scanReportMultiPersonFixed: UInt16 = 3359
  package static let scanReportMultiPersonVariable: UInt16 = 3360
  package static let segmentData: UInt16 = 3361

  package static let clearSegments: UInt16 = 3084
  package static let getSegmentInfo: UInt16 = 3085
  package static let setTime: UInt16 = 3095
  package static let triggerSegmentTransfer: UInt16 = 3100
}

/// The attributes by their terms in the object partition (20601 Annex I).
package enum AttributeID {
  package static let confirmTimeout: UInt16 = 2324
  package static let instanceNumber: UInt16 = 2338
  package static let systemModel: UInt16 = 2344
  package static let metricID: UInt16 = 2347
  package static let productionSpecification: UInt16 = 2349
  package static let type: UInt16 = 2351
  package static let storeCapacityCount: UInt16 = 2369
  package static let storeSampleAlgorithm: UInt16 = 2371
  package static let storeUsageCount: UInt16 = 2372
  package static let measurementStatus: UInt16 = 2375
  package static let compoundValue: UInt16 = 2379
  package static let value: UInt16 = 2384
  package static let numberOfSegments: UInt16 = 2385
  package static let operationalState: UInt16 = 2387
  package static let powerStatus: UInt16 = 2389
  package static let segmentUsageCount: UInt16 = 2427
  package static let systemID: UInt16 = 2436
  package static let systemType: UInt16 = 2438
  package static let dateAndTime: UInt16 = 2439
  package static let remainingBatteryTime: UInt16 = 2440
  package static let segmentEndTime: UInt16 = 2442
  package static let samplePeriod: UInt16 = 2445
  package static let relativeTime: UInt16 = 2447
  package static let timeStamp: UInt16 = 2448
  package static let relativeTimeStamp: UInt16 = 2449
  package static let segmentStartTime: UInt16 = 2450
  package static let unitCode: UInt16 = 2454
  package static let batteryLevel: UInt16 = 2460
  package static let enumerationValue: UInt16 = 2462
  package static let highResolutionRelativeTime: UInt16 = 2536
  package static let highResolutionTimeStamp: UInt16 = 2537
  package static let configurationID: UInt16 = 2628
  package static let timeInformation: UInt16 = 2629
  package static let metricSpecification: UInt16 = 2630
  package static let sampleArray: UInt16 = 2632
  package static let simpleOIDValue: UInt16 = 2633
  package static let simpleStringValue: UInt16 = 2634
  package static let certification: UInt16 = 2635
  package static let basicValue: UInt16 = 2636
  package static let pmStoreCapabilities: UInt16 = 2637
  package static let segmentEntryMap: UInt16 = 2638
  package static let segmentPersonID: UInt16 = 2639
  package static let attributeValueMap: UInt16 = 2645
  package static let simpleValue: UInt16 = 2646
  package static let specialisations: UInt16 = 2650
  package static let metricIDPartition: UInt16 = 2655
  package static let supplementalTypes: UInt16 = 2657
  package static let clearTimeout: UInt16 = 2659
  package static let transferTimeout: UInt16 = 2660
  package static let simpleBitStringValue: UInt16 = 2661
  package static let basicBitStringValue: UInt16 = 2662
  package static let metricStructure: UInt16 = 2675
  package static let compoundSimpleValue: UInt16 = 2676
  package static let compoundBasicValue: UInt16 = 2677
  package static let metricIDList: UInt16 = 2678
  package static let baseOffsetTime: UInt16 = 2689
  package static let baseOffsetTimeStamp: UInt16 = 2690
  package static let segmentStartBaseOffsetTime: UInt16 = 2691
  package static let segmentEndBaseOffsetTime: UInt16 = 2692
}
