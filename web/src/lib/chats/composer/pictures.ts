import { m } from '#lib/paraglide/messages.js';

/** A request may have 4 MB with all that is around the file. */
export const MAX_BYTES = 3_900_000;
/** More pixels than this are not seen by any vision model. */
const MAX_SIDE = 2048;
const SENT_AS_IS = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** The size that fits into `MAX_SIDE`, with the same proportions. */
export function fit(width: number, height: number, side: number = MAX_SIDE): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function draw(bitmap: ImageBitmap, side: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fit(bitmap.width, bitmap.height, side));
  const context = canvas.getContext('2d');
  if (!context) throw new Error(m.composer_picture_unreadable());
  // What is transparent would turn black in a JPEG.
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.86));
  if (!blob) throw new Error(m.composer_picture_unreadable());
  return blob;
}

/**
 * Returns a picture as it can be sent: as it is where that fits, otherwise smaller, as a JPEG.
 * Throws with words for the person when it is no picture this browser can read.
 */
export async function prepare(file: File): Promise<File> {
  if (SENT_AS_IS.includes(file.type) && file.size <= MAX_BYTES) return file;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(m.composer_picture_unreadable());
  }
  try {
    for (const side of [MAX_SIDE, MAX_SIDE / 2]) {
      const blob = await draw(bitmap, side);
      if (blob.size <= MAX_BYTES)
        return new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: blob.type });
    }
  } finally {
    bitmap.close();
  }
  throw new Error(m.composer_picture_too_large());
}
