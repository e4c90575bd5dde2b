import FileText from '@lucide/svelte/icons/file-text';
import Globe from '@lucide/svelte/icons/globe';
import Library from '@lucide/svelte/icons/library';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import type { MessageFile } from '../types.ts';

/** The picture that stands for an attached thing. */
export function iconOf({ type, url }: Pick<MessageFile, 'type' | 'url'>): typeof FileText {
  if (type === 'collection') return Library;
  if (type === 'chat') return MessageCircle;
  return url && type !== 'file' ? Globe : FileText;
}
