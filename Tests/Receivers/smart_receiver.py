#!/usr/bin/env python3
"""The FHIR double behind SMART Backend Services: discovery, a token endpoint that judges signed clients with PyJWT, and a
FHIR base that takes only tokens which this server signed and which have not ended.

    GET  /fhir/.well-known/smart-configuration      POST /token      everything else of fhir_receiver.py, under /fhir
    POST /_smart  {"life": 2}           seconds that a token is good (300)
                  {"clock": 600}        seconds that this server's clock is ahead of ours
                  {"rotate": true}      another key signs tokens; those of the last one are refused
                  {"audience": "x"}     who a client must say that it speaks to (the token endpoint's address)
                  {"for": "x"}          whom tokens are for; the FHIR base takes only those for itself
                  {"clients": JWKS}     the public keys of the client `gateway`, as a client registers them
                  {"algorithms": [...]} what discovery says

The journal has a line for each token that was asked for: `{"token": true, "kid": ..., "alg": ..., "refused": ...}`.
"""

import json
import time
import urllib.parse

import jwt

import fhir_receiver
import receiver

CLIENT = "gateway"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SETTINGS = {"life": 300, "clock": 0, "generation": 1, "algorithms": ["RS384", "ES384"], "clients": {"keys": []}}
SEEN = set()


def now():
    return time.time() + SETTINGS["clock"]


def server_key():
    return f"the token server's own secret, number {SETTINGS['generation']}"


class SMARTReceiver(fhir_receiver.FHIRReceiver):
    prefix = "fhir"

    def date_time_string(self, timestamp=None):
        return super().date_time_string(now() if timestamp is None else timestamp)

    @property
    def base(self):
        return f"http://{self.headers['Host']}"

    def look_up(self, url):
        if url.path == "/fhir/.well-known/smart-configuration":
            return self.answer_json(
                200,
                {
                    "token_endpoint": f"{self.base}/token",
                    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                    "token_endpoint_auth_signing_alg_values_supported": SETTINGS["algorithms"],
                    "capabilities": ["client-confidential-asymmetric", "permission-v2"],
                },
            )
        if url.path != "/fhir/metadata" and (problem := self.token_problem()):
            return self.answer(401, fhir_receiver.FHIR, fhir_receiver.outcome(problem))
        super().look_up(url)

    def do_POST(self):
        if self.path == "/_smart":
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if order.pop("rotate", False):
                SETTINGS["generation"] += 1
            SETTINGS.update(order)
            return self.answer(204)
        super().do_POST()

    def receive(self, path, headers, body):
        if path == "/token":
            return self.give_token(body)
        if problem := self.token_problem():
            return 401, fhir_receiver.FHIR, fhir_receiver.outcome(problem), {"refused": [problem]}
        return super().receive(path, headers, body)

    def token_problem(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return "no bearer token"
        try:
            # PyJWT reads the machine's clock; ours may be another one.
            claims = jwt.decode(
                token, server_key(), algorithms=["HS256"], audience=f"{self.base}/fhir", options={"verify_exp": False}
            )
        except jwt.PyJWTError as error:
            return f"{type(error).__name__}"
        return None if claims["exp"] > now() else "ExpiredSignatureError"

    def give_token(self, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        entry = {"token": True}

        def refused(error, words):
            answer = {"error": error, "error_description": words}
            return 400, "application/json", json.dumps(answer).encode(), {**entry, "refused": [error, words]}

        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION:
            return refused("invalid_request", "grant_type or client_assertion_type")
        if "system/Observation." not in form.get("scope", ""):
            return refused("invalid_scope", "system/Observation is needed")
        try:
            header = jwt.get_unverified_header(form.get("client_assertion", ""))
            entry |= {"kid": header.get("kid"), "alg": header.get("alg")}
            keys = {key["kid"]: jwt.PyJWK(key) for key in SETTINGS["clients"]["keys"]}
            if header.get("kid") not in keys:
                return refused("invalid_client", "the key is not registered")
            claims = jwt.decode(
                form["client_assertion"], keys[header["kid"]].key, algorithms=["RS384", "ES384"],
                audience=SETTINGS.get("audience") or f"{self.base}/token", issuer=CLIENT,
                options={"verify_exp": False, "require": ["iss", "sub", "aud", "exp", "jti"]},
            )
        except jwt.PyJWTError as error:
            return refused("invalid_client", type(error).__name__)
        if not now() < claims["exp"] <= now() + 300:
            return refused("invalid_client", "exp has passed, or is more than five minutes ahead")
        if claims["sub"] != CLIENT or header.get("typ") != "JWT":
            return refused("invalid_client", "sub or typ")
        if claims["jti"] in SEEN:
            return refused("invalid_client", "jti was used before")
        SEEN.add(claims["jti"])
        token = jwt.encode(
            {"aud": SETTINGS.get("for") or f"{self.base}/fhir", "exp": int(now()) + SETTINGS["life"]}, server_key(),
            algorithm="HS256",
        )
        answer = {
            "access_token": token, "token_type": "bearer", "expires_in": SETTINGS["life"], "scope": form["scope"]
        }
        return 200, "application/json", json.dumps(answer).encode(), entry


def main():
    chosen = fhir_receiver.options(receiver.arguments(__doc__)).parse_args()
    fhir_receiver.choose(chosen)
    receiver.serve(SMARTReceiver, chosen)


if __name__ == "__main__":
    main()
