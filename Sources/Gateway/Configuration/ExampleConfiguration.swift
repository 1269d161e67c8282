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
    #   - name: son-chat
    #     kind: webhook
    #     url-credential: son-chat      # an address that is itself a secret (Slack, Telegram), in a file of that name
    #     template: telegram.mustache
    #
    # Who is told of an urgent alert, and who next when nobody answers (`vitals ack --by mai`). Without this everybody is
    # told at once. What is not urgent waits for the end of somebody's quiet hours.
    #
    # emergency-number: "115"           # what the texts of alerts say to call
    # contacts:
    #   - {name: mai, role: caregiver, destinations: [daughter], quiet: {from: "22:00", until: "06:00"}}
    #   - {name: dr-lan, role: clinician, destinations: [clinic]}
    # escalation:
    #   steps:
    #     - {tell: [mai], wait: 10m}
    #     - {tell: [dr-lan], wait: 20m}

    """
  }
}
