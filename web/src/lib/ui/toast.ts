import { toast } from 'svelte-sonner';
import { errorText } from '#lib/api/errors.ts';
import { m } from '#lib/paraglide/messages.js';

/** Says in passing that something is done. */
export function notify(text: string): void {
  toast(text);
}

/** Says what went wrong; offers to try again where that makes sense. */
export function notifyError(title: string, error: unknown, retry?: () => void): void {
  toast.error(title, {
    description: errorText(error),
    duration: 8000,
    ...(retry ? { action: { label: m.ui_retry(), onClick: retry } } : {}),
  });
}

/** How long a deletion can be taken back, in milliseconds. */
export const UNDO_MS = 6000;

/**
 * Tells of something that is about to be done for good and can still be taken back. `commit` runs once when the
 * time is up, the toast is closed or the page is hidden; `undo` runs instead when the person asks for it.
 */
export function offerUndo(text: string, { commit, undo }: { commit: () => void; undo: () => void }): void {
  let settled = false;
  const settle = (action: () => void) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    removeEventListener('pagehide', finish);
    document.removeEventListener('visibilitychange', hidden);
    action();
  };
  const finish = () => settle(commit);
  const hidden = () => document.visibilityState === 'hidden' && finish();
  const timer = setTimeout(() => {
    finish();
    toast.dismiss(id);
  }, UNDO_MS);
  addEventListener('pagehide', finish);
  document.addEventListener('visibilitychange', hidden);
  const id = toast(text, {
    duration: UNDO_MS,
    action: { label: m.ui_undo(), onClick: () => settle(undo) },
    onDismiss: finish,
    onAutoClose: finish,
  });
}
