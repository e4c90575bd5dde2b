/** Code to be coloured; `block` stays the same while the code of one block grows. */
export interface HighlightRequest {
  block: number;
  language: string;
  code: string;
}

/** The HTML of the lines from line `from` on; null where the language could not be loaded. */
export interface HighlightReply {
  block: number;
  from: number;
  lines: string[] | null;
}

let worker: Worker | undefined;
let blocks = 0;
const waiting = new Map<number, (reply: HighlightReply) => void>();

function start(): Worker {
  const started = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightReply>) => {
    const answer = waiting.get(data.block);
    waiting.delete(data.block);
    answer?.(data);
  });
  return started;
}

/** Returns a number for a block that is going to be coloured. */
export function newBlock(): number {
  return ++blocks;
}

/** Asks the worker; one request per block may be under way. */
export function highlight(request: HighlightRequest): Promise<HighlightReply> {
  worker ??= start();
  const reply = new Promise<HighlightReply>((resolve) => waiting.set(request.block, resolve));
  worker.postMessage(request);
  return reply;
}
