import { describe, expect, it } from 'vitest';
import { textOf } from './stream';

describe('textOf', () => {
  it('takes the text of a delta', () => expect(textOf('{"choices":[{"delta":{"content":"Hi"}}]}')).toBe('Hi'));
  it('passes over the end and events without text', () => {
    expect(textOf('[DONE]')).toBe('');
    expect(textOf('{"choices":[],"usage":{}}')).toBe('');
  });
  it('tells of trouble', () => expect(() => textOf('{"error":{"message":"No key"}}')).toThrow('No key'));
});
