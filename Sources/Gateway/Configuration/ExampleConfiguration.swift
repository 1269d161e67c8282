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

    # What the kept readings may take of the disk; beyond it, old ones that a destination has are removed here:
    # storage: {budget: 1GB}

    # Devices on a cable are read when they are plugged in. To leave them alone:
    # usb: {enabled: false}

    # ANT+ straps by an ANT stick; `vitals doctor` shows the numbers that are heard. The key comes from thisisant.com.
    #
    # ant:
    #   credential: ant-network-key     # the file of that name in /etc/vitals/credentials
    #   straps:
    #     - {number: 12345, name: "Mai's strap"}

    # The household's own record is answered as FHIR R4 at the socket, below /fhir. For programs that cannot open it:
    #
    # record: {port: 8484, credential: record-token}     # 127.0.0.1 only, with this token

    # A monitor outside that notices when this box is dead: it is told every 5 minutes that the box lives, and when the last
    # reading came (no value, no name). Set its own period to the same.
    #
    # heartbeat:
    #   kind: healthchecks            # or uptime-kuma, or ping for any address that counts requests
    #   url-credential: heartbeat     # the address is a secret: the file of that name in /etc/vitals/credentials
    #   every: 5m

    # Members of the group vitals operate: they see everybody, pair devices and answer alerts. Root administers. To give
    # somebody a narrower or a wider role (`vitals whoami` shows it):
    #
    # access:
    #   administer: {users: [hoa]}
    #   own:
    #     - {user: mai, patients: [p-…]}    # sees this person only; ids: `vitals patients list`

    # Readings are kept on this box. To send them somewhere, name a destination here and let each person agree:
    #   vitals consent grant --patient NAME --destination NAME --who "…" --relationship "…"
    #
    # destinations:
    #   - name: health-record
    #     kind: fhir
    #     url: https://record.example/fhir
    #     patient-system: urn:oid:2.999.84.1
    #     credential: health-record     # the file of that name in /etc/vitals/credentials: a bearer token
    #     # or: auth: {kind: basic}, and the file holds user:password
    #     # or: auth: {kind: smart, client-id: home-17}, and the file holds the key that 'vitals key FILE' makes
    #     # client-credential: health-record-tls      # certificate and key, where the server asks for one
    #     # patient: {by: identifier}   # the server knows each person by the pseudonym; create is the default
    #     # only: {kinds: [blood-pressure], since: 2026-03-01}   # also patients: [ID]
    #   - name: clinic-hl7              # HL7 v2.6 over MLLP; of the two records one is enough
    #     kind: hl7v2
    #     url: mllps://hl7.clinic.example:2575
    #     patient-system: urn:oid:2.999.84.1
    #     ca-file: clinic-ca.pem
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
    #   - {name: dr-lan, role: clinician, destinations: [clinic], most-an-hour: 4}
    # escalation:
    #   most-an-hour: 10                # of what is not urgent; the rest is one message when the hour is over
    #   steps:
    #     - {tell: [mai], wait: 10m}
    #     - {tell: [dr-lan], wait: 20m}
    #
    # How they answer from outside. Each message holds a signed token that answers once, in this time.
    #
    # answers:
    #   valid: 24h
    #   reply:                          # a button in ntfy; the box fetches what it writes, nothing listens
    #     url: https://ntfy.example/vitals-answers-7f3c91
    #     credential: ntfy              # an access token that may read this topic
    #   page:                           # a link to a page with a button, for a box that can be reached
    #     listen: "127.0.0.1:8481"      # behind a proxy or a tunnel that speaks TLS
    #     address: https://box.example

    """
  }
}
