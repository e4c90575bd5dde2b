import type { MarkedExtension, Tokens } from 'marked';
import { escapeHtml } from './escape';

/** Display: `$$…$$` and `\[…\]`, over several lines too. Inline: `\(…\)` and `$…$`, where a dollar amount is not a formula. */
const DISPLAY = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/;
const INLINE =
  /^(?:\$\$([^$]+?)\$\$|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)|\$(?!\s)((?:\\.|[^\\\n$])+?)(?<!\s)\$(?!\d))/;

interface MathToken extends Tokens.Generic {
  tex: string;
  display: boolean;
}

/** A placeholder that shows the source until KaTeX has been loaded. */
function render(token: Tokens.Generic): string {
  const { tex, display } = token as MathToken;
  const source = escapeHtml(tex);
  return display
    ? `<div data-tex="${source}" data-display="true">${source}</div>\n`
    : `<span data-tex="${source}">${source}</span>`;
}

export const math: MarkedExtension = {
  extensions: [
    {
      name: 'displayMath',
      level: 'block',
      start: (src) => /(?:^|\n) {0,3}(?:\$\$|\\\[)/.exec(src)?.index,
      tokenizer(src): MathToken | undefined {
        const found = DISPLAY.exec(src);
        if (!found) return undefined;
        return { type: 'displayMath', raw: found[0], tex: (found[1] ?? found[2] ?? '').trim(), display: true };
      },
      renderer: render,
    },
    {
      name: 'inlineMath',
      level: 'inline',
      start: (src) => /\$|\\\(|\\\[/.exec(src)?.index,
      tokenizer(src): MathToken | undefined {
        const found = INLINE.exec(src);
        if (!found) return undefined;
        const tex = (found[1] ?? found[2] ?? found[3] ?? found[4] ?? '').trim();
        return { type: 'inlineMath', raw: found[0], tex, display: false };
      },
      renderer: render,
    },
  ],
};
