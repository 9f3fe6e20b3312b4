// What the browser and a passkey exchange, as JSON with Base64 in place of bytes.

const bytesOf = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
};

const textOf = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const withId = (credential) => ({ ...credential, id: bytesOf(credential.id) });

function read(options) {
  const { publicKey } = JSON.parse(options);
  publicKey.challenge = bytesOf(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytesOf(publicKey.user.id);
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (publicKey[list]) publicKey[list] = publicKey[list].map(withId);
  }
  return { publicKey };
}

// `how` is "create" or "get". Rejects with an Error whose message is for the user.
export async function credentialFor(how, options) {
  if (!window.PublicKeyCredential) throw new Error("This browser has no passkeys. Use another way.");
  let credential;
  try {
    credential = await navigator.credentials[how](read(options));
  } catch (error) {
    throw new Error(messageFor(error));
  }
  const { response } = credential;
  const names = how === "create"
    ? ["clientDataJSON", "attestationObject"]
    : ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
  return JSON.stringify({
    type: credential.type,
    id: credential.id,
    rawId: textOf(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response: {
      ...Object.fromEntries(names.map((name) => [name, textOf(response[name])])),
      ...(how === "create" ? { transports: response.getTransports?.() ?? [] } : {}),
    },
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

function messageFor(error) {
  if (error.name === "InvalidStateError") return "This device already has a passkey for your account.";
  if (error.name === "SecurityError") return "Passkeys need HTTPS and a host name, not an IP address.";
  return "The passkey was not used. Try again.";
}
