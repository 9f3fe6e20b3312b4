"""A passkey as a browser and a security key would use it."""

import hashlib
import json
import secrets

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST, ORIGIN = "testserver", "https://testserver"


class Device:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)

    def created(self, options, **differs):
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = self._data(AuthenticatorData.FLAG.AT, credential)
        attestation = AttestationObject.create("none", data, {})
        client = self._client("webauthn.create", options, **differs)
        return self._sent({"attestationObject": websafe_encode(bytes(attestation)), "clientDataJSON": client.b64})

    def used(self, options, *, is_verified=True, **differs):
        data = self._data(AuthenticatorData.FLAG.UV if is_verified else 0)
        client = self._client("webauthn.get", options, **differs)
        signature = self.key.sign(bytes(data) + client.hash, ec.ECDSA(SHA256()))
        return self._sent(
            {
                "authenticatorData": websafe_encode(bytes(data)),
                "clientDataJSON": client.b64,
                "signature": websafe_encode(signature),
            }
        )

    def _data(self, flags, credential=b""):
        up = AuthenticatorData.FLAG.UP
        return AuthenticatorData.create(hashlib.sha256(HOST.encode()).digest(), up | flags, 0, credential)

    def _client(self, kind, options, *, challenge=None, origin=ORIGIN):
        challenge = challenge or websafe_decode(json.loads(options)["publicKey"]["challenge"])
        return CollectedClientData.create(kind, challenge, origin)

    def _sent(self, response):
        name = websafe_encode(self.id)
        return json.dumps(
            {"type": "public-key", "id": name, "rawId": name, "response": response, "clientExtensionResults": {}}
        )


def a_passkey(person, name="Work laptop"):
    """Stored, without the page; returns the device."""
    device = Device()
    options = json.dumps({"publicKey": {"challenge": websafe_encode(b"any challenge")}})
    data = {"name": name, "credential": json.loads(device.created(options))}
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)
    return device
