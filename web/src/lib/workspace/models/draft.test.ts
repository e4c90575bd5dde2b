import { describe, expect, it } from 'vitest';
import { fromDraft, idOf, toDraft, type Preset } from './draft';

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
    knowledge: [{ type: 'collection', id: 'k' }],
  },
  access_control: null,
  is_active: true,
};

describe('drafts of models', () => {
  it('survive the way to the editor and back, with fields that it does not show', () => {
    const back = fromDraft(toDraft(preset), preset);
    expect(back.params).toEqual(preset.params);
    expect(back.meta).toMatchObject({
      knowledge: preset.meta.knowledge,
      suggestion_prompts: [{ title: ['A', 'poem'] }],
    });
    expect(back.meta.capabilities).toMatchObject({ vision: false, theirs: true });
  });
});

describe('idOf', () => {
  it('makes an id of a name in any script', () => {
    expect(idOf('  Crème brûlée! ')).toBe('creme-brulee');
    expect(idOf('詩人 2')).toBe('詩人-2');
  });
});
