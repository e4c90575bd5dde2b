import { describe, expect, it } from 'vitest';
import { formOf, serversOf } from './servers';

const form = {
  ENABLE_OLLAMA_API: true,
  OLLAMA_BASE_URLS: ['http://one:11434', 'http://two:11434'],
  OLLAMA_API_CONFIGS: { '0': { enable: false, key: '••••1234', prefix_id: 'one', weight: 3, tags: [{ name: 'gpu' }] } },
};

describe('servers of Ollama', () => {
  it('survive the way to the page and back, with fields that it does not show', () => {
    expect(formOf(serversOf(form)).OLLAMA_API_CONFIGS['0']).toEqual(form.OLLAMA_API_CONFIGS['0']);
  });
  it('keep each its own settings when one before them is removed', () => {
    const two = { ...form, OLLAMA_API_CONFIGS: { '1': { prefix_id: 'two' } } };
    expect(formOf(serversOf(two).slice(1)).OLLAMA_API_CONFIGS['0']).toMatchObject({ prefix_id: 'two' });
  });
});
