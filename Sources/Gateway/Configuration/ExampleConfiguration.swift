/// A configuration to start from, with every destination kind shown and none switched on.
package enum ExampleConfiguration {
  package static func text(data: String) -> String {
    """
    # vitalsd.yaml: check it with `vitals check`.
    data: \(data == ".run" ? "." : data)
    socket: \(data == ".run" ? "vitals.sock" : "/run/vitals/vitals.sock")

    # Play recorded device sessions: auto = while there is no Bluetooth adapter, always, never.
    simulation:
      enabled: \(data == ".run" ? "auto" : "never")

    # Records wait until a time server has set this box's clock; alerts do not. For a box whose clock is right without one:
    # clock: {trust: always}

    # Devices on a cable are read when they are plugged in. To leave them alone:
    # usb: {enabled: false}

    # ANT+ straps by an ANT stick; `vitals doctor` shows the numbers that are heard. The key comes from thisisant.com.
    #
    # ant:
    #   credential: ant-network-key     # the file of that name in /etc/vitals/credentials
    #   straps:
    #     - {number: 12345, name: "Mai's strap"}

    # Readings are kept on this box. To send them somewhere, name a destination here and let each person agree:
    #   vitals consent grant --patient NAME --destination NAME --who "…" --relationship "…"
    #
    # destinations:
    #   - name: health-record
    #     kind: fhir
    #     url: https://record.example/fhir
    #     patient-system: urn:oid:2.999.84.1
    #     credential: health-record     # the file of that name in /etc/vitals/credentials
    #   - name: daughter
    #     kind: webhook
    #     url: https://hooks.example/vitals
    #     credential: daughter

    """
  }
}
