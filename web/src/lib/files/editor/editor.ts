import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  ViewPlugin,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { m } from '#lib/paraglide/messages.js';
import { grammarFor } from './grammars.ts';
import './editor.css';

export type Editing = {
  text: string;
  /** The name of the file, by which the text is coloured. */
  name: string;
  /** What screen readers call the field, and the id of what explains it. */
  label: string;
  about: string;
  /** Told whenever the text changes. */
  onchange: () => void;
};

/** An editor within `parent`, which nothing but its text has a say in. Escape, then Tab leads out of it. */
export function edit(parent: HTMLElement, { text, name, label, about, onchange }: Editing): EditorView {
  const grammar = new Compartment();
  const attributes = { 'aria-label': label, 'aria-describedby': about, spellcheck: 'true' };
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      search({ top: true }),
      syntaxHighlighting(classHighlighter),
      grammar.of([]),
      keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorState.phrases.of(phrases()),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of(attributes),
      EditorView.updateListener.of(({ docChanged }) => docChanged && onchange()),
      bothDirections,
    ],
  });
  // What cannot be coloured can be edited all the same.
  grammarFor(name)?.().then(
    (support) => view.dispatch({ effects: grammar.reconfigure(support) }),
    () => undefined,
  );
  return view;
}

const line = Decoration.line({ attributes: { dir: 'auto' } });

/** Each line that is shown runs in the direction of its own script. */
function lines({ state, visibleRanges }: EditorView): DecorationSet {
  const starts = new Set<number>();
  for (const { from, to } of visibleRanges)
    for (let at = state.doc.lineAt(from); ; at = state.doc.line(at.number + 1)) {
      starts.add(at.from);
      if (at.to >= to || at.number === state.doc.lines) break;
    }
  return Decoration.set([...starts].map((start) => line.range(start)));
}

const directions = ViewPlugin.define(
  (view) => ({
    lines: lines(view),
    update({ docChanged, viewportChanged, view: now }: ViewUpdate) {
      if (docChanged || viewportChanged) this.lines = lines(now);
    },
  }),
  { decorations: (plugin: { lines: DecorationSet }) => plugin.lines },
);

const bothDirections: Extension = [EditorView.perLineTextDirection.of(true), Prec.lowest(directions)];

/** What the editor says, in the person's language: https://codemirror.net/examples/translate/ */
const phrases = (): Record<string, string> => ({
  Find: m.editor_find(),
  Replace: m.editor_replace(),
  next: m.editor_next(),
  previous: m.editor_previous(),
  all: m.editor_all(),
  'match case': m.editor_match_case(),
  'by word': m.editor_by_word(),
  regexp: m.editor_regexp(),
  replace: m.editor_replace_one(),
  'replace all': m.editor_replace_all(),
  close: m.ui_close(),
  'current match': m.editor_current(),
  'on line': m.editor_on_line(),
  'replaced $ matches': m.editor_replaced({ count: '$' }),
  'replaced match on line $': m.editor_replaced_on({ line: '$' }),
});
