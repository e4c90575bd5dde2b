import { describe, expect, it } from 'vitest';
import { stepsOf } from './steps.ts';

const status = (action: string, more: object = {}) => ({ action, description: '', done: true, ...more });

describe('stepsOf', () => {
  it('says what is done, with what is searched for and where', () => {
    const steps = stepsOf([
      status('web_search', { done: false }),
      status('web_search_queries_generated', { done: false, queries: ['tea', ''] }),
      status('web_search', {
        urls: ['https://tea.example', 'javascript:alert(1)'],
        items: [{ link: 'https://tea.example', title: 'Tea' }],
      }),
      status('queries_generated', { done: false, queries: ['tea'] }),
      status('sources_retrieved', { count: 2 }),
    ]);
    expect(steps.map(({ text, running }) => [text, running])).toEqual([
      ['Searching the web', false],
      ['Searching the web for', false],
      ['Searched 2 sites', false],
      ['Searching what is attached for', false],
      ['2 sources found', false],
    ]);
    expect(steps[1]!.queries).toEqual(['tea']);
    expect(steps[2]!.links).toEqual([{ url: 'https://tea.example', title: 'Tea' }]);
  });

  it('says where a step is still running, and where a search found nothing or failed', () => {
    expect(stepsOf([status('knowledge_search', { done: false, query: 'tea' })])).toMatchObject([
      { text: 'Searching what is attached for', queries: ['tea'], running: true },
    ]);
    expect(stepsOf([status('web_search'), status('web_search', { error: true })])).toMatchObject([
      { text: 'The web search found nothing', failed: false },
      { text: 'The web search did not work', failed: true },
    ]);
    expect(stepsOf([status('sources_retrieved', { count: 0 })])[0]!.text).toMatch(/^Nothing about it/);
  });

  it('takes the words of a step that it does not know, and leaves out what is hidden or told elsewhere', () => {
    const other = status('files_unavailable', { description: 'Could not be read: a.pdf.', error: true });
    const waking = status('search_waking', { description: 'Waking', done: false });
    expect(stepsOf([other, waking]).map(({ text }) => text)).toEqual([
      'Could not be read: a.pdf.',
      'The search is being started, which can take half a minute',
    ]);
    expect(stepsOf([status('knowledge_search', { hidden: true }), status('context_summary')])).toEqual([]);
    expect(stepsOf(null)).toEqual([]);
  });
});
