import type { ChatEvent } from '#lib/realtime/events.ts';
import { TextStream } from '#lib/realtime/stream.ts';
import type { Source } from './outcome.ts';
import { attemptOf } from './runs.ts';
import type { ComposedMessage, Message } from './types.ts';

/** Text is shown at most this often, whatever the number of events. */
const SHOW_MS = 40;
/** A missing piece may only be late: wait this long before asking. */
const LATE_MS = 150;
/** The stream log lags by up to half a second; ask again after that, then ever more seldom. */
const AGAIN_MS = 600;
const SELDOM_MS = 8_000;
/** Without a word for this long, ask how the answer is doing. */
const SILENCE_MS = 20_000;

/** An answer that is being written: grows by events, mends its gaps by reading the message. */
export class Answer {
  content = $state('');
  reasoning = $state('');
  running = $state(true);
  /** The person asked to stop it and the server has not said so yet. */
  stopping = $state(false);
  attempt: number;
  /** Milliseconds since the epoch. */
  startedAt = Date.now();
  reasoningStartedAt = $state<number | null>(null);
  /** Seconds; null while there is none or it goes on. */
  reasoningDuration = $state<number | null>(null);

  #content: TextStream;
  #reasoning: TextStream;
  #error: string | null = null;
  #usage: Record<string, unknown> | null = null;
  #firstAt: number | null = null;
  #source: Source;
  #showing: ReturnType<typeof setTimeout> | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #pause = AGAIN_MS;
  #reading = false;

  constructor(message: Message, source: Source) {
    this.#source = source;
    this.attempt = attemptOf(message) || 1;
    this.#content = new TextStream(message.content);
    this.#reasoning = new TextStream(message.reasoning_content ?? '');
    this.reasoningDuration = message.reasoning_duration ?? null;
    if (this.#reasoning.text) this.reasoningStartedAt = this.startedAt;
    this.#show();
    this.#listen();
  }

  /** The text so far, without waiting for the screen. */
  get text(): string {
    return this.#content.text;
  }

  apply(event: ChatEvent): void {
    if (!this.running) return;
    this.#listen();
    if (event.kind === 'text' || event.kind === 'reasoning') this.#firstAt ??= Date.now();
    switch (event.kind) {
      case 'text':
        this.#content.add(event.offset ?? this.#content.text.length, event.text);
        this.#endReasoning();
        break;
      case 'reasoning':
        this.#reasoning.add(event.offset ?? this.#reasoning.text.length, event.text);
        this.reasoningStartedAt ??= Date.now();
        break;
      case 'error':
        this.#error = event.message;
        break;
      case 'done':
        this.#usage = event.usage ?? this.#usage;
        return this.#done(event.content, event.length);
      case 'cancelled':
        return this.#done(null, this.#content.text.length);
      default:
    }
    this.#showSoon();
    if (this.#gap) this.#askAfter(LATE_MS, () => this.#gap);
  }

  /** Reads the message and goes on from there; called after a reconnect, on a gap and after a long silence. */
  async resync(): Promise<void> {
    if (!this.running || this.#reading) return;
    this.#reading = true;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    try {
      this.#adopt(await this.#source.read());
    } catch {
      this.#askAfter(this.#pause);
    } finally {
      this.#reading = false;
    }
    if (this.running && this.#gap) {
      this.#askAfter(this.#pause);
      this.#pause = Math.min(this.#pause * 1.6, SELDOM_MS);
    } else {
      this.#pause = AGAIN_MS;
    }
  }

  /** Ends here and now with a message for the person, keeping the text. */
  fail(message: string): void {
    if (!this.running) return;
    this.#error = message;
    this.#end();
  }

  /** Forgets the answer without telling anyone. */
  dispose(): void {
    this.running = false;
    for (const timer of [this.#showing, this.#asking, this.#silence]) clearTimeout(timer);
  }

  get #gap(): boolean {
    return this.#content.gap || this.#reasoning.gap;
  }

  #adopt(message: ComposedMessage): void {
    if (!this.running) return;
    this.#listen();
    this.attempt = attemptOf(message) || this.attempt;
    if (message.running) {
      this.#content.adopt(message.content);
      this.#reasoning.adopt(message.reasoning_content ?? '');
      if (this.#content.text) this.#endReasoning();
      this.#show();
      return;
    }
    this.#content.settle(message.content);
    this.#reasoning.settle(message.reasoning_content ?? '');
    this.reasoningDuration = message.reasoning_duration ?? this.reasoningDuration;
    this.#usage = message.usage ?? this.#usage;
    this.#end({
      ...(message.error ? { error: message.error } : {}),
      ...(message.timing ? { timing: message.timing } : {}),
    });
  }

  #done(content: string | null, length: number | null): void {
    if (content !== null) this.#content.settle(content);
    const whole = content !== null || ((length === null || length === this.#content.text.length) && !this.#gap);
    if (whole) this.#end();
    else void this.resync();
  }

  #end(more: Partial<Message> = {}): void {
    this.#endReasoning();
    this.#content.settle();
    this.#reasoning.settle();
    this.dispose();
    this.#show();
    this.#source.ended({
      content: this.content,
      ...(this.reasoning ? { reasoning_content: this.reasoning, reasoning_duration: this.reasoningDuration } : {}),
      ...(this.#firstAt === null ? {} : { timing: this.#timing(this.#firstAt) }),
      ...(this.#usage ? { usage: this.#usage } : {}),
      ...(this.#error === null ? {} : { error: { content: this.#error } }),
      ...more,
    });
  }

  #timing(firstAt: number): Message['timing'] {
    return { first_token: (firstAt - this.startedAt) / 1000, total: (Date.now() - this.startedAt) / 1000 };
  }

  #endReasoning(): void {
    if (this.reasoningStartedAt === null || this.reasoningDuration !== null) return;
    this.reasoningDuration = (Date.now() - this.reasoningStartedAt) / 1000;
  }

  #show(): void {
    clearTimeout(this.#showing);
    this.#showing = undefined;
    this.content = this.#content.text;
    this.reasoning = this.#reasoning.text;
  }

  #showSoon(): void {
    this.#showing ??= setTimeout(() => this.#show(), SHOW_MS);
  }

  #askAfter(pause: number, needed: () => boolean = () => true): void {
    this.#asking ??= setTimeout(() => {
      this.#asking = undefined;
      if (needed()) void this.resync();
    }, pause);
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => void this.resync().then(() => this.running && this.#listen()), SILENCE_MS);
  }
}
