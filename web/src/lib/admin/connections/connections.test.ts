import { describe, expect, it } from 'vitest';
import { blank, fromForm, listOf, toForm } from './connections';

const form = {
  ENABLE_OPENAI_API: true,
  OPENAI_API_BASE_URLS: ['https://one.example/v1', 'https://two.example/v1'],
  OPENAI_API_KEYS: ['••••••••abcd'],
  OPENAI_API_CONFIGS: {
    '0': {
      enable: false,
      prefix_id: 'one',
      tags: [{ name: 'fast' }],
      model_ids: ['m'],
      headers: { 'X-A': '••••••••' },
    },
    '1': { enable: true, api_version: '2024', source: 'environment' },
  },
};

describe('connections', () => {
  it('survive the way to the page and back, masks and unknown fields included', () => {
    const back = toForm(fromForm(form), true);
    expect(back.OPENAI_API_BASE_URLS).toEqual(form.OPENAI_API_BASE_URLS);
    expect(back.OPENAI_API_KEYS).toEqual(['••••••••abcd', '']);
    expect(back.OPENAI_API_CONFIGS['0']).toEqual({
      ...form.OPENAI_API_CONFIGS['0'],
      provider: 'openai',
      azure: false,
    });
    expect(back.OPENAI_API_CONFIGS['1']).toMatchObject({ api_version: '2024' });
  });
  it('keep each its own settings when one before them is removed', () => {
    const [, second] = fromForm(form);
    expect(toForm(second ? [second] : [], true).OPENAI_API_CONFIGS).toMatchObject({ '0': { api_version: '2024' } });
  });
  it('leave out headers without a name', () => {
    const headers = [{ name: ' ', value: 'x' }];
    expect(toForm([{ ...blank(), url: 'u', headers }], true).OPENAI_API_CONFIGS['0']).toMatchObject({ headers: null });
  });
  it('know the protocol, also where only azure is said', () => {
    const kinds = { ...form, OPENAI_API_CONFIGS: { '0': { provider: 'anthropic' }, '1': { azure: true } } };
    expect(fromForm(kinds).map(({ kind }) => kind)).toEqual(['anthropic', 'azure']);
    expect(toForm(fromForm(kinds), true).OPENAI_API_CONFIGS['0']).toMatchObject({ provider: 'anthropic' });
  });
  it('say the protocol also when it is the usual one again', () => {
    const [first] = fromForm({ ...form, OPENAI_API_CONFIGS: { '0': { provider: 'azure', azure: true } } });
    const back = toForm(first ? [{ ...first, kind: 'openai' }] : [], true);
    expect(back.OPENAI_API_CONFIGS['0']).toMatchObject({ provider: 'openai', azure: false });
  });
  it('read tags as plain words too', () => {
    const plain = { ...form, OPENAI_API_CONFIGS: { '0': { tags: ['a', { name: 'b' }, 3] } } };
    expect(fromForm(plain)[0]?.tags).toEqual(['a', 'b']);
  });
});

describe('listOf', () => {
  it('takes commas and lines, each word once', () => expect(listOf('a, b\na,,')).toEqual(['a', 'b']));
});
