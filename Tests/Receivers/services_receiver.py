#!/usr/bin/env python3
"""Takes what ntfy, Slack, Telegram and Zalo take, and refuses what they refuse. Python itself is enough.

    services_receiver.py     POST /, /services/T…/B…/…, /bot<token>/sendMessage, /v3.0/oa/message/cs

What is asked of a body stands in the services' own documentation: docs.ntfy.sh/publish ("Publish as JSON", "Action buttons"),
api.slack.com/messaging/webhooks with its changelog of 2016-05-17, core.telegram.org/bots/api#sendmessage;
Zalo's in its own SDK's examples (zaloplatform/zalo-java-sdk, src/test/java/v3/SendTextCSMessage.java: address, header and
body), its limit of 2,000 characters and its codes (-216 a token that is none, -201 a wrong parameter) in what others write of
them. Zalo answers 200 to what it refuses; this one takes the token `lab-token`.
"""

import json

import receiver


def wrong_action(action):
    """Which field of an action button ntfy would refuse; None: it takes it."""
    if not isinstance(action, dict) or action.get("action") not in ("view", "http", "broadcast"):
        return "action"
    if not isinstance(action.get("label"), str) or not action["label"]:
        return "label"
    if action["action"] in ("view", "http"):
        url = action.get("url")
        if not isinstance(url, str) or not url.split(":")[0] in ("http", "https", "mailto", "geo", "ntfy", "twitter"):
            return "url"
    if action.get("method", "POST") not in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"):
        return "method"
    if not isinstance(action.get("body", ""), str) or not isinstance(action.get("clear", False), bool):
        return "body or clear"
    headers = action.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return "headers"
    return None


def ntfy(message):
    if not isinstance(message.get("topic"), str) or not message["topic"].replace("-", "").replace("_", "").isalnum():
        return "topic"
    for name in ("title", "message"):
        if not isinstance(message.get(name, ""), str):
            return name
    if message.get("priority", 3) not in (1, 2, 3, 4, 5) or isinstance(message.get("priority"), bool):
        return "priority"
    tags = message.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return "tags"
    actions = message.get("actions", [])
    if not isinstance(actions, list) or len(actions) > 3:
        return "actions"
    return next(filter(None, map(wrong_action, actions)), None)


def slack(message):
    text = message.get("text")
    return None if isinstance(text, str) and text.strip() else "text"


def telegram(message):
    chat, text = message.get("chat_id"), message.get("text")
    if isinstance(chat, bool) or not (isinstance(chat, int) or isinstance(chat, str) and chat.startswith("@")):
        return "chat_id"
    return None if isinstance(text, str) and 1 <= len(text) <= 4096 else "text"


def zalo(message):
    recipient, content = message.get("recipient"), message.get("message")
    if not isinstance(recipient, dict) or not str(recipient.get("user_id", "")).isdigit() \
            or not isinstance(recipient["user_id"], str):
        return "recipient"
    text = content.get("text") if isinstance(content, dict) else None
    return None if isinstance(text, str) and 1 <= len(text) <= 2000 else "text"


class ServicesReceiver(receiver.Receiver):
    def stats(self):
        return {"requests": len(self.journal.lines)}

    def receive(self, path, headers, body):
        if path == "/":
            service, check, answer = "ntfy", ntfy, {"event": "message"}
        elif path.startswith("/services/"):
            service, check, answer = "slack", slack, None
        elif path.startswith("/bot") and path.endswith("/sendMessage"):
            service, check, answer = "telegram", telegram, {"ok": True, "result": {}}
        elif path == "/v3.0/oa/message/cs":
            service, check, answer = "zalo", zalo, {"error": 0, "message": "Success", "data": {"message_id": "1"}}
        else:
            return 404, "text/plain", b"", {"refused": "path"}
        entry = {"service": service, "signed": "webhook-signature" in headers}
        # ntfy reads JSON at its root whatever the type says; the others ask for it.
        if service != "ntfy" and headers.get("Content-Type", "").split(";")[0] != "application/json":
            return 400, "text/plain", b"invalid_payload", {**entry, "refused": "content type"}
        try:
            message = json.loads(body)
            wrong = check(message) if isinstance(message, dict) else "no object"
        except ValueError as error:
            wrong, message = f"no JSON: {error}", None
        entry["body"] = message
        if service == "zalo":
            if headers.get("access_token") != "lab-token":
                wrong, answer = "token", {"error": -216, "message": "Access token is invalid"}
            elif wrong:
                answer = {"error": -201, "message": f"{wrong} is invalid"}
            return 200, "application/json", json.dumps(answer).encode(), {**entry, **({"refused": wrong} if wrong else {})}
        if wrong:
            return 400, "text/plain", b"invalid_payload", {**entry, "refused": wrong}
        if answer is None:
            return 200, "text/plain", b"ok", entry
        return 200, "application/json", json.dumps(answer).encode(), entry


def main():
    receiver.serve(ServicesReceiver, receiver.arguments(__doc__).parse_args())


if __name__ == "__main__":
    main()
