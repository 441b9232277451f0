"""An OpenID Connect provider on loopback that logs in whomever the test names."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "iris-loop"


class IdentityProvider:
    """A provider that serves until it is closed; `person` holds the claims of the next login."""

    def __init__(self) -> None:
        self.person: Mapping[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "test"})
        self.nonce = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def secrets(self) -> str:
        """Return the login's section of a Streamlit secrets file; Streamlit fills in its port."""
        unimportant = "not a secret, but long enough for one"
        return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{unimportant}"
client_id = "{CLIENT}"
client_secret = "{unimportant}"
server_metadata_url = "{self.address}/.well-known/openid-configuration"
"""

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _token(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600,
            "nonce": self.nonce, **self.person,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self.key)
        return {"access_token": "none", "token_type": "Bearer", "id_token": token}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path)[2:4]
                if path == "/authorize":
                    parameters = {name: values[0] for name, values in parse_qs(query).items()}
                    provider.nonce = parameters.get("nonce", "")
                    back = urlencode({"code": "accepted", "state": parameters["state"]})
                    self.send_response(302)
                    self.send_header("Location", f"{parameters['redirect_uri']}?{back}")
                    self.end_headers()
                elif path == "/keys":
                    self._answer({"keys": [provider.key.as_dict(private=False)]})
                else:
                    self._answer(provider._metadata())

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self._answer(provider._token())

            def _answer(self, content: object) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        return Handler
