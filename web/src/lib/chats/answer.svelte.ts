import { m } from '#lib/paraglide/messages.js';
import type { ChatEvent, Counts } from '#lib/realtime/events.ts';
import { TextStream } from '#lib/realtime/stream.ts';
import { Grounds } from './citations/grounds.svelte.ts';
import { given, timed, type Source } from './outcome.ts';
import { AGAIN_MS, LATE_MS, SELDOM_MS, SHOW_MS, SILENCE_MS } from './pace.ts';
import { attemptOf } from './runs.ts';
import type { ComposedMessage, Message } from './types.ts';

/** An answer that is being written: grows by events, mends its gaps by reading the message. */
export class Answer {
  content = $state('');
  reasoning = $state('');
  running = $state(true);
  /** The person asked to stop it and the server has not said so yet. */
  stopping = $state(false);
  /** Asked for, and the server has not taken it yet: what is stored of the message is of before. */
  starting = false;
  readonly grounds: Grounds;
  attempt: number;
  /** Ends it where it is not the server that writes it. */
  abort: (() => void) | undefined;
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
  /** It has ended, and something beside its text was not heard of. */
  #over = false;

  constructor(message: Message, source: Source) {
    this.#source = source;
    this.attempt = attemptOf(message) || 1;
    this.#content = new TextStream(message.content);
    this.#reasoning = new TextStream(message.reasoning_content ?? '');
    this.reasoningDuration = message.reasoning_duration ?? null;
    this.grounds = new Grounds(message);
    if (this.#reasoning.text) this.reasoningStartedAt = this.startedAt;
    this.#show();
    this.#listen();
  }

  /** The text so far, without waiting for the screen. */
  get text(): string {
    return this.#content.text;
  }

  /** How long it took to begin and to be written so far; null before the first text. */
  get timing(): Message['timing'] {
    return this.#firstAt === null ? null : timed(this.startedAt, this.#firstAt);
  }

  apply(event: ChatEvent): void {
    if (!this.running) return;
    this.#listen();
    this.grounds.apply(event);
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
        return this.#done(event.content, event.length, event.counts);
      case 'cancelled':
        return this.#done(null, this.#content.text.length, event.counts);
    }
    this.#showing ??= setTimeout(() => this.#show(), SHOW_MS);
    if (this.#gap) this.#askAfter(LATE_MS, () => this.#gap);
  }

  /** Reads the message and goes on from there; called after a reconnect, on a gap and after a long silence. */
  async resync(): Promise<void> {
    if (!this.running || this.#reading) return;
    if (this.starting) return this.#askAfter(this.#pause);
    this.#reading = true;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    try {
      const message = await this.#source.read();
      if (message) this.#adopt(message);
      else if (this.#over) this.#end();
      else if (this.#pause >= SELDOM_MS) this.fail(m.chat_temporary_lost());
    } catch {
      this.#askAfter(this.#pause);
    } finally {
      this.#reading = false;
    }
    const again = this.running && (this.#gap || this.stopping || this.#over);
    if (again) this.#askAfter(this.#pause);
    this.#pause = again ? Math.min(this.#pause * 1.6, SELDOM_MS) : AGAIN_MS;
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
    this.grounds.adopt(message);
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
    const { error, timing, context_summary } = message;
    this.#end(given({ error, timing, context_summary }));
  }

  #done(content: string | null, length: number | null, counts?: Counts): void {
    if (content !== null) this.#content.settle(content);
    const whole = content !== null || ((length === null || length === this.#content.text.length) && !this.#gap);
    const heard = !counts || (this.grounds.has(counts) && this.#reasoning.text.length >= counts.reasoning);
    this.#over = whole && !heard;
    if (whole && !this.#over) this.#end();
    else void this.resync();
  }

  #end(more: Partial<Message> = {}): void {
    this.#endReasoning();
    this.#content.settle();
    this.#reasoning.settle();
    this.dispose();
    this.#show();
    const known = given({
      ...(this.reasoning ? { reasoning_content: this.reasoning, reasoning_duration: this.reasoningDuration } : {}),
      timing: this.timing,
      usage: this.#usage,
      ...this.grounds.kept,
    });
    const error = this.#error === null ? {} : { error: { content: this.#error } };
    this.#source.ended({ content: this.content, ...known, ...error, ...more });
  }

  #endReasoning(): void {
    if (this.reasoningStartedAt === null || this.reasoningDuration !== null) return;
    this.reasoningDuration = (Date.now() - this.reasoningStartedAt) / 1000;
  }

  #show(): void {
    this.#showing = void clearTimeout(this.#showing);
    this.content = this.#content.text;
    this.reasoning = this.#reasoning.text;
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
