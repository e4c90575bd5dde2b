import { describe, expect, it } from 'vitest';
import { blank, fromDraft, idOf, objectIn, toDraft, type Preset } from './draft';

const preset: Preset = {
  id: 'poet',
  base_model_id: 'large',
  name: 'Poet',
  params: { system: 'Rhyme.', temperature: 0.9, stop: ['END'], mirostat: 2, custom_params: { a: 1 } },
  meta: {
    description: 'Writes verse',
    capabilities: { vision: false, theirs: true },
    suggestion_prompts: [{ title: ['A', 'poem'], content: 'A poem' }],
    tags: [{ name: 'fun' }],
    knowledge: [{ id: 'k' }],
  },
  access_control: null,
  is_active: true,
};

describe('drafts of models', () => {
  it('survive the way to the editor and back, with fields that it does not show', () => {
    const back = fromDraft(toDraft(preset), preset);
    expect(back.params).toEqual(preset.params);
    expect(back.meta).toMatchObject({ knowledge: [{ id: 'k' }], suggestion_prompts: [{ title: ['A', 'poem'] }] });
    expect(back.meta.capabilities).toMatchObject({ vision: false, theirs: true });
  });
  it('drop a parameter that was emptied', () => {
    const draft = toDraft(preset);
    draft.numbers.temperature = '';
    draft.stop = ' ';
    draft.custom = '';
    expect(fromDraft(draft, preset).params).toEqual({ system: 'Rhyme.', mirostat: 2 });
  });
  it('keep zero, and numbers that an input gives as numbers', () => {
    const draft = toDraft(blank());
    draft.numbers.temperature = 0 as unknown as string;
    expect(fromDraft(draft, blank()).params).toEqual({ temperature: 0 });
  });
  it('take an object only for further parameters', () => {
    expect(objectIn('{"a":1}')).toEqual({ a: 1 });
    expect(objectIn('[1]')).toBeUndefined();
    expect(objectIn('{')).toBeUndefined();
  });
});

describe('idOf', () => {
  it('makes an id of a name in any script', () => {
    expect(idOf('  Crème brûlée! ')).toBe('creme-brulee');
    expect(idOf('詩人 2')).toBe('詩人-2');
  });
});
