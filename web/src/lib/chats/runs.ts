import type { Message, Run } from './types.ts';

/** The reference of the `attempt`-th answer to a message. */
export function runOf(messageId: string, attempt: number, state: string): Run {
  return { task_id: `${messageId}.${attempt}`, attempt, state };
}

/** Which attempt at an answer a message has seen last; 0 before the first. */
export function attemptOf(message: Message): number {
  return message.run?.attempt ?? 0;
}

/** Whether the server is writing, or about to write, the answer. */
export function isActive(message: Message): boolean {
  return message.run?.state === 'queued' || message.run?.state === 'running';
}
