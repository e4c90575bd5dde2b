import type { Socket } from 'socket.io-client';
import { readFrame, type ChatEvent } from './events';
import { readNotice, type Notice } from './notices';

export type Status = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'offline';

/** A half-open connection shows only by an unanswered heartbeat: the server sends no pings. */
const HEARTBEAT_MS = 60_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;
const RETRY_MS = 1_000;

/** The one connection of this tab. It keeps itself up from `connect` until `disconnect`. */
export class Realtime {
  status = $state<Status>('idle');
  #socket: Socket | undefined;
  #wanted = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /* eslint-disable svelte/prefer-svelte-reactivity -- listeners are not shown */
  #events = new Set<(event: ChatEvent) => void>();
  #notices = new Set<(notice: Notice) => void>();
  #resumed = new Set<() => void>();
  /* eslint-enable svelte/prefer-svelte-reactivity */

  /** The id the server knows this connection by; a request may name it even while the connection is being made. */
  get id(): string {
    return this.#socket?.id ?? 'reconnecting';
  }

  /** Calls `listener` for each event of a message; returns how to stop. */
  onEvent(listener: (event: ChatEvent) => void): () => void {
    this.#events.add(listener);
    return () => this.#events.delete(listener);
  }

  /** Calls `listener` with the data of each notice of a type; returns how to stop. */
  onNotice(type: string, listener: (data: unknown) => void): () => void {
    const taking = (notice: Notice) => notice.type === type && listener(notice.data);
    this.#notices.add(taking);
    return () => this.#notices.delete(taking);
  }

  /** Calls `listener` whenever a connection was made: what was sent in between is missing. */
  onResume(listener: () => void): () => void {
    this.#resumed.add(listener);
    return () => this.#resumed.delete(listener);
  }

  /** Signs in by the cookie, so the person must be signed in already. */
  async connect(): Promise<void> {
    if (this.#wanted) return;
    this.#wanted = true;
    this.status = 'connecting';
    const { io } = await import('socket.io-client');
    if (!this.#wanted || this.#socket) return;
    const socket = io({
      path: '/ws/socket.io',
      transports: ['websocket'],
      withCredentials: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 10_000,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.status = 'connected';
      for (const listener of this.#resumed) listener();
    });
    socket.on('disconnect', (reason) => {
      if (!this.#wanted) return;
      this.status = navigator.onLine ? 'reconnecting' : 'offline';
      // The stock client does not come back by itself after the server ended the session.
      if (reason === 'io server disconnect') setTimeout(() => this.#wanted && socket.connect(), RETRY_MS);
    });
    socket.on('connect_error', () => {
      this.status = navigator.onLine ? 'reconnecting' : 'offline';
    });
    socket.on('events', (frame: unknown) => {
      for (const event of readFrame(frame)) for (const listener of this.#events) listener(event);
      const notice = readNotice(frame);
      if (notice) for (const listener of this.#notices) listener(notice);
    });
    this.#timer = setInterval(this.#beat, HEARTBEAT_MS);
    addEventListener('online', this.#online);
    addEventListener('offline', this.#offline);
    document.addEventListener('visibilitychange', this.#beat);
  }

  disconnect(): void {
    this.#wanted = false;
    this.status = 'idle';
    clearInterval(this.#timer);
    removeEventListener('online', this.#online);
    removeEventListener('offline', this.#offline);
    document.removeEventListener('visibilitychange', this.#beat);
    this.#socket?.disconnect();
    this.#socket = undefined;
  }

  /** Tells the server which model is in use, for its count. */
  reportUsage(model: string): void {
    if (this.#socket?.connected) this.#socket.emit('usage', { action: 'chat', model });
  }

  #beat = (): void => {
    const socket = this.#socket;
    if (!socket?.connected || document.visibilityState !== 'visible') return;
    socket.timeout(HEARTBEAT_TIMEOUT_MS).emit('heartbeat', {}, (lost: Error | null) => {
      if (this.#socket !== socket) return;
      if (lost) this.#restart();
      else this.status = 'connected';
    });
  };

  #online = (): void => {
    if (this.#socket?.connected) this.#beat();
    else this.#restart();
  };

  #offline = (): void => {
    if (this.#wanted) this.status = 'offline';
  };

  #restart(): void {
    this.status = 'reconnecting';
    this.#socket?.disconnect();
    this.#socket?.connect();
  }
}

export const realtime = new Realtime();
