import type { Token, TokensList } from 'marked';
import { markdown } from './marked';
import { mend } from './mend';

interface Common {
  /** Where the block begins in the text: stays the same while the text grows. */
  key: number;
  raw: string;
  /** Still growing: the last block of a running answer. */
  open: boolean;
}

export interface ProseBlock extends Common {
  kind: 'prose';
  tokens: Token[];
  links: TokensList['links'];
}

export interface CodeBlock extends Common {
  kind: 'code';
  language: string;
  code: string;
}

export type Block = ProseBlock | CodeBlock;

const CLOSED_FENCE = /\n {0,3}(`{3,}|~{3,})[ \t]*\n*$/;
const HALF_FENCE = /(?:^|\n) {0,3}[`~]{1,2}$/;

/**
 * Splits growing Markdown into top-level blocks. Only the end of the text is read again as it grows, and a block that did
 * not change stays the same object, so that only the last one is rendered again.
 */
export class BlockSplitter {
  #text = '';
  #blocks: Block[] = [];
  #links: TokensList['links'] = Object.create(null) as TokensList['links'];
  /** Blocks before this position in `#blocks` cannot change any more. */
  #settled = 0;

  /** Returns the blocks of `text`; `running` says that more may follow. */
  update(text: string, running: boolean): Block[] {
    const normal = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
    // A reference may be defined after its use: then the end of the answer is the time to read it all once more.
    const resolve = !running && Object.keys(this.#links).length > 0;
    if (resolve || !this.#continues(normal)) this.#restart();
    const from = this.#settled === 0 ? 0 : this.#blocks[this.#settled]!.key;
    const before = this.#blocks;
    const kept = before.slice(0, this.#settled);
    const known = new Map(before.slice(this.#settled).map((block) => [block.key, block]));
    const read = this.#read(normal.slice(from), from, running);
    const fresh = read.map((block) => {
      const old = known.get(block.key);
      return old && !resolve && old.kind === block.kind && old.raw === block.raw && old.open === block.open
        ? old
        : block;
    });
    this.#text = normal;
    this.#blocks = [...kept, ...fresh];
    // The last block grows and the one before it may still join it (a list after a blank line).
    this.#settled = Math.max(this.#settled, this.#blocks.length - 2);
    return this.#blocks;
  }

  /** A running text only grows; looking at its unsettled end is enough to notice that it was replaced. */
  #continues(text: string): boolean {
    const from = this.#blocks[this.#settled]?.key ?? 0;
    return text.length >= this.#text.length && text.slice(from, this.#text.length) === this.#text.slice(from);
  }

  #restart(): void {
    this.#settled = 0;
    this.#links = Object.create(null) as TokensList['links'];
  }

  #read(source: string, from: number, running: boolean): Block[] {
    const lexer = new markdown.Lexer(markdown.defaults);
    lexer.tokens.links = this.#links;
    const blocks: Block[] = [];
    let key = from;
    for (const token of lexer.lex(source)) {
      if (token.type !== 'space' && token.type !== 'def') blocks.push(this.#block(token, key));
      key += token.raw.length;
    }
    const last = blocks.at(-1);
    if (last && running) this.#open(last);
    return blocks;
  }

  #block(token: Token, key: number): Block {
    const common = { key, raw: token.raw, open: false };
    if (token.type !== 'code') return { ...common, kind: 'prose', tokens: [token], links: this.#links };
    const language = ((token.lang as string | undefined) ?? '').trim().split(/\s+/)[0] ?? '';
    return { ...common, kind: 'code', language: language.toLowerCase(), code: token.text as string };
  }

  #open(block: Block): void {
    if (block.kind === 'prose') {
      block.open = true;
      const lexer = new markdown.Lexer(markdown.defaults);
      lexer.tokens.links = this.#links;
      block.tokens = lexer.lex(mend(block.raw));
    } else if (!CLOSED_FENCE.test(block.raw)) {
      block.open = true;
      block.code = block.code.replace(HALF_FENCE, '');
    }
  }
}
