import { describe, expect, it } from 'vitest';
import { audienceOf, peopleOf, withPeople } from './access';

describe('access', () => {
  it('tells the three choices apart', () => {
    expect(audienceOf(null)).toBe('everyone');
    expect(audienceOf({})).toBe('private');
    expect(audienceOf({ read: { user_ids: [], group_ids: [] } })).toBe('private');
    expect(audienceOf({ read: { user_ids: ['a'] } })).toBe('people');
    expect(audienceOf({ write: { group_ids: ['g'] } })).toBe('people');
  });
  it('names people once, with what they may do', () => {
    expect(peopleOf({ read: { user_ids: ['a', 'b'] }, write: { user_ids: ['b'] } })).toEqual([
      { id: 'a', write: false },
      { id: 'b', write: true },
    ]);
  });
  it('keeps groups and what it does not know', () => {
    const rule = withPeople({ read: { group_ids: ['g'] }, ours: 1 }, [{ id: 'a', write: true }]);
    expect(rule).toEqual({
      ours: 1,
      read: { group_ids: ['g'], user_ids: ['a'] },
      write: { group_ids: [], user_ids: ['a'] },
    });
  });
});
