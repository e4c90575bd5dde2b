import { describe, expect, it } from 'vitest';
import { entered, paramsOf } from './params.ts';

describe('parameters in fields', () => {
  it('come back as they were, with what no field is there for', () => {
    const params = { system: 'Be brief.', temperature: 0, stop: ['END', '###'], custom_params: { a: 1 }, top_k: 40 };
    expect(paramsOf(entered(params), params)).toEqual(params);
  });

  it('are left to others where a field is empty', () => {
    const before = { temperature: 1, seed: 7, custom_params: { a: 1 }, stop: ['END'] };
    const fields = entered(before);
    fields.numbers.temperature = '';
    expect(paramsOf({ ...fields, custom: ' ', stop: '\n' }, before)).toEqual({ seed: 7 });
  });

  it('keep zero, and numbers that an input gives as numbers', () => {
    const fields = entered({});
    fields.numbers.temperature = 0;
    expect(paramsOf(fields, {})).toEqual({ temperature: 0 });
  });

  it.each(['{', '[1]', '"x"'])('refuses %s as other parameters', (custom) =>
    expect(() => paramsOf({ ...entered({}), custom }, {})).toThrow('JSON'),
  );
});
