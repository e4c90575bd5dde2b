import { describe, expect, it, vi } from 'vitest';
import { Submission } from './submission.svelte.ts';

const event = () => ({ preventDefault: vi.fn() }) as unknown as Event;

describe('Submission', () => {
  it('is busy until the form is sent, and sends it once', async () => {
    let arrive = () => {};
    const send = vi.fn(() => new Promise<void>((resolve) => (arrive = resolve)));
    const form = new Submission(send);
    const sent = form.submit(event());
    expect(form.busy).toBe(true);
    await form.submit(event());
    expect(send).toHaveBeenCalledOnce();
    arrive();
    await sent;
    expect(form).toMatchObject({ busy: false, problem: '' });
  });

  it('says why a form was refused, until it is sent again', async () => {
    const send = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('The name is taken.'));
    const form = new Submission(send);
    await form.submit(event());
    expect(form).toMatchObject({ busy: false, problem: 'The name is taken.' });
    await form.submit(event());
    expect(form.problem).toBe('');
  });
});
