import { m } from '#lib/paraglide/messages.js';
import { notifyError } from '#lib/ui/toast.ts';
import type { Written } from '../actions.ts';
import { answers } from '../answers.svelte.ts';
import type { Conversation } from '../conversation.svelte.ts';
import { Gate, type Readiness } from './gate.svelte.ts';
import { Queue } from './queue.svelte.ts';

/** What a screen knows that decides when a question is sent. */
interface Screen {
  chatId: () => string | null;
  conversation: Conversation;
  /** An answer is being written. */
  busy: () => boolean;
  /** It is known which models are asked, and below which message. */
  ready: () => boolean;
  /** What decides that is still on its way. */
  pending: () => boolean;
  models: { readonly isError: boolean; readonly error: Error | null; refetch: () => Promise<unknown> };
  /** The message that a question goes below. */
  last: () => string | null;
  onsend: () => void;
}

/** Sends questions: at once, once it is known whom to ask, or after the answer that is being written. */
export function useSending(screen: Screen) {
  const { chatId, conversation, busy, models } = screen;
  const readiness = $derived<Readiness>(screen.ready() ? 'ready' : screen.pending() ? 'unknown' : 'closed');
  const gate = new Gate({ chatId, readiness: () => readiness, retry: () => models.refetch() });
  const queue = new Queue();

  $effect(() => gate.check(readiness));

  $effect.pre(() => {
    const id = chatId();
    queue.open(id, id !== null && conversation.began(id));
  });

  $effect(() =>
    answers.onEnd((ended, _messageId, whole) => {
      if (whole && ended === chatId() && answers.runningIn(ended).length === 0) next();
    }),
  );

  async function send(question: Written): Promise<boolean> {
    if (busy() || gate.holding) {
      queue.add(question);
      return true;
    }
    if (!(await gate.opens())) {
      if (models.error) notifyError(m.models_failed_unsent(), models.error);
      return false;
    }
    const sent = conversation.send(question, screen.last());
    screen.onsend();
    return sent;
  }

  /** Sends what waits longest. */
  function next(): void {
    const question = queue.take();
    if (question) void send(question).then((taken) => taken || queue.putBack(question));
  }

  return {
    queue,
    send,
    next,
    /** A question was taken and waits until it is known whom to ask. */
    get holding(): boolean {
      return gate.holding;
    },
    /** Nobody can be asked. Where the models could not be loaded, a question has them loaded again. */
    get closed(): boolean {
      return readiness === 'closed' && !models.isError;
    },
  };
}
