#!/usr/bin/env python3
"""Takes webhooks and verifies them with the PyPI package `standardwebhooks`, which nobody wrote for this gateway.

    webhook_receiver.py --secret whsec_...        any path; 204 when the signature is right, 401 when it is not

The journal says of each request its id, type, data, and whether the id was new; `--no-validate` leaves the signature
unlooked at.
"""

import json

import receiver

SEEN = {}  # webhook-id -> how often


class WebhookReceiver(receiver.Receiver):
    verify = staticmethod(lambda body, headers: None)

    def stats(self):
        return {"ids": len(SEEN), "requests": sum(SEEN.values())}

    def receive(self, path, headers, body):
        try:
            self.verify(body, {name.lower(): value for name, value in headers.items()})
            message = json.loads(body)
        except Exception as error:
            return 401, "text/plain", b"", {"refused": f"{type(error).__name__}: {error}"}
        name = headers["webhook-id"]
        SEEN[name] = SEEN.get(name, 0) + 1
        entry = {
            "id": name,
            "timestamp": headers["webhook-timestamp"],
            "new": SEEN[name] == 1,
            "verified": self.verified,
            "message": message,
        }
        return 204, "", b"", entry


def main():
    parser = receiver.arguments(__doc__)
    parser.add_argument("--secret", help="whsec_...")
    chosen = parser.parse_args()
    WebhookReceiver.verified = not chosen.no_validate
    if not chosen.no_validate:
        if not chosen.secret:
            parser.error("--secret is needed to verify (or say --no-validate)")
        from standardwebhooks import Webhook

        WebhookReceiver.verify = staticmethod(Webhook(chosen.secret).verify)
    receiver.serve(WebhookReceiver, chosen)


if __name__ == "__main__":
    main()
