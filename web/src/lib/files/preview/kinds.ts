import { grammarOf } from '#lib/markdown/languages.ts';

/** How a file is shown: `document` is one that only its text can be shown of, `other` cannot be shown at all. */
export type Kind = 'image' | 'pdf' | 'audio' | 'video' | 'markdown' | 'table' | 'code' | 'text' | 'document' | 'other';

const BY_ENDING: Record<string, Kind> = {
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  csv: 'table',
  tsv: 'table',
  pdf: 'pdf',
  txt: 'text',
  log: 'text',
  rst: 'text',
  srt: 'text',
  vtt: 'text',
  mp3: 'audio',
  m4a: 'audio',
  aac: 'audio',
  wav: 'audio',
  ogg: 'audio',
  oga: 'audio',
  opus: 'audio',
  flac: 'audio',
  mp4: 'video',
  m4v: 'video',
  mov: 'video',
  webm: 'video',
  ogv: 'video',
  docx: 'document',
  doc: 'document',
  pptx: 'document',
  ppt: 'document',
  xlsx: 'document',
  xls: 'document',
  xlsm: 'document',
  xlsb: 'document',
  odt: 'document',
  ods: 'document',
  odp: 'document',
  rtf: 'document',
  epub: 'document',
  eml: 'document',
  msg: 'document',
};

/** A name's ending, without the dot, in small letters. */
export const endingOf = (name: string): string => (/\.([^./]+)$/.exec(name)?.[1] ?? '').toLowerCase();

/** The media types of images that browsers show; an SVG can do more than be looked at. */
const IMAGE = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

/** How a file is shown, by its media type where that says it all, and by its name. */
export function kindOf(name: string, type: string): Kind {
  if (IMAGE.test(type)) return 'image';
  if (type === 'application/pdf') return 'pdf';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/')) return 'video';
  const ending = endingOf(name);
  const known = Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined;
  if (known) return known;
  if (grammarOf(ending) || grammarOf(name)) return 'code';
  if (type.startsWith('text/')) return 'text';
  return 'other';
}

/** Whether the file's own bytes are text. */
export const isText = (kind: Kind): boolean => ['markdown', 'table', 'code', 'text'].includes(kind);
