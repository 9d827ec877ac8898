"""The pretend ElevenLabs: REST, WebSocket and webhooks, for working without an account. It knows us only over HTTP."""
