import { describe, expect, it } from 'vitest';
import { joinCalls, laidOut } from './tools.ts';

describe('tool calls', () => {
  it('are put together from their pieces', () => {
    const begun = joinCalls([], [{ index: 0, id: 'a', function: { name: 'weather', arguments: '{"ci' } }]);
    const grown = joinCalls(begun, [
      { index: 0, function: { arguments: 'ty":1}' } },
      { index: 1, id: 'b', function: { name: 'time', arguments: '{}' } },
    ]);
    expect(grown).toEqual([
      { id: 'a', function: { name: 'weather', arguments: '{"city":1}' } },
      { id: 'b', function: { name: 'time', arguments: '{}' } },
    ]);
  });

  it('show their arguments laid out, and what is no JSON as it is', () => {
    expect(laidOut('{"city":1}')).toBe('{\n  "city": 1\n}');
    expect(laidOut('{"ci')).toBe('{"ci');
  });
});
