import { describe, expect, it } from 'vitest';
import { filled, variablesOf, type Known } from './variables.ts';

const known: Known = { CURRENT_DATE: () => '2026-11-21', CLIPBOARD: async () => 'copied' };

describe('variables of a prompt', () => {
  it('are asked for by type, each once', () => {
    const content =
      '{{name}} {{CURRENT_DATE}} {{tone | select:options=["kind","strict: very"]:default="kind"}} {{count | number:min=1:max=9:required}} {{name}}';
    expect(variablesOf(content, known)).toEqual([
      { name: 'name', type: 'text', required: false, placeholder: '', initial: '', options: [], limits: {} },
      { name: 'tone', type: 'select', required: false, placeholder: '', initial: 'kind', options: ['kind', 'strict: very'], limits: {} }, // prettier-ignore
      { name: 'count', type: 'number', required: true, placeholder: '', initial: '', options: [], limits: { min: '1', max: '9' } }, // prettier-ignore
    ]);
  });

  it('take options without quotes, and an unknown type as text', () => {
    const [select, text] = variablesOf('{{a | select:options=[x, y]}} {{b | hologram:placeholder="any: thing"}}', {});
    expect(select).toMatchObject({ options: ['x', 'y'], initial: 'x' });
    expect(text).toMatchObject({ type: 'text', placeholder: 'any: thing' });
  });

  it('are filled in, those of the moment too; others stay', async () => {
    const content = 'On {{CURRENT_DATE}} for {{ name | text }}: {{CLIPBOARD}} {{other}}';
    expect(await filled(content, { name: 'Ada' }, known)).toBe('On 2026-11-21 for Ada: copied {{other}}');
  });
});
