import { errorText } from '#lib/api/errors.ts';
import { complete, type Turn } from './stream.ts';

/** One run of the playground: what it writes, and how it ended. */
export class Run {
  busy = $state(false);
  problem = $state('');
  #stop: AbortController | undefined;

  async start(model: string, messages: Turn[], temperature: string, ontext: (text: string) => void): Promise<void> {
    const stop = (this.#stop = new AbortController());
    const given = temperature === '' ? {} : { temperature: Number(temperature) };
    this.busy = true;
    this.problem = '';
    try {
      await complete(model, messages, given, ontext, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.#stop?.abort();
  }
}
