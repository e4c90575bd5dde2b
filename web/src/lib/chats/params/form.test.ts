import { describe, expect, it } from 'vitest';
import { entered, paramsOf } from './form.ts';

describe('parameters in fields', () => {
  it('come back as they were, with what no field is there for', () => {
    const params = { system: 'Be brief.', temperature: 0, stop: ['END', '###'], custom_params: { a: 1 }, top_k: 40 };
    expect(paramsOf(entered(params), params)).toEqual(params);
  });

  it('are left to others where a field is empty', () => {
    const fields = entered({ temperature: 1, seed: 7, custom_params: { a: 1 } });
    expect(paramsOf({ ...fields, temperature: '', custom: ' ' }, { temperature: 1, seed: 7 })).toEqual({ seed: 7 });
  });

  it.each(['{', '[1]', '"x"'])('refuses %s as a custom body', (custom) =>
    expect(() => paramsOf({ ...entered({}), custom }, {})).toThrow('JSON'),
  );
});
