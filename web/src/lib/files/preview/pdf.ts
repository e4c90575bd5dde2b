import { GlobalWorkerOptions, getDocument, TextLayer, type PDFDocumentProxy, type RenderTask } from 'pdfjs-dist';
import Worker from 'pdfjs-dist/build/pdf.worker.min.mjs?worker';
import { findPassage } from './passage.ts';

let worker: Worker | undefined;

/** Opens a PDF; `onprogress` is told the bytes that have come, and how many there are where that is known. */
export function openPdf(url: string, onprogress: (loaded: number, total: number | null) => void) {
  GlobalWorkerOptions.workerPort ??= worker ??= new Worker();
  // No script of a document runs; its forms and links are not shown.
  const task = getDocument({ url, enableXfa: false, disableAutoFetch: true });
  task.onProgress = ({ loaded, total }: { loaded: number; total?: number }) => onprogress(loaded, total || null);
  return task;
}

/** A page being drawn; `done` brings the first piece of its text that is marked, `stop` ends it. */
export type Drawing = { done: Promise<HTMLElement | null>; stop: () => void };

type Sheet = { canvas: HTMLCanvasElement; text: HTMLElement };

/**
 * Draws a page `width` CSS pixels wide, with its text over it to be picked; `passage` is marked there.
 */
export function drawPage(
  pdf: PDFDocumentProxy,
  number: number,
  { canvas, text }: Sheet,
  { width, passage }: { width: number; passage?: string | undefined },
): Drawing {
  let stopped = false;
  let task: RenderTask | undefined;
  let layer: TextLayer | undefined;

  async function draw(): Promise<HTMLElement | null> {
    const page = await pdf.getPage(number);
    if (stopped) return null;
    const scale = width / page.getViewport({ scale: 1 }).width;
    const viewport = page.getViewport({ scale });
    const dense = Math.min(globalThis.devicePixelRatio || 1, 2);
    canvas.width = Math.floor(viewport.width * dense);
    canvas.height = Math.floor(viewport.height * dense);
    canvas.style.aspectRatio = `${viewport.width} / ${viewport.height}`;
    task = page.render({ canvas, viewport, transform: [dense, 0, 0, dense, 0, 0] });
    await task.promise;
    text.replaceChildren();
    text.style.setProperty('--total-scale-factor', String(scale));
    layer = new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport });
    await layer.render();
    return stopped ? null : mark(layer.textDivs, passage);
  }

  return {
    done: draw().catch((error: unknown) => {
      if (stopped) return null;
      throw error;
    }),
    stop: () => {
      stopped = true;
      task?.cancel();
      layer?.cancel();
    },
  };
}

function mark(pieces: HTMLElement[], passage: string | undefined): HTMLElement | null {
  const found = passage
    ? findPassage(
        pieces.map((piece) => piece.textContent ?? ''),
        passage,
      )
    : null;
  if (!found) return null;
  const marked = pieces.slice(found[0], found[1] + 1);
  for (const piece of marked) piece.dataset.marked = '';
  return marked[0] ?? null;
}
