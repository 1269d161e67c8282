#!/usr/bin/env python3
"""Takes webhooks and verifies them with the PyPI package `standardwebhooks`, which nobody wrote for this gateway.

    webhook_receiver.py --secret whsec_...        any path; 204 when the signature is right, 401 when it is not

The journal says of each request its id, type, data, and whether the id was new; `--no-validate` leaves the signature
unlooked at. With `--schema` each message is held against a JSON Schema too (400 when it does not fit). `--judge` takes no
requests: it reads one JSON object a line, {"secret", "headers", "body"} or, with `--schema`, {"message"}, and answers with a
line, `ok` or why not.
"""

import json
import sys

import receiver

SEEN = {}  # webhook-id -> how often


class WebhookReceiver(receiver.Receiver):
    verify = staticmethod(lambda body, headers: None)
    fits = staticmethod(lambda message: None)

    def stats(self):
        return {"ids": len(SEEN), "requests": sum(SEEN.values())}

    def receive(self, path, headers, body):
        try:
            self.verify(body, {name.lower(): value for name, value in headers.items()})
            message = json.loads(body)
        except Exception as error:
            return 401, "text/plain", b"", {"refused": f"{type(error).__name__}: {error}"}
        try:
            self.fits(message)
        except Exception as error:
            return 400, "text/plain", b"", {"refused": f"{type(error).__name__}: {error}"}
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


def judge():
    from standardwebhooks import Webhook

    for line in sys.stdin:
        case = json.loads(line)
        try:
            if "message" in case:
                WebhookReceiver.fits(case["message"])
            else:
                Webhook(case["secret"]).verify(case["body"], case["headers"])
            print("ok", flush=True)
        except Exception as error:
            print(f"{type(error).__name__}: {str(error).splitlines()[0]}", flush=True)


def main():
    parser = receiver.arguments(__doc__)
    parser.add_argument("--secret", help="whsec_...")
    parser.add_argument("--schema", metavar="FILE", help="the JSON Schema that messages must fit")
    parser.add_argument("--judge", action="store_true", help="verify what comes on standard input")
    chosen = parser.parse_args()
    if chosen.schema:
        import jsonschema

        with open(chosen.schema, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        WebhookReceiver.fits = staticmethod(jsonschema.Draft202012Validator(schema).validate)
    if chosen.judge:
        return judge()
    WebhookReceiver.verified = not chosen.no_validate
    if not chosen.no_validate:
        if not chosen.secret:
            parser.error("--secret is needed to verify (or say --no-validate)")
        from standardwebhooks import Webhook

        WebhookReceiver.verify = staticmethod(Webhook(chosen.secret).verify)
    receiver.serve(WebhookReceiver, chosen)


if __name__ == "__main__":
    main()
