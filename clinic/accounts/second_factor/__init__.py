"""The second factor at login: an authenticator app or passkeys, with recovery codes."""
