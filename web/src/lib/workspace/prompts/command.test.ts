import { describe, expect, it } from 'vitest';
import { commandOf, isCommand, variables } from './command';

describe('prompts', () => {
  it('make a command of their title', () =>
    expect(commandOf('  Résumé: the short one! ')).toBe('resume-the-short-one'));
  it('know what can be typed after the slash', () => {
    expect(isCommand('/sum_up-2')).toBe(true);
    expect(isCommand('sum up')).toBe(false);
    expect(isCommand('')).toBe(false);
  });
  it('find the variables that are asked for', () => {
    const text = 'For {{name}} ({{ tone | select:options=["dry","warm"] }}), {{name}}: {{CURRENT_DATE}}';
    expect(variables(text)).toEqual(['name', 'tone']);
  });
});
