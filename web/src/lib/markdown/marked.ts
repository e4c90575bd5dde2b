import { Marked } from 'marked';
import { escapeHtml } from './escape';
import { math } from './math';

/** The one Markdown dialect of the app: GitHub's, with formulas. Its output is not safe yet: see `sanitize.ts`. */
export const markdown = new Marked({ gfm: true, breaks: false }, math, {
  renderer: {
    code({ text, lang }) {
      const language = escapeHtml((lang ?? '').trim().split(/\s+/)[0] ?? '');
      return `<pre data-language="${language}" tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`;
    },
    // A picture from elsewhere would tell its server what was read, and when: it becomes a link to click.
    image({ href, text }) {
      const label = escapeHtml(text || href);
      const own = /^(?:\/(?!\/)|data:image\/(?:png|jpe?g|gif|webp);)/i.test(href);
      return own ? `<img src="${escapeHtml(href)}" alt="${label}">` : `<a href="${escapeHtml(href)}">${label}</a>`;
    },
    // Wide tables scroll inside their own box.
    table(token) {
      const row = (cells: typeof token.header, tag: string) =>
        `<tr>${cells
          .map((cell) => {
            const align = cell.align ? ` align="${cell.align}"` : '';
            return `<${tag}${align}>${this.parser.parseInline(cell.tokens)}</${tag}>`;
          })
          .join('')}</tr>`;
      const body = token.rows.map((cells) => row(cells, 'td')).join('\n');
      return `<figure tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></figure>\n`;
    },
  },
});
