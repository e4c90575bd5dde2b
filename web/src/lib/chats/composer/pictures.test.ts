import { describe, expect, it } from 'vitest';
import { fit, MAX_BYTES, prepare } from './pictures.ts';

describe('pictures', () => {
  it('keep their proportions when they are made smaller', () => {
    expect(fit(8000, 4000)).toEqual({ width: 2048, height: 1024 });
    expect(fit(100, 9000)).toEqual({ width: 23, height: 2048 });
  });

  it('are never made larger', () => expect(fit(640, 480)).toEqual({ width: 640, height: 480 }));

  it('that fit are sent as they are', async () => {
    const file = new File([new Uint8Array(10)], 'a.png', { type: 'image/png' });
    expect(await prepare(file)).toBe(file);
  });

  it('that cannot be read are refused with words', async () => {
    const file = new File([new Uint8Array(MAX_BYTES + 1)], 'a.png', { type: 'image/png' });
    await expect(prepare(file)).rejects.toThrow(/picture/i);
  });
});
