/** Something that the server tells a person which is about no message: its type, and what comes with it. */
export type Notice = { type: string; data: unknown };

/** What a frame of `events` tells beside messages; null where it is about one, or says nothing. */
export function readNotice(frame: unknown): Notice | null {
  if (typeof frame !== 'object' || frame === null) return null;
  const { message_id: message, data } = frame as { message_id?: unknown; data?: unknown };
  if (message || typeof data !== 'object' || data === null) return null;
  const { type, data: told } = data as { type?: unknown; data?: unknown };
  return typeof type === 'string' ? { type, data: told } : null;
}
