// Stands in for livekit-client in the bundle. The page talks over a signed-URL WebSocket only; LiveKit would be nine
// tenths of what a visitor loads (631 KB instead of 60).

export class Room {
  constructor() {
    throw new Error("WebRTC is not part of this build: start the session with a signed URL.");
  }
}

export const RoomEvent = {};
export const Track = { Source: {}, Kind: {} };
export const ConnectionState = {};

export function createLocalAudioTrack() {
  throw new Error("WebRTC is not part of this build: start the session with a signed URL.");
}
