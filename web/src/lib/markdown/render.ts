import type { TokensList } from 'marked';
import type { ProseBlock } from './blocks';
import { markdown } from './marked';
import { sanitize } from './sanitize';

/** Returns the safe HTML of one block. */
export function renderProse(block: ProseBlock): string {
  const tokens = block.tokens as TokensList;
  return sanitize(markdown.parser(tokens));
}
